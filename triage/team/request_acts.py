"""What staff do with a request. Each act is conditional, and its audit event and notices are in its transaction.

False: the request is not in a state for it, or somebody else was first; then nothing has changed.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import next_try
from triage.model.notice import Kind, Planned
from triage.model.request import WITH_CONTACT, WITHOUT_CONTACT, Disposition, Flag, Priority, Request, Status
from triage.notices import plan, to_patients
from triage.ports import Words
from triage.settings import Clinic
from triage.store import audit, members, notices, people, promise_ledger, recordings, requests

# A talk that was logged and kept open is not told a second time by who then closes it.
SAME_TALK_FOR = timedelta(minutes=30)

# Nothing that the person wrote waits for staff any more.
_ANSWERED = {"wrote_at": None}

# Whom the line put through did not speak with the person after all.
_NOT_SPOKEN = {"spoken_at": None}


class By(StrEnum):
    """The channel of an act, for the audit trail: a sender of texts can be forged, a session cannot."""

    CONSOLE = "console"
    TEXT = "text"
    CALL = "call"


def claim(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime, by: By = By.CONSOLE) -> bool:
    """Take it. Who takes it has seen it, so its alerts end."""
    if not requests.claim(db, request_id, staff_id, now):
        return False
    _has_seen(db, request_id, staff_id, now)
    return done(db, clinic, "claim", request_id, staff_id, now, by=by)


def release(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Give it back; only its owner can."""
    return requests.release(db, request_id, staff_id, now) and done(db, clinic, "release", request_id, staff_id, now)


def release_all(db: Connection, clinic: Clinic, staff_id: int, by: int | None, now: datetime) -> int:
    """Give back all that somebody has who is gone; returns how many. A crisis that they alone had seen alerts anew."""
    found = requests.in_hands_of(db, staff_id)
    for request in found:
        requests.release(db, request.id, staff_id, now)
        if request.priority.pages and request.spoken_at is None and request.acknowledged_by == staff_id:
            requests.alert_anew(db, request.id, 0, now)
        audit.record(db, "release", now, by, request.id)
        plan.follow_staff(db, clinic, request.id, now)
    return len(found)


def acknowledge(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime, by: By = By.CONSOLE
) -> bool:
    """Say that it has been seen, without taking it."""
    won = requests.acknowledge(db, request_id, staff_id, now)
    return won and done(db, clinic, "acknowledge", request_id, staff_id, now, by=by)


def log_attempt(
    db: Connection,
    clinic: Clinic,
    words: Words,
    request_id: int,
    staff_id: int,
    disposition: Disposition,
    note: str | None,
    now: datetime,
    by: By = By.CONSOLE,
) -> bool:
    """Record a try as a member of staff tells it: how the talk ended that the line has logged, else a new one."""
    if not requests.tell_outcome(db, request_id, staff_id, disposition, note):
        return log_try(db, clinic, words, request_id, staff_id, disposition, note, now, by)
    told = _ANSWERED if disposition in WITH_CONTACT else _ANSWERED | _NOT_SPOKEN
    requests.change_open(db, request_id, told, now)
    return _after_attempt(db, clinic, words, request_id, staff_id, disposition, now, by)


def has_logged(db: Connection, request_id: int, staff_id: int, disposition: Disposition, now: datetime) -> bool:
    """Tell whether this member of staff has just logged, as the last try, a talk that ended so: it is the same one."""
    tries = requests.attempts_of(db, request_id)
    member = members.get(db, staff_id)
    if not tries or member is None or disposition not in WITH_CONTACT:
        return False
    last = tries[-1]
    is_same = (last.by, last.disposition, last.awaits_outcome) == (member.login, disposition, False)
    return is_same and now - last.at <= SAME_TALK_FOR


def log_try(
    db: Connection,
    clinic: Clinic,
    words: Words,
    request_id: int,
    staff_id: int,
    disposition: Disposition,
    note: str | None,
    now: datetime,
    by: By = By.CONSOLE,
) -> bool:
    """Record a try to call, whoever has the request."""
    if not requests.change_open(db, request_id, _ANSWERED, now):
        return False
    requests.add_attempt(db, request_id, staff_id, disposition, note, now)
    return _after_attempt(db, clinic, words, request_id, staff_id, disposition, now, by)


def log_talk(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, leg_id: int, at: datetime, now: datetime
) -> bool:
    """Record a talk that the line saw begin `at` that time; how it ended is told later."""
    if not requests.change_open(db, request_id, _ANSWERED, now):
        return False
    requests.add_attempt(db, request_id, staff_id, Disposition.REACHED, None, at, talked_on=leg_id)
    request = requests.get(db, request_id)
    assert request is not None
    spoke(db, request, at)
    _has_seen(db, request_id, staff_id, now)
    return done(db, clinic, "attempt", request_id, staff_id, now, by=By.CALL, outcome=Disposition.REACHED)


