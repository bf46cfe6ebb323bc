"""The Messages resource: what the clinic sends, and the list it can ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import overload

from flask import request, send_from_directory
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.config import PhoneConfig, read_number
from phone.faults import Fault, Faults
from phone.records import Direction, Message, Status, new_sid
from phone.rest import fields
from phone.rest.errors import RestError
from phone.rest.resources import Json, media_json, message_json, page_json
from phone.texts.delivery import OPTED_OUT, Delivery

LONGEST_BODY = 1600

LONGEST_VALIDITY_S = 36_000


@dataclass(frozen=True)
class Shown(Sequence[Json]):
    """Texts that become JSON when they are looked at: of a long list only one page is."""

    texts: Sequence[Message]
    account: str

    @overload
    def __getitem__(self, place: int) -> Json: ...
    @overload
    def __getitem__(self, place: slice) -> list[Json]: ...
    def __getitem__(self, place: int | slice) -> Json | list[Json]:
        if isinstance(place, slice):
            return [message_json(text, self.account) for text in self.texts[place]]
        return message_json(self.texts[place], self.account)

    def __len__(self) -> int:
        return len(self.texts)


class Texts:
    """Views of Messages.json and what hangs below it."""

    def __init__(self, config: PhoneConfig, board: Board, delivery: Delivery, faults: Faults) -> None:
        self._config = config
        self._board = board
        self._delivery = delivery
        self._faults = faults

    def create(self) -> ResponseReturnValue:
        message = self._draft(fields.read(request.form, fields.MESSAGE_CREATE), request.form.getlist("MediaUrl"))
        # The page must show it as it stands now: in the next moment it may be on its way.
        shown = message_json(message, self._config.account_sid)
        self._delivery.send(message)
        return shown, 201

    def _draft(self, form: Mapping[str, str], media: list[str]) -> Message:
        """Make a message out of the form. Raises RestError with Twilio's code."""
        if unplayed := [name for name in fields.NOT_PLAYED if form.get(name)]:
            raise RestError(400, 20001, f"The local phone does not play {', '.join(unplayed)}")
        _check_content(form, media)
        recipient = _recipient(form)
        sender = self._sender(form, recipient)
        if recipient == sender:
            raise RestError(400, 21266, f"'To' and 'From' number cannot be the same: {recipient}")
        if self._board.is_opted_out(sender, recipient):
            raise RestError(400, OPTED_OUT, "Attempt to send to unsubscribed recipient")
        now, service = datetime.now(UTC), form.get("MessagingServiceSid") or None
        is_crowded = self._faults.strikes(Fault.FULL_QUEUE)
        if is_crowded and not service:
            raise RestError(400, 21611, "This 'From' number has exceeded the maximum number of queued messages")
        return Message(
            new_sid("MM" if media else "SM"), sender, recipient, form.get("Body", ""), Direction.API,
            Status.ACCEPTED if service else Status.QUEUED, now, now, media=tuple(media),
            service_sid=service, receipts_to=form.get("StatusCallback", ""), is_crowded=is_crowded,
        )  # fmt: skip

    def _sender(self, form: Mapping[str, str], recipient: str) -> str:
        """Return one of the clinic's numbers; a Messaging Service picks it itself."""
        if form.get("MessagingServiceSid"):
            return self._picked(form["MessagingServiceSid"], recipient)
        if not form.get("From"):
            raise RestError(400, 21603, "A 'From' phone number is required.")
        sender = read_number(form["From"])
        if sender is None or self._board.number(sender) is None:
            raise RestError(400, 21606, f"The 'From' phone number {form['From']} is not one of this account")
        return sender

    def _picked(self, service_sid: str, recipient: str) -> str:
        """Return the number that the service sends from: where it is sticky, the one that last wrote to this person."""
        service = self._board.service
        if service is None or service.sid != service_sid:
            raise RestError(400, 21701, "The Messaging Service does not exist")
        if not service.numbers:
            raise RestError(400, 21704, "The Messaging Service contains no phone numbers")
        talk = [text.clinic for text in self._board.messages() if text.person == recipient]
        known = [phone for phone in talk if phone in service.numbers]
        return known[-1] if known and service.is_sticky else service.numbers[0]

    def list(self) -> ResponseReturnValue:
        """List the texts, newest first; what the carrier said by itself is not in it."""
        asked = fields.read(request.args, fields.MESSAGE_LIST)
        days = _days(asked)
        found = [
            message
            for message in reversed(self._board.messages())
            if message.direction is not Direction.CARRIER and _is_asked_for(message, asked, days)
        ]
        return page_json("messages", Shown(found, self._config.account_sid), request.path, asked)

    def fetch(self, sid: str) -> ResponseReturnValue:
        return message_json(self._find(sid), self._config.account_sid)

    def update(self, sid: str) -> ResponseReturnValue:
        """Redact a body. Cancelling is for scheduled texts, which this phone does not take."""
        message, form = self._find(sid), fields.read(request.form, fields.MESSAGE_UPDATE)
        if form.get("Status"):
            raise RestError(400, 30409, "Message cannot be canceled")
        if form.get("Body"):
            raise RestError(400, 20001, "Body can only be emptied")
        return message_json(self._board.change(sid, body="") or message, self._config.account_sid)

    def delete(self, sid: str) -> ResponseReturnValue:
        self._board.delete(self._find(sid).sid)
        return "", 204

    def media(self, sid: str) -> ResponseReturnValue:
        message = self._find(sid)
        shown = [
            media_json(message, url.rpartition("/")[2], self._config.account_sid) for url in self._own_media(message)
        ]
        return page_json("media_list", shown, request.path, {})

    def picture(self, sid: str, media: str) -> ResponseReturnValue:
        """Give the picture: every one that is sent from here is the same sample."""
        if not any(url.endswith(f"/{media}") for url in self._own_media(self._find(sid))):
            raise RestError(404, 20404, "The requested resource was not found")
        return send_from_directory("static", "sample-photo.jpg", mimetype="image/jpeg")

    def _own_media(self, message: Message) -> tuple[str, ...]:
        return message.media if message.direction is Direction.INBOUND else ()

    def _find(self, sid: str) -> Message:
        message = self._board.message(sid)
        if message is None or message.direction is Direction.CARRIER:
            raise RestError(404, 20404, f"The requested resource {request.path} was not found")
        return message


