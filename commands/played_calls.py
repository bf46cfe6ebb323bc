"""Whole calls of a labelled file: keys, words, silence, what is recorded and what rings, turn by turn.

A turn is what is said or keyed (digits, * and # are keys, "" is silence), or one of `records` (with `seconds`), `rings`
(how the phones that were rung are done with) and `hangs_up`, after which the same person calls again.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from commands.stage import House, run_clock
from triage.intake.inbound_calls import CallIntake, CallTurn, Happened, Played, caller_of
from triage.model.message import Connect, Hangup, Record

APART = timedelta(seconds=20)

Row = dict[str, Any]


def play_call(row: Row, house: House) -> tuple[str, tuple[str, ...], str]:
    """Play one call and return by what its person is known, what was heard last, and what followed it."""
    intake, calls = CallIntake(house.runtime.intake), 1
    first = CallTurn(f"CA{row['id']}.1", 0, row["from"], house.runtime.clinic.numbers[0], house.hand.at)
    played = _taken(intake, first)
    for written in row["turns"]:
        run_clock(house, house.hand.at)
        turn = {"says": written} if isinstance(written, str) else written
        if "hangs_up" in turn:
            intake.ended(first.sid, 30, house.hand.at)
            calls += 1
            first = replace(first, sid=f"CA{row['id']}.{calls}", at=house.hand.at)
            played = _taken(intake, first)
        else:
            played = _taken(intake, _turn(turn, replace(first, number=played.number + 1, at=house.hand.at)))
        house.hand.at += APART
    return caller_of(first, house.runtime.clinic), tuple(line for _, line in played.lines), _then(played)


def _taken(intake: CallIntake, turn: CallTurn) -> Played:
    played = intake.take(turn)
    if played is None:
        raise RuntimeError("a fault: nothing but the last words was left to say")
    return played


def _turn(turn: Row, posted: CallTurn) -> CallTurn:
    if "records" in turn:
        sid = f"RE{posted.sid}.{posted.number}" if turn["records"] else None
        return replace(posted, happened=Happened.RECORDED, recording=sid, duration_s=turn.get("seconds", 9))
    if "rings" in turn:
        return replace(posted, happened=Happened.RUNG)
    return replace(posted, body=turn["says"])


def _then(played: Played) -> str:
    then = played.then
    if isinstance(then, Connect):
        return f"connect {then.kind}"
    return "record" if isinstance(then, Record) else "hangup" if isinstance(then, Hangup) else "listen"
