"""A due notice as the text to send, or why it may not go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from triage.model.notice import Kind, Notice
from triage.model.person import Person
from triage.model.request import Flag, Request
from triage.notices.plan import holds
from triage.notices.quiet_hours import next_staff_hour, next_text_hour, text_hours_end, zone_of
from triage.notices.to_patients import ASKED_FOR, LATE, answered_by, may_reach_the_wrong_person
from triage.policy import ANSWERED_WITHIN, STAFF_LANG
from triage.ports import Messenger
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import members, messages, notices, people, requests
from triage.team.alert_codes import coded

log = structlog.get_logger()

# How long the word of another window waits, each time, for what becomes of a crisis: it may count again after it.
LOOKED_AT_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Outbox:
    """What sending needs. The runtime's `now` is asked anew for every text: a slow provider makes a tick long."""

    runtime: Runtime
    messenger: Messenger


@dataclass(frozen=True)
class DueText:
    """A text that may go now. `travelling`: the notices that it carries, its own among them."""

    to: str
    body: str
    validity_s: int
    travelling: tuple[int, ...] = ()


def still_wanted(db: Connection, clinic: Clinic, notice: Notice, now: datetime) -> Request | None:
    """Return the request of a notice to staff; None, and the notice dropped or put off, where it may not go now."""
    request = requests.get(db, notice.request_id) if notice.request_id else None
    if request is None or not holds(notice, request, clinic.alerts, now):
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    go_at = next_staff_hour(notice.kind, request, clinic, now)
    if go_at > now:
        notices.postpone(db, notice.id, go_at, "outside_hours", now)
        return None
    return request


def _dropped_as_expired(db: Connection, notice: Notice, now: datetime) -> bool:
    if notice.expires_at is None or notice.expires_at > now:
        return False
    notices.drop(db, notice.id, "expired", now)
    return True


