"""Putting a caller through to staff on duty, to a crisis contact, or to the crisis line."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from triage.model.call import Leg, LegState, Purpose, Wanted
from triage.model.member import Staff
from triage.model.message import ConnectTo as To
from triage.model.message import Say
from triage.model.phone import E164
from triage.model.request import Request
from triage.notices.recipients import who_can_be_texted
from triage.policy import MOST_RUNG, STAFF_LANG
from triage.ringing import double_dial, talks
from triage.ringing.call_back import whisper
from triage.ringing.outgoing_leg import OVER, Dial, Next, Spoken, phone_of
from triage.settings import Clinic
from triage.store import calls, legs, members, people, requests
from triage.team import request_acts
from triage.team.request_acts import By

LINES = {To.CRISIS_LINE: Purpose.CRISIS_LINE, To.EMERGENCY_LINE: Purpose.EMERGENCY}


def returning(db: Connection, person_id: int) -> int | None:
    """Return the id of a person's open request that we have tried, or are trying, to call them back for."""
    request = requests.open_of(db, person_id)
    if request is None:
        return None
    rings = any(leg.purpose is Purpose.CALL_BACK for leg in legs.open_of_person(db, person_id))
    return request.id if request.attempts or rings else None


def connect(db: Connection, clinic: Clinic, to: To, call_sid: str, turn: int, now: datetime) -> Spoken:
    """Choose which phones a turn of a caller's call rings; their call goes on where there is nobody to ring.

    The same turn, posted again, rings the same legs.
    """
    call = calls.by_sid(db, call_sid)
    person_id = call.person_id if call else None
    if person_id is not None:
        people.lock_talk(db, person_id)
        call = calls.by_sid(db, call_sid)
    if call is not None and call.ended_at is not None:
        return OVER  # they have hung up meanwhile: nothing rings for nobody
    request = requests.open_of(db, person_id) if person_id is not None else None
    group = f"{call_sid}:{turn}"
    if purpose := LINES.get(to):
        wanted = Wanted(
            purpose, f"{group}>{purpose}", now, request.id if request else None, person_id, dialled_by=group,
            state=LegState.PLACED,
        )  # fmt: skip
        return Spoken(then=_dial_line(db, clinic, legs.plan(db, wanted, now), call.phone if call else ""))
    rung = [leg for leg in legs.of_dial(db, group) if leg.purpose is Purpose.CALLER]
    if rung:
        return dial(db, clinic, rung if clinic.calls.ring == "together" else rung[:1])
    if person_id is not None and request is not None and (joined := double_dial.wait_for(db, request, group, now)):
        return joined
    return ring_next(db, clinic, request, person_id, group, now)


def _dial_line(db: Connection, clinic: Clinic, leg: Leg, caller: str) -> Dial:
    """Ring 988 or 911, and show there who calls: if the line breaks, that is whom they can call back."""
    phone = phone_of(db, clinic, leg)
    assert phone is not None
    known = caller if E164.fullmatch(caller) else ""
    return Dial(((leg, phone),), False, clinic.calls.crisis_line_ring_s, caller=known)


def ring_next(
    db: Connection, clinic: Clinic, request: Request | None, person_id: int | None, group: str, now: datetime
) -> Spoken:
    """Ring staff who have not been rung yet for this turn: all together or the next one, as the clinic has chosen.

    group: CallSid and turn, under which the legs of one turn are found.
    """
    before = {leg.staff_id for leg in legs.of_dial(db, group)}
    left = [member for member in _takers(db, clinic, request, now)[:MOST_RUNG] if member.id not in before]
    rung = [
        legs.plan(
            db,
            Wanted(
                Purpose.CALLER, f"{group}>{member.id}", now, request.id if request else None, person_id, member.id,
                dialled_by=group, state=LegState.PLACED,
            ),
            now,
        )
        for member in (left if clinic.calls.ring == "together" else left[:1])
    ]  # fmt: skip
    return dial(db, clinic, rung) if rung else back_to_caller(group)


def dial(db: Connection, clinic: Clinic, rung: list[Leg]) -> Spoken:
    phones = tuple((leg, phone) for leg in rung if (phone := phone_of(db, clinic, leg)))
    return Spoken(then=Dial(phones, True, clinic.calls.ring_s)) if phones else back_to_caller(rung[0].dialled_by)


def still_trying(db: Connection, spoken: Spoken, person_id: int | None) -> Spoken:
    """Say a word to the caller who waits, before the next phone rings: nobody is left to a ringing tone for long."""
    person = people.get(db, person_id) if person_id is not None else None
    if not isinstance(spoken.then, Dial):
        return spoken
    return replace(spoken, says=(Say("staff_call/still_trying"),), lang=person.lang if person else STAFF_LANG)


def back_to_caller(group: str | None) -> Spoken:
    """Go on with the caller's own call: nobody took it."""
    assert group is not None
    return Spoken(then=Next.BACK, turn=int(group.rsplit(":", 1)[1]))


def _takers(db: Connection, clinic: Clinic, request: Request | None, now: datetime) -> list[Staff]:
    """Return reachable staff to ring for a caller, the first to ring first.

    In opening hours: who has claimed the request, who tried it last, crisis contacts if it is grave, then those on
    duty. Outside them: crisis contacts if it is grave, else nobody.
    """
    logins: list[str] = []
    if request is not None and request.priority.pages:
        logins += clinic.in_crisis(now)
    if clinic.opening.is_open(now):
        owner = members.get(db, request.claimed_by) if request and request.claimed_by else None
        attempts = requests.attempts_of(db, request.id) if request else []
        tried_last = [attempt.by for attempt in attempts[-1:]]
        logins = [*([owner.login] if owner else []), *tried_last, *logins, *clinic.on_duty(now)]
    known = {member.login: member for member in members.with_logins(db, tuple(logins))}
    found = [known[login] for login in dict.fromkeys(logins) if login in known and known[login].is_reachable]
    is_grave = request is not None and request.priority.pages
    return found or (who_can_be_texted(db, (), clinic) if is_grave else [])


def has_talked(db: Connection, call_sid: str, turn: int) -> bool:
    """Tell whether somebody took the call that this turn of a caller has rung."""
    return any(leg.accepted_at is not None for leg in legs.of_dial(db, f"{call_sid}:{turn}"))


def caller_key(request: Request | None) -> str:
    return "staff_call/caller_crisis" if request and request.priority.pages else "staff_call/caller"


def take_caller(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Connect the caller with the first member of staff who presses 1, and claim the request for them, if any."""
    assert leg.dialled_by is not None
    assert leg.staff_id is not None
    others = [other for other in legs.of_dial(db, leg.dialled_by) if other.id != leg.id]
    if any(other.accepted_at is not None for other in others):
        return Spoken((Say("staff_call/taken"),))
    legs.accept(db, leg.id, now)
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if request is None:
        return Spoken(then=Next.JOIN)
    request_acts.claim(db, clinic, request.id, leg.staff_id, now, By.CALL)
    talks.began(db, clinic, leg, now, now)
    return Spoken(whisper(clinic, request), Next.JOIN)
