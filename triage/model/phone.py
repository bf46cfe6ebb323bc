"""A phone number in E.164: kind of sender, written, spoken, time zone."""

import re
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone


class SenderKind(StrEnum):
    """What stands in Twilio's `From`."""

    PHONE_NANP = "phone_nanp"
    PHONE_FOREIGN = "phone_foreign"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    CHANNEL = "channel"  # whatsapp:, rcs:, messenger:, client:, sip: ...
    WITHHELD = "withheld"
    INVALID = "invalid"

    @property
    def is_phone(self) -> bool:
        """Tell whether it is a number that can be called."""
        return self in (SenderKind.PHONE_NANP, SenderKind.PHONE_FOREIGN)


# What the network puts for a number that was not given, in letters or as those letters on a keypad.
_WITHHELD = {"", "+", "anonymous", "restricted", "unavailable", "unknown"} | {
    "+266696687", "+7378742833", "+17378742833", "+7378742883", "+17378742883", "+86282452253", "+2562533", "+8656696",
    "+464",
}  # fmt: skip


def sender_kind(raw_from: str) -> SenderKind:
    """Tell what sent a message or a call; only the two PHONE kinds can be answered or called."""
    sender = raw_from.strip()
    if sender.lower() in _WITHHELD:
        return SenderKind.WITHHELD
    if re.fullmatch(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}", sender):
        return SenderKind.PHONE_NANP
    if re.fullmatch(r"\+[2-9][0-9]{7,14}", sender):
        return SenderKind.PHONE_FOREIGN
    if re.fullmatch(r"[0-9]{3,6}", sender):
        return SenderKind.SHORT_CODE
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", sender):
        return SenderKind.CHANNEL
    if re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 &_.+-]{1,11}", sender):
        return SenderKind.ALPHANUMERIC
    return SenderKind.INVALID


# Of RFC 3966, which `tel:` links understand: "+16025550134;ext=14" is kept and handed on as one, so that an extension
# never outlives its number.
_EXTENSION = ";ext="


def with_extension(phone: str, extension: str) -> str:
    """Return the E.164 number as it is kept, with its extension if it has one."""
    return f"{phone}{_EXTENSION}{extension}" if extension else phone


def parted(number: str) -> tuple[str, str]:
    """Return the E.164 number and the extension of a number as it is kept; "" where it has none."""
    phone, _, extension = number.partition(_EXTENSION)
    return phone, extension


def is_north_american(phone: str) -> bool:
    """Tell whether an E.164 number is of the North American plan: those alone are texted, and offered to be called."""
    return phone.startswith("+1")


def is_withheld(phone: str) -> bool:
    """Tell whether this stands for a caller who gave no number."""
    return phone.startswith(f"{SenderKind.WITHHELD}:")


def as_written(phone: str) -> str:
    """Write "602-555-0134" for an E.164 number of the North American plan, the international form for others; an
    extension as "602-555-0134 ext. 14".

    What is no number stays as it is: "withheld:..." for a caller who gave none.
    """
    phone, extension = parted(phone)
    if extension:
        return f"{as_written(phone)} ext. {extension}"
    if is_north_american(phone) and len(phone) == 12:
        return f"{phone[2:5]}-{phone[5:8]}-{phone[8:]}"
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def as_spoken(phone: str) -> str:
    """Spell "6 0 2, 5 5 5, 0 1 3 4": digit by digit with pauses, or a voice would read a sum of money.

    Without its extension, before which a word must stand.
    """
    groups = re.findall(r"[0-9]+", as_written(parted(phone)[0]))
    return ", ".join(" ".join(group) for group in groups)


@lru_cache(maxsize=1024)
def zone_of(phone: str) -> ZoneInfo | None:
    """Return the time zone of an E.164 number; None where its area code has several, or none."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(parted(phone)[0], None))
    except phonenumbers.NumberParseException:
        return None
    return ZoneInfo(zones[0]) if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else None


E164 = re.compile(r"\+[1-9]\d{6,14}")