def compose(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    if notice.person_id is not None:
        return _letter_to_patient(db, outbox, notice, now)
    if notice.kind is Kind.CONFIRM_PHONE:
        return _letter_with_code(db, outbox, notice, now)
    if notice.kind in (Kind.LATE_COMMAND, Kind.BALANCE_OFF, Kind.CALL_NOT_MADE, Kind.DONE_BY_TEXT):
        return _letter_as_written(db, outbox, notice, now)
    if notice.kind is Kind.TELL_OUTCOME:
        return _letter_about_talk(db, outbox, notice, now)
    return _letter_to_staff(db, outbox, notice, now)


def _letter_to_patient(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    """Compose a text to a patient. Opt-out, hours and the state of the request are those of this moment."""
    assert notice.person_id is not None
    person = people.get(db, notice.person_id)
    request = requests.get(db, notice.request_id) if notice.request_id else None
    body = notices.body_of(db, notice.id)
    stands = holds(notice, request, outbox.runtime.clinic.alerts, now) if request else notice.request_id is None
    if person is None or body is None or not stands:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if not body or not person.phone:
        _tell_unreadable(db, notice, now)
        return None
    if notice.kind is Kind.LATE_ALARM:
        # It answers their own words, so it goes even after an opt-out, as it would have gone at once.
        return DueText(person.phone, body, _validity_s(outbox, notice, now))
    if not person.may_be_texted:
        notices.drop(db, notice.id, "opted_out" if person.opted_out_at else "not_textable", now)
        return None
    if may_reach_the_wrong_person(notice.kind, request):
        notices.drop(db, notice.id, "wrong_number", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    if notice.kind is Kind.NEW_PROMISE and request and request.priority.pages:
        notices.postpone(db, notice.id, now + LOOKED_AT_AGAIN, "in_crisis", now)
        return None
    arrived = messages.arrived(db, answered_by(notice)) if notice.kind in LATE else None
    if notice.kind is Kind.LATE_CONFIRMATION and arrived and not arrived.is_newest:
        notices.drop(db, notice.id, "not_needed", now)  # the talk has gone on, and what it asks stands elsewhere
        return None
    body = _with_988(db, outbox, person, body)
    zone, texts = zone_of(person, outbox.runtime.clinic), outbox.runtime.clinic.texts_to_patients
    if notice.kind in ASKED_FOR or (arrived and now - arrived.at <= ANSWERED_WITHIN):
        return DueText(person.phone, body, _validity_s(outbox, notice, now))
    go_at = next_text_hour(texts, zone, now)
    if go_at > now:
        notices.postpone(db, notice.id, go_at, "night", now, expires_at=go_at + texts.useful)
        return None
    # A text that waits at the carrier must not land at night.
    return DueText(person.phone, body, _validity_s(outbox, notice, now, text_hours_end(texts, zone, now)))


def _tell_unreadable(db: Connection, notice: Notice, now: datetime) -> None:
    """Drop a text whose words or number no key opens, and have staff see on the request that it did not go."""
    log.error("notice_unreadable", notice=notice.id)
    notices.drop(db, notice.id, "unreadable", now)
    if notice.request_id is not None:
        for flag in (Flag.UNREADABLE, Flag.UNDELIVERED):
            requests.add_flag(db, notice.request_id, flag, now)


def _with_988(db: Connection, outbox: Outbox, person: Person, body: str) -> str:
    """Add 988 to whatever we write to somebody for whom people are alerted."""
    request = requests.open_of(db, person.id)
    if request is None or not request.priority.pages or "988" in body:
        return body
    return " ".join((body, outbox.runtime.words.say("in_crisis", request.lang)))


def _letter_with_code(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    member = members.get(db, notice.staff_id) if notice.staff_id else None
    body = notices.body_of(db, notice.id)
    if member is None or member.phone is None or not body or member.phone_confirmed_at or member.disabled_at:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    return DueText(member.phone, body, _validity_s(outbox, notice, now))


def _letter_as_written(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    """Compose a text to a member of staff whose words were written when it was planned."""
    member = members.get(db, notice.staff_id) if notice.staff_id else None
    body = notices.body_of(db, notice.id)
    if member is None or member.phone is None or not body or not member.is_reachable:
        notices.drop(db, notice.id, "phone_unconfirmed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    return DueText(member.phone, body, _validity_s(outbox, notice, now))


def _letter_about_talk(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    """Ask who has talked with a patient how it ended, unless they have told it."""
    member = members.get(db, notice.staff_id) if notice.staff_id else None
    talk = None
    if member is not None and notice.request_id is not None:
        talk = requests.awaiting_outcome(db, notice.request_id, member.id)
    if member is None or member.phone is None or not member.is_reachable or talk is None:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    minutes = -(-(talk.talked_s or 1) // 60)
    values = {
        "ref": talk.request_id, "coded": coded(talk.request_id, member.id, now), "minutes": minutes,
        "sender": outbox.runtime.clinic.sender_name,
    }  # fmt: skip
    body = outbox.runtime.words.say("staff/tell_outcome", STAFF_LANG, values)
    return DueText(member.phone, body, _validity_s(outbox, notice, now))


def _letter_to_staff(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    """Compose a reference, how grave it is and a link; nothing of the patient."""
    request = still_wanted(db, outbox.runtime.clinic, notice, now)
    member = members.get(db, notice.staff_id) if notice.staff_id else None
    if request is None:
        return None
    if member is None or member.phone is None or not member.is_reachable:
        notices.drop(db, notice.id, "phone_unconfirmed", now)
        return None
    name = name_for_staff(notice.kind, request)
    bundle = _bundle(db, outbox.runtime.clinic, notice, name, now)
    if len(bundle) == 1:
        body = words_for_staff(outbox.runtime, name, request, coded(request.id, member.id, now))
    else:
        refs = [other.request_id for other in bundle if other.request_id is not None]
        codes = ", ".join(coded(ref, member.id, now) for ref in refs)
        body = words_of_bundle(outbox.runtime, name, len(refs), ", ".join(map(str, refs)), codes)
    return DueText(member.phone, body, _validity_s(outbox, notice, now), tuple(other.id for other in bundle))


def name_for_staff(kind: Kind, request: Request) -> str:
    """Return the name of the words of a notice: what it is about, and in a crisis how grave and whether anew."""
    if kind is not Kind.ALERT:
        return str(kind)
    return f"{'uncalled' if request.uncalled_at else 'alert'}_{request.priority}"


def words_for_staff(runtime: Runtime, name: str, request: Request, coded: str) -> str:
    """Word a notice to staff about one request. coded: its reference with the code for commands by text."""
    link = f"{runtime.environment.public_base_url}/staff/requests/{request.id}"
    values = {"ref": request.id, "coded": coded, "link": link, "sender": runtime.clinic.sender_name}
    return runtime.words.say(f"staff/{name}", STAFF_LANG, values)


def words_of_bundle(runtime: Runtime, name: str, count: int, refs: str, coded: str) -> str:
    """Word the one text that tells staff the same of several requests; `refs`: "41, 42", coded: the same with codes."""
    link = f"{runtime.environment.public_base_url}/staff/"
    values = {"count": count, "refs": refs, "coded": coded, "link": link, "sender": runtime.clinic.sender_name}
    return runtime.words.say(f"staff/several/{name}", STAFF_LANG, values)


def _bundle(db: Connection, clinic: Clinic, notice: Notice, name: str, now: datetime) -> list[Notice]:
    """Lock what is due to the same member of staff and says the same of other requests: one text tells them all."""
    assert notice.staff_id is not None
    found = [notice]
    if clinic.alerts.most_in_one_text == 1:
        return found  # locking others would only hold them up
    for other in notices.lock_bundle(db, notice.kind, notice.staff_id, now, clinic.alerts.most_in_one_text):
        if other.id == notice.id or len(found) == clinic.alerts.most_in_one_text:
            continue
        try:
            request = still_wanted(db, clinic, other, now)
        except (ValueError, TypeError) as fault:
            # It cannot be read. In its own turn it is put off; here it may not stop those that can.
            log.error("notice_fault", notice=other.id, fault=type(fault).__name__)
            continue
        if request is not None and name_for_staff(other.kind, request) == name:
            found.append(other)
    return sorted(found, key=lambda one: one.request_id or 0)


def _validity_s(outbox: Outbox, notice: Notice, now: datetime, *ends: datetime) -> int:
    """Return for how many seconds the carrier may hold the text; later it would be wrong."""
    until = min(
        [
            now + outbox.runtime.clinic.texts_to_patients.useful,
            *ends,
            *([notice.expires_at] if notice.expires_at else []),
        ]
    )
    return max(1, int((until - now).total_seconds()))
