"""Commands that staff text: T 41 take, A 41 acknowledge, D 41 reached (log a call), C 41 call, Q list the queue."""

import re
from datetime import datetime

from sqlalchemy import Connection

from triage.model.member import Staff
from triage.model.request import WITHOUT_CONTACT, Disposition, Queued
from triage.policy import STAFF_LANG
from triage.ports import Words
from triage.reading.opt_out import Keyword, read_keyword
from triage.ringing import call_back
from triage.ringing.call_back import CannotCall
from triage.settings import Clinic
from triage.store import audit, members, requests
from triage.team import request_acts
from triage.team.phone_confirmation import confirm

LISTED = 8

_COMMAND = re.compile(r"(take|t|acknowledge|ack|a|done|d|call|c)[\s#:.-]*([0-9]{1,9})\b[\s:,.-]*(.*)", re.DOTALL)

_LIST = re.compile(r"(q|queue|list)[.!?]?")

_OUTCOMES = (
    (Disposition.LEFT_VOICEMAIL, r"left (a )?(voice ?mail|message|vm)|voice ?mail|vm|message"),
    (Disposition.NO_ANSWER, r"no (answer|reply|contact)|na|not? (reached|there)|did ?n.?t answer|unanswered"),
    (Disposition.BUSY, r"busy|engaged"),
    (Disposition.WRONG_NUMBER, r"wrong( number)?|bad number"),
    (Disposition.DECLINED, r"declined|refused|not interested"),
    (Disposition.BOOKED, r"booked|appointment|scheduled"),
    (Disposition.REACHED, r"reached|spoke|talked|ok(ay)?|done|called"),
    (Disposition.OTHER, r"other"),
)


def hear(db: Connection, clinic: Clinic, words: Words, staff: Staff, text: str, now: datetime) -> str:
    """Carry out a command that staff have texted and return the words to answer with; nothing private is in them.

    A phone that is not confirmed can only confirm itself, with the code that was texted to it.
    """
    if read_keyword(text) is Keyword.STOP:
        return _stop(db, words, staff, now)
    if staff.phone_confirmed_at is None:
        key = "staff/phone_confirmed" if confirm(db, staff, text, now) else "staff/phone_unconfirmed"
        return words.say(key, STAFF_LANG)
    said = " ".join(text.split()).lower()
    if _LIST.fullmatch(said):
        return _queue(db, clinic, words, now)
    command = _COMMAND.fullmatch(said)
    if command is None:
        return words.say("staff/help", STAFF_LANG)
    if not staff.may_change:
        return words.say("staff/read_only", STAFF_LANG)
    request = requests.one(db, int(command[2]))
    if request is None or not request.request.is_open:
        return words.say("staff/not_open", STAFF_LANG, {"ref": command[2]})
    if command[1][0] == "t":
        return _take(db, clinic, words, staff, request, now)
    if command[1][0] == "a":
        return _acknowledge(db, clinic, words, staff, request, now)
    if command[1][0] == "c":
        return _ring(db, words, staff, request, now)
    return _log(db, clinic, words, staff, request, command[3], now)


def _stop(db: Connection, words: Words, staff: Staff, now: datetime) -> str:
    """Text this phone no more. Alerts that nobody has acknowledged begin a new round at once, without it."""
    if staff.phone_confirmed_at is not None:
        members.unconfirm_phone(db, staff.id)
        audit.record(db, "staff_stopped_texts", now, staff.id)
        for row in requests.queue(db):
            if row.request.priority.pages and row.request.acknowledged_at is None:
                requests.change(db, row.request.id, {"next_alert_at": now}, now)
    return words.say("staff/texts_stopped", STAFF_LANG)


def _take(db: Connection, clinic: Clinic, words: Words, staff: Staff, request: Queued, now: datetime) -> str:
    ref = request.request.id
    if request_acts.claim(db, clinic, ref, staff.id, now) or request.owner == staff.login:
        return words.say("staff/taken", STAFF_LANG, {"ref": ref})
    after = requests.one(db, ref)  # somebody may have been quicker than this text
    if after is None or after.owner is None:
        return words.say("staff/not_open", STAFF_LANG, {"ref": ref})
    return words.say("staff/has_it", STAFF_LANG, {"ref": ref, "login": after.owner})


def _ring(db: Connection, words: Words, staff: Staff, request: Queued, now: datetime) -> str:
    """Ring the phone that this text came from; a key there connects it with the person."""
    ref = request.request.id
    begun = call_back.begin(db, ref, staff, now)
    if begun is CannotCall.NOT_OPEN:
        return words.say("staff/not_open", STAFF_LANG, {"ref": ref})
    if begun is CannotCall.HAS_IT:
        return words.say("staff/has_it", STAFF_LANG, {"ref": ref, "login": request.owner})
    key = f"staff/cannot_call_{begun}" if isinstance(begun, CannotCall) else "staff/ringing"
    return words.say(key, STAFF_LANG, {"ref": ref})


def _acknowledge(db: Connection, clinic: Clinic, words: Words, staff: Staff, request: Queued, now: datetime) -> str:
    won = request_acts.acknowledge(db, clinic, request.request.id, staff.id, now)
    return words.say("staff/acknowledged" if won else "staff/was_acknowledged", STAFF_LANG, {"ref": request.request.id})


def _log(db: Connection, clinic: Clinic, words: Words, staff: Staff, request: Queued, said: str, now: datetime) -> str:
    """Log the call that was made; where the person was spoken to, the request is closed with that outcome."""
    ref, outcome = request.request.id, read_outcome(said)
    if outcome is None:
        return words.say("staff/which_outcome", STAFF_LANG, {"ref": ref})
    if not request_acts.log_attempt(db, clinic, words, ref, staff.id, outcome, None, now):
        return words.say("staff/not_open", STAFF_LANG, {"ref": ref})
    if outcome is Disposition.WRONG_NUMBER:
        return words.say("staff/wrong_number", STAFF_LANG, {"ref": ref})
    if outcome in WITHOUT_CONTACT:
        after = requests.get(db, ref)
        assert after is not None
        return words.say("staff/attempt_logged", STAFF_LANG, {"ref": ref, "due": after.due_at.astimezone(clinic.zone)})
    request_acts.close(db, clinic, ref, staff.id, outcome, now)
    return words.say("staff/closed", STAFF_LANG, {"ref": ref})


def read_outcome(said: str) -> Disposition | None:
    """Read how a call ended from the short words of staff; None if it is not said, or not plainly."""
    words = said.replace("_", " ").strip(" .!,").lower()
    return next((outcome for outcome, pattern in _OUTCOMES if re.fullmatch(pattern, words)), None)


def _queue(db: Connection, clinic: Clinic, words: Words, now: datetime) -> str:
    """Word the first of the queue in its order: references, how grave and by when."""
    queue = [row.request for row in requests.queue(db)]
    if not queue:
        return words.say("staff/queue_empty", STAFF_LANG)
    items = []
    for request in queue[:LISTED]:
        late = request.due_at <= now and not request.priority.pages
        values = {"ref": request.id, "due": request.due_at.astimezone(clinic.zone)}
        items.append(words.say(f"staff/queue_{'overdue' if late else request.priority}", STAFF_LANG, values))
    return words.say("staff/queue", STAFF_LANG, {"count": len(queue), "items": "; ".join(items)})