def _after_attempt(
    db: Connection, clinic: Clinic, words: Words, request_id: int, staff_id: int, disposition: Disposition,
    now: datetime, by: By,
) -> bool:  # fmt: skip
    """Settle the promise by how it ended. A call before its window keeps none, and uses none up.

    Without contact it goes back into the queue for the next try by plan, and the patient is told that we tried; no text
    goes to a number that is not theirs.
    """
    _has_seen(db, request_id, staff_id, now)
    request = requests.get(db, request_id)
    assert request is not None
    if disposition in WITH_CONTACT:
        spoke(db, request, now)
    elif not _is_early(request, now):
        promise_ledger.keep(db, request_id, now)
    if disposition is Disposition.WRONG_NUMBER:
        requests.add_flag(db, request_id, Flag.WRONG_NUMBER, now)
    if disposition in WITHOUT_CONTACT:
        requests.change(db, request_id, _back_in_queue(db, request, clinic, staff_id, now), now)
        body = words.say("tried_to_reach", request.lang, {"sender": clinic.sender_name})
        to_patients.plan_tried_to_reach(db, clinic, request, body, now)
    return done(db, clinic, "attempt", request_id, staff_id, now, by=by, outcome=disposition)


def _is_early(request: Request, now: datetime) -> bool:
    """Tell whether the window that was promised is still to come."""
    return request.promised_start is not None and now < request.promised_start


def spoke(db: Connection, request: Request, now: datetime) -> None:
    """Note that somebody speaks with the person: that settles the promise, kept where its time had come.

    A crisis is red no more, nobody is asked to read their words, and nobody texts them that we tried.
    """
    requests.change(db, request.id, {"spoken_at": now}, now)
    requests.drop_flag(db, request.id, Flag.PLEASE_READ, now)
    if _is_early(request, now):
        promise_ledger.settle(db, request.id, now)
    else:
        promise_ledger.keep(db, request.id, now)
    to_patients.drop_tried_to_reach(db, request.id, now)


def _has_seen(db: Connection, request_id: int, staff_id: int, now: datetime) -> None:
    """Acknowledge a crisis for who works on it. Others stay unseen: one that turns grave must alert."""
    request = requests.get(db, request_id)
    if request is not None and request.priority.pages:
        requests.acknowledge(db, request_id, staff_id, now)


def _back_in_queue(db: Connection, request: Request, clinic: Clinic, staff_id: int, now: datetime) -> dict[str, Any]:
    """Return what makes it due again by plan and in nobody's hands, unless a colleague has it."""
    values: dict[str, Any] = {"due_at": _next_try(db, request, clinic, now)}
    if request.claimed_by in (None, staff_id):
        values |= {"status": Status.QUEUED, "claimed_by": None, "claimed_at": None}
    return values


def _next_try(db: Connection, request: Request, clinic: Clinic, now: datetime) -> datetime:
    """Return when to try again. No plan runs out: after its last try a request stays due, for only a person closes
    it.

    Before a promised window nothing is used up: the next try is the promised one.
    """
    if request.priority.pages:
        return now + clinic.targets.crisis_again
    if request.promised_end is not None and _is_early(request, now):
        return request.promised_end
    if request.priority is Priority.URGENT:
        return now + clinic.targets.urgent
    tried = requests.tries_since(db, request.id, request.promised_start)
    again = next_try(tried, now, clinic.opening, clinic.targets)
    return again or clinic.opening.add_open_time(now, clinic.targets.routine)


def close(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, outcome: Disposition, now: datetime,
    by: By = By.CONSOLE,
) -> bool:  # fmt: skip
    """Close it with an outcome. A crisis or an emergency is closed in the console only."""
    request = requests.get(db, request_id)
    if by is not By.CONSOLE and (request is None or request.priority.pages):
        return False
    won = requests.close(db, request_id, staff_id, outcome, now)
    requests.settle_outcomes(db, request_id)
    promise_ledger.settle(db, request_id, now)
    return won and done(db, clinic, "close", request_id, staff_id, now, by=by, outcome=outcome)


