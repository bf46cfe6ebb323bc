"""One conversation, played on the stage and watched by the rules."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from unittest.mock import patch

from bench.patients.goals import SENDER, Goal
from bench.patients.moves import Move, Script
from bench.patients.rules import Broken, Told, Turn, broken_by, lost_wish, misses
from bench.patients.seen import Seen, look
from commands.stage import OWN_NUMBER, ZONE, House, begin, run_clock, staff_act
from triage.errors import Refused
from triage.model.message import Channel, Inbound
from triage.reading import read_message
from triage.understanding.reading import screen, understand

MOST_MOVES = 40
TICK = timedelta(hours=2)
# In a shorter time the clock does nothing that these rules look at.
WHILE = timedelta(minutes=10)
# When every draft and every open question has run out.
AFTERWARDS = timedelta(hours=30)

Next = Callable[[Seen | None, datetime], Move | None]


@dataclass(frozen=True)
class Played:
    """A conversation with what came of it. at: the index of the move at which a rule was broken."""

    script: Script
    broken: tuple[tuple[int, Broken], ...]
    missed: tuple[str, ...]
    acts: Counter[str]
    replies: tuple[tuple[str, ...], ...] = field(default=())


@contextmanager
def remembering() -> Iterator[None]:
    """Let equal texts be understood once: patients share their words, and the models give them one meaning."""
    with (
        patch.object(read_message, "understand", cache(understand)),
        patch.object(read_message, "screen", cache(screen)),
    ):
        yield


def play(house: House, begins: datetime, goal: Goal, following: Next) -> Played:
    """Play until `following` has no more moves. begins: aware."""
    staff_id = begin(house, begins.astimezone(UTC))
    told, seen, moves = Told(goal), None, list[Move]()
    broken, acts, answered = list[tuple[int, Broken]](), Counter[str](), set[str]()
    replies = list[tuple[str, ...]]()
    while len(moves) < MOST_MOVES:
        move = following(seen, house.hand.at.astimezone(ZONE))
        if move is None:
            break
        before = _waited(timedelta(minutes=move.wait_min), seen, house)
        told.note(move, before, house.hand.at.astimezone(ZONE))
        reply = _act(move, len(moves), before, staff_id, house)
        seen = look(house.runtime, SENDER, before, reply, house.hand.at.astimezone(ZONE))
        if move.who != "patient" and not seen.said and before and before.said:
            seen = replace(seen, said=before.said)
        moves.append(move)
        replies.append(tuple(message.body for message in seen.said))
        acts.update(move.acts)
        answered |= {key.removeprefix("answers/") for key in seen.keys if key.startswith("answers/")}
        broken += [(len(moves) - 1, one) for one in broken_by(Turn(move, before, seen, told))]
    run_clock(house, house.hand.at + AFTERWARDS, AFTERWARDS / 2)
    last = look(house.runtime, SENDER, seen, (), house.hand.at.astimezone(ZONE))
    broken += [(len(moves), one) for one in lost_wish(told, last)]
    script = Script(begins, goal, tuple(moves))
    return Played(script, tuple(broken), tuple(misses(told, last, answered)), acts, tuple(replies))


def play_again(house: House, script: Script) -> Played:
    moves = iter(script.moves)
    return play(house, script.begins, script.goal, lambda seen, now: next(moves, None))  # noqa: ARG005


def _waited(wait: timedelta, seen: Seen | None, house: House) -> Seen | None:
    """Let time pass, and return what is there then, with what the clock has sent meanwhile."""
    until = house.hand.at + wait
    if wait < WHILE:
        house.hand.at = until
        return seen
    run_clock(house, until, TICK)
    return seen and look(house.runtime, SENDER, seen, (), house.hand.at.astimezone(ZONE))


def _act(move: Move, number: int, before: Seen | None, staff_id: int, house: House) -> tuple[str, ...]:
    """Do it, and return what the patient gets in answer to the text itself."""
    if move.who == "staff" and before and before.open:
        try:
            staff_act(move.text, f"{number}", SENDER, staff_id, house)
        except Refused:
            return ()  # not to somebody who takes no texts
    if move.who != "patient":
        return ()
    text = move.text.replace("{quote}", before.last_body if before else "")
    inbound = Inbound(f"{number}", Channel.SMS, SENDER, OWN_NUMBER, text, house.hand.at, move.media)
    return house.runtime.intake.take(inbound).texts


def shortened(house: House, played: Played, kind: str) -> Played:
    """Leave out every move without which the conversation still fails in this way."""
    best = _until(played, kind)
    index = 0
    while index < len(best.script.moves):
        moves = (*best.script.moves[:index], *best.script.moves[index + 1 :])
        tried = play_again(house, replace(best.script, moves=moves))
        if any(one.kind == kind for _, one in tried.broken):
            best = tried
        else:
            index += 1
    return best


def _until(played: Played, kind: str) -> Played:
    first = next(index for index, one in played.broken if one.kind == kind)
    return replace(played, script=replace(played.script, moves=played.script.moves[: first + 1]))