def _check_content(form: Mapping[str, str], media: list[str]) -> None:
    if not form.get("Body") and not media:
        raise RestError(400, 21602, "Message body is required.")
    if len(form.get("Body", "")) > LONGEST_BODY:
        raise RestError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if not all(re.fullmatch(r"https?://\S+", url) for url in media):
        raise RestError(400, 21620, "Invalid media URL(s)")
    if not re.fullmatch(fields.URL, form.get("StatusCallback", "")):
        raise RestError(400, 21609, "The StatusCallback URL is not a valid URL.")
    if not 1 <= int(form.get("ValidityPeriod", LONGEST_VALIDITY_S)) <= LONGEST_VALIDITY_S:
        raise RestError(400, 30045, "ValidityPeriod must be from 1 to 36000 seconds")


def _recipient(form: Mapping[str, str]) -> str:
    written = form.get("To", "")
    if not written:
        raise RestError(400, 21604, "A 'To' phone number is required.")
    if re.fullmatch(r"\d{5,6}", written):
        raise RestError(400, 21265, "'To' number cannot be a Short Code")
    recipient = read_number(written)
    if recipient is None:
        raise RestError(400, 21211, f"Invalid 'To' Phone Number: {written}")
    return recipient


def _is_asked_for(message: Message, asked: Mapping[str, str], days: Mapping[str, date]) -> bool:
    """Tell whether a text is asked for; one that is not sent yet stands under the day it was made."""
    sent = (message.sent_at or message.created_at).date()
    return (
        asked.get("To", message.recipient) == message.recipient
        and asked.get("From", message.sender) == message.sender
        and days.get("DateSent", sent) == sent
        and days.get("DateSent>", sent) <= sent <= days.get("DateSent<", sent)
    )


def _days(asked: Mapping[str, str]) -> dict[str, date]:
    """Read the date filters as days in GMT: whatever time stands with them, Twilio's list goes by days, both ends
    in.
    """
    days = {}
    for name in asked.keys() & {"DateSent", "DateSent<", "DateSent>"}:
        try:
            moment = datetime.fromisoformat(asked[name])
        except ValueError as wrong:
            raise RestError(400, 20001, f"Invalid parameters: {name}") from wrong
        days[name] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    return days
