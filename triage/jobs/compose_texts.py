"""A due notice as the text to send, or why it may not go."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.model.notice import Kind, Notice
from triage.model.person import Person
from triage.model.request import Request
from triage.notices.plan import holds
from triage.notices.quiet_hours import next_staff_hour, next_text_hour, text_hours_end, zone_of
from triage.notices.to_patients import ASKED_FOR, may_reach_the_wrong_person
from triage.policy import STAFF_LANG
from triage.ports import Messenger
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import members, notices, people, requests

IN_ONE_TEXT = 15


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
    if not person.may_be_texted:
        notices.drop(db, notice.id, "opted_out" if person.opted_out_at else "not_textable", now)
        return None
    if may_reach_the_wrong_person(notice.kind, request):
        notices.drop(db, notice.id, "wrong_number", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    body = _with_988(db, outbox, person, body)
    zone, texts = zone_of(person, outbox.runtime.clinic), outbox.runtime.clinic.texts_to_patients
    if notice.kind in ASKED_FOR:
        return DueText(person.phone, body, _validity_s(outbox, notice, now))
    go_at = next_text_hour(texts, zone, now)
    if go_at > now:
        notices.postpone(db, notice.id, go_at, "night", now, expires_at=go_at + texts.useful)
        return None
    # A text that waits at the carrier must not land at night.
    return DueText(person.phone, body, _validity_s(outbox, notice, now, text_hours_end(texts, zone, now)))


def _with_988(db: Connection, outbox: Outbox, person: Person, body: str) -> str:
    """Add 988 to whatever we write to somebody for whom people are alerted."""
    request = requests.open_of(db, person.id)
    if request is None or not request.priority.pages or "988" in body:
        return body
    return " ".join((body, outbox.runtime.words.say("in_crisis", request.lang)))


def _letter_with_code(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> DueText | None:
    member = members.get(db, notice.staff_id) if notice.staff_id else None
    body = notices.body_of(db, notice.id)
    if member is None or member.phone is None or body is None or member.phone_confirmed_at or member.disabled_at:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
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
    values: dict[str, object] = {
        "ref": request.id,
        "link": f"{outbox.runtime.environment.public_base_url}/staff/requests/{request.id}",
    }
    key = f"staff/alert_{request.priority}" if notice.kind is Kind.ALERT else f"staff/{notice.kind}"
    travelling: tuple[int, ...] = (notice.id,)
    if notice.kind is Kind.NEW_REQUEST:
        bundle = _bundle(db, outbox.runtime.clinic, member.id, now)
        if len(bundle) > 1:
            key, travelling = "staff/new_requests", tuple(other.id for other in bundle)
            refs = ", ".join(str(other.request_id) for other in bundle)
            values = {
                "count": len(bundle),
                "refs": refs,
                "link": f"{outbox.runtime.environment.public_base_url}/staff/",
            }
    body = outbox.runtime.words.say(key, STAFF_LANG, values | {"sender": outbox.runtime.clinic.sender_name})
    return DueText(member.phone, body, _validity_s(outbox, notice, now), travelling)


def _bundle(db: Connection, clinic: Clinic, staff_id: int, now: datetime) -> list[Notice]:
    due = notices.lock_bundle(db, Kind.NEW_REQUEST, staff_id, now, IN_ONE_TEXT)
    return [notice for notice in due if still_wanted(db, clinic, notice, now)]


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