def cancel(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Cancel it for the patient."""
    won = requests.cancel(db, request_id, now, staff_id)
    requests.settle_outcomes(db, request_id)
    promise_ledger.settle(db, request_id, now)
    return won and done(db, clinic, "cancel", request_id, staff_id, now)


def reopen(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Put it back into the queue. False if it is open, or the person has another open request by now."""
    request = requests.get(db, request_id)
    if request is None:
        return False
    newest = requests.newest_of(db, request.person_id)
    if newest is not None and newest.is_open:
        return False
    return requests.reopen(db, request_id, now) and done(db, clinic, "reopen", request_id, staff_id, now)


def has_listened(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Note that somebody has listened to a message that no machine has read: from now on its promise is what is due."""
    request = requests.get(db, request_id)
    if request is None or not request.is_open or Flag.LISTEN_FIRST not in request.flags:
        return False
    promised = promise_ledger.open_of(db, request_id)
    due_at = promised.due_at if promised else now + clinic.targets.urgent
    values = {"flags": request.flags - {Flag.LISTEN_FIRST}, "due_at": due_at}
    return requests.change_open(db, request_id, values, now) and done(
        db, clinic, "listened_first", request_id, staff_id, now
    )


def add_note(db: Connection, request_id: int, staff_id: int, body: str, now: datetime) -> bool:
    """Add a note, to a closed request too; an empty one is none."""
    if not body.strip() or requests.get(db, request_id) is None:
        return False
    requests.add_note(db, request_id, staff_id, body.strip(), now)
    audit.record(db, "note", now, staff_id, request_id)
    return True


def hand_over(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, to: int, note: str, now: datetime
) -> bool:
    """Give it to a colleague who may work on it, with a note, and tell them; not if a third has it. Raises Refused."""
    colleague = members.get(db, to)
    if colleague is None or colleague.disabled_at is not None or not colleague.may_change:
        raise Refused("no_such_colleague")
    if not requests.hand_over(db, request_id, staff_id, to, now):
        return False
    _has_seen(db, request_id, staff_id, now)
    if note.strip():
        requests.add_note(db, request_id, staff_id, note.strip(), now)
    need = f"{Kind.HANDED}:{request_id}:{now.timestamp():.0f}"
    notices.plan(db, Planned(Kind.HANDED, need, now, request_id, staff_id=to), now)
    return done(db, clinic, "hand_over", request_id, staff_id, now, to=to)


def heard_voicemail(db: Connection, person_id: int, now: datetime) -> None:
    """Take the mark "listen first" from the open request of who has left no message that is still unheard."""
    request = requests.open_of(db, person_id)
    if request is None or Flag.VOICEMAIL not in request.flags:
        return
    if all(one.heard_at or one.of == "name" for one in recordings.of_person(db, person_id)):
        requests.change(db, request.id, {"flags": request.flags - {Flag.VOICEMAIL}}, now)


def snooze(db: Connection, clinic: Clinic, request_id: int, staff_id: int, until: datetime, now: datetime) -> bool:
    """Put it back until then. Raises Refused for what cannot wait: a crisis, and a promise that would be broken."""
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return False
    if request.priority.pages:
        raise Refused("crisis_waits_for_nobody")
    if not now < until <= now + clinic.targets.longest_snooze:
        raise Refused("time_past" if until <= now else "too_far")
    promised = promise_ledger.open_of(db, request_id)
    if promised and until > promised.due_at:
        raise Refused("promised_before")
    values = {"snoozed_until": until, "due_at": request.due_at if promised else max(request.due_at, until)}
    won = requests.change_open(db, request_id, values, now)
    return won and done(db, clinic, "snooze", request_id, staff_id, now)


def wake(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Put it back among the others before its time."""
    won = requests.change_open(db, request_id, {"snoozed_until": None}, now)
    return won and done(db, clinic, "wake", request_id, staff_id, now)


def read(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Say that the person's words have been read: what they wrote to staff, or what was marked "please read".

    False where nothing waits, or it is closed. Who has read what is no crisis has seen it, so nobody else is asked to.
    """
    request = requests.get(db, request_id)
    was_marked = requests.drop_flag(db, request_id, Flag.PLEASE_READ, now)
    if request is None or not request.is_open or not (was_marked or request.wrote_at):
        return False
    requests.change_open(db, request_id, _ANSWERED, now)
    if was_marked and not request.priority.pages:
        requests.acknowledge(db, request_id, staff_id, now)
    return done(db, clinic, "read", request_id, staff_id, now)


def hand_back(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Let the line answer again whom staff write with. False where it does so already."""
    request = requests.get(db, request_id)
    found = people.lock_talk(db, request.person_id) if request else None
    if request is None or found is None:
        return False
    newest = requests.newest_of(db, request.person_id)
    if found[0].with_staff_until(newest, clinic.conversation.staff_life, now) is None:
        return False
    people.change(db, request.person_id, {"staff_wrote_at": None})
    requests.change(db, request_id, _ANSWERED, now)
    return done(db, clinic, "hand_back", request_id, staff_id, now)


def block(db: Connection, clinic: Clinic, request_id: int, staff_id: int, blocked: bool, now: datetime) -> bool:
    """Answer this phone no more, or again. It is still stored and screened, and words of crisis still alarm."""
    request = requests.get(db, request_id)
    if request is None:
        return False
    people.change(db, request.person_id, {"blocked_at": now if blocked else None})
    requests.change(db, request_id, {}, now)
    return done(db, clinic, "block" if blocked else "unblock", request_id, staff_id, now)


def done(
    db: Connection, clinic: Clinic, action: str, request_id: int, staff_id: int, now: datetime,
    by: By = By.CONSOLE, **detail: str | int,
) -> bool:  # fmt: skip
    """Write the audit event, with its channel, and plan the notices of an act that took effect."""
    audit.record(db, action, now, staff_id, request_id, detail={"by": by, **detail})
    plan.follow_staff(db, clinic, request_id, now)
    return True
