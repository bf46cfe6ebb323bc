"""Commands that staff text: T 41-k7mx take, A acknowledge, D log a call, C call, Q list the queue.

A sender can be forged, so a command does nothing without the code of its alert, and those to whom an alert of a crisis
goes are told of what was done. A crisis is closed in the console only.
"""

import re
from dataclasses import dataclass
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
from triage.store import audit, members, requests, sign_ins
from triage.team import request_acts
from triage.team.alert_codes import PATTERN, coded, guesses, is_right
from triage.team.done_by_text import tell_others
from triage.team.phone_confirmation import confirm, is_code
from triage.team.request_acts import By

LISTED = 7

_COMMAND = re.compile(
    rf"(take|t|acknowledge|ack|a|done|d|call|c)[\s#:.-]*([0-9]{{1,9}})(?:[\s-]*({PATTERN.pattern}))?\b[\s:,.-]*(.*)",
    re.DOTALL,
)

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


@dataclass(frozen=True)
class _Desk:
    """What each command works with; what it says may name the reference with the code of today, `coded`."""

    db: Connection
    clinic: Clinic
    words: Words
    staff: Staff
    now: datetime

    def say(self, key: str, ref: int | None = None, **values: object) -> str:
        about = {"ref": ref, "coded": coded(ref, self.staff.id, self.now)} if ref is not None else {}
        return self.words.say(f"staff/{key}", STAFF_LANG, {**about, **values})

    def tell_others(self, act: str, request: Queued) -> None:
        if request.request.priority.pages:
            tell_others(self.db, self.clinic, self.words, self.staff, act, request.request.id, self.now)


def is_of_staff(staff: Staff, text: str) -> bool:
    """Tell whether a text from this number is for us as staff. Until its owner has confirmed it, only codes are: it may
    have been mistyped, and whose it is would be a patient whom nobody hears.
    """
    if staff.phone_confirmed_at is not None:
        return True
    command = _COMMAND.fullmatch(" ".join(text.split()).lower())
    return is_code(text) or (command is not None and command[3] is not None)


def hear(db: Connection, clinic: Clinic, words: Words, staff: Staff, text: str, now: datetime) -> str:
    """Carry out a command that staff have texted and return the words to answer with; nothing private is in them.

    A phone that is not confirmed can only confirm itself, with the code that was texted to it.
    """
    desk = _Desk(db, clinic, words, staff, now)
    if read_keyword(text) is Keyword.STOP:
        return _stop(desk)
    if staff.phone_confirmed_at is None:
        return desk.say("phone_confirmed" if confirm(db, staff, text, now) else "phone_unconfirmed")
    said = " ".join(text.split()).lower()
    if _LIST.fullmatch(said):
        return _queue(desk)
    command = _COMMAND.fullmatch(said)
    if command is None:
        return desk.say("help")
    if not staff.may_change:
        return desk.say("read_only")
    ref, code = int(command[2]), command[3]
    if problem := _code_problem(desk, ref, code):
        return desk.say(problem, ref)
    request = requests.one(db, ref)
    if request is None or not request.request.is_open:
        return desk.say("not_open", ref)
    act = {"t": _take, "a": _acknowledge, "c": _ring}.get(command[1][0])
    return act(desk, request) if act else _log(desk, request, command[4])


def _code_problem(desk: _Desk, ref: int, code: str | None) -> str | None:
    """Return the key of what is wrong with the code of a command. Wrong ones count, whatever they were for."""
    if code is None:
        return "code_missing"
    attempt = sign_ins.begin(desk.db, guesses(desk.staff, "alert_code"), desk.now)
    if attempt is None:
        return "codes_shut"
    if not is_right(code, ref, desk.staff.id, desk.now):
        audit.record(desk.db, "alert_code_wrong", desk.now, desk.staff.id, detail={"by": By.TEXT})
        return "code_wrong"
    sign_ins.succeeded(desk.db, attempt)
    return None


def _stop(desk: _Desk) -> str:
    """Text this phone no more. Alerts that nobody has acknowledged begin a new round at once, without it."""
    db, staff, now = desk.db, desk.staff, desk.now
    if staff.phone_confirmed_at is not None:
        members.unconfirm_phone(db, staff.id)
        audit.record(db, "staff_stopped_texts", now, staff.id, detail={"by": By.TEXT})
        tell_others(db, desk.clinic, desk.words, staff, "stopped", None, now)
        for row in requests.queue(db):
            if row.request.priority.pages and row.request.acknowledged_at is None:
                requests.change(db, row.request.id, {"next_alert_at": now}, now)
    return desk.say("texts_stopped")


def _take(desk: _Desk, request: Queued) -> str:
    db, ref, staff = desk.db, request.request.id, desk.staff
    if request_acts.claim(db, desk.clinic, ref, staff.id, desk.now, By.TEXT):
        desk.tell_others("taken", request)
        return desk.say("taken", ref)
    if request.owner == staff.login:
        return desk.say("taken", ref)
    after = requests.one(db, ref)  # somebody may have been quicker than this text
    if after is None or after.owner is None:
        return desk.say("not_open", ref)
    return desk.say("has_it", ref, login=after.owner)


def _ring(desk: _Desk, request: Queued) -> str:
    """Ring the phone that this text came from; a key there connects it with the person."""
    ref = request.request.id
    begun = call_back.begin(desk.db, ref, desk.staff, desk.now, By.TEXT)
    if begun is CannotCall.NOT_OPEN:
        return desk.say("not_open", ref)
    if begun is CannotCall.HAS_IT:
        return desk.say("has_it", ref, login=request.owner)
    if isinstance(begun, CannotCall):
        return desk.say(f"cannot_call_{begun}", ref)
    desk.tell_others("ringing", request)
    return desk.say("ringing", ref)


def _acknowledge(desk: _Desk, request: Queued) -> str:
    ref = request.request.id
    if not request_acts.acknowledge(desk.db, desk.clinic, ref, desk.staff.id, desk.now, By.TEXT):
        return desk.say("was_acknowledged", ref)
    desk.tell_others("acknowledged", request)
    return desk.say("acknowledged", ref)


def _log(desk: _Desk, request: Queued, said: str) -> str:
    """Log the call that was made; where the person was spoken to, the request is closed with that outcome, but for a
    crisis: that is closed in the console.
    """
    db, ref, outcome = desk.db, request.request.id, read_outcome(said)
    if outcome is None:
        return desk.say("which_outcome", ref)
    acted = (db, desk.clinic, desk.words, ref, desk.staff.id, outcome, None, desk.now, By.TEXT)
    if not request_acts.log_attempt(*acted):
        return desk.say("not_open", ref)
    desk.tell_others("logged", request)
    if outcome is Disposition.WRONG_NUMBER:
        return desk.say("wrong_number", ref)
    if outcome in WITHOUT_CONTACT:
        after = requests.get(db, ref)
        assert after is not None
        return desk.say("attempt_logged", ref, due=after.due_at.astimezone(desk.clinic.zone))
    if not request_acts.close(db, desk.clinic, ref, desk.staff.id, outcome, desk.now, By.TEXT):
        return desk.say("close_in_console", ref)
    return desk.say("closed", ref)


def read_outcome(said: str) -> Disposition | None:
    """Read how a call ended from the short words of staff; None if it is not said, or not plainly."""
    words = said.replace("_", " ").strip(" .!,").lower()
    return next((outcome for outcome, pattern in _OUTCOMES if re.fullmatch(pattern, words)), None)


def _queue(desk: _Desk) -> str:
    """Word the first of the queue in its order: references with their codes, how grave and by when.

    It goes to the phone itself, whoever has asked.
    """
    queue = [row.request for row in requests.queue(desk.db)]
    detail = audit.shown(request.id for request in queue[:LISTED]) | {"by": By.TEXT}
    audit.record(desk.db, "view_queue", desk.now, desk.staff.id, detail=detail)
    if not queue:
        return desk.say("queue_empty")
    items = []
    for request in queue[:LISTED]:
        late = request.due_at <= desk.now and not request.priority.pages
        due = request.due_at.astimezone(desk.clinic.zone)
        items.append(desk.say(f"queue_{'overdue' if late else request.priority}", request.id, due=due))
    return desk.say("queue", count=len(queue), items="; ".join(items))
