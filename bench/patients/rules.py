"""The rules, checked after every turn from outside: by what was written, what was said back, and the store.

Never by what the program says that it understood. A patient's own words mean what their phrasebook notes down.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from bench.patients.goals import Goal, is_scripted
from bench.patients.moves import Move
from bench.patients.patient import asked_by
from bench.patients.phrasebook import Meant, day_meant_before, meant
from bench.patients.seen import Seen, essentials
from triage.hours.window import OPEN_WISH
from triage.model.request import Flag, Request, Status
from triage.reading.phone_numbers import read_phones
from triage.settings import ROOT

POLITE = frozenset({"affirm", "thanks"})
SILENCE_IS_RIGHT = frozenset({"reaction", "automatic", "stop", "start"})

# These say that a call is planned; those, that none is.
SAYS_A_CALL = frozenset(
    "confirmed confirmed_nameless stands moved moved_first moved_back kept "
    "read_back read_back_nameless read_back_again "
    "status/queued status/claimed status/tried status/late status/late_again opted_out_call opted_out_call_stands "
    "urgent_done urgent_noted cancel_kept call_confirmed new_promise after_alarm".split()
)
SAYS_NO_CALL = frozenset(
    "no_call nothing_to_cancel nothing_open status/none cancelled draft_dropped stays_cancelled".split()
)
SAYS_WHEN = frozenset("stands moved moved_first moved_back kept status/queued status/claimed".split())
# Texts that we started; the kinds of their notices stand for keys.
STARTED_BY_US = frozenset({"staff_text", "tried_to_reach", "new_promise"})
# What invites at the end of an answer, and waits for none.
OFFERS = frozenset({"way_on", "offer_call", "moved", "cancelled"})
# After these, politeness is all that an "ok" can be.
DONE = frozenset(
    "moved moved_first moved_back cancelled stays_cancelled confirmed confirmed_nameless stands kept call_confirmed "
    "new_promise status/queued status/claimed status/late thanks all_right".split()
)
CLOSES = frozenset({"all_right", "thanks"})
SAFE_TO_AFFIRM = frozenset("ask_number ask_number_again offer_nearest offer_nearest_closed_day read_back "
                           "read_back_nameless read_back_again details_right".split())  # fmt: skip
ASKS_ANEW = frozenset("offer_call way_on another_time tried_to_reach missed_call you_called status/none "
                      "ask_name ask_window ask_number ask_topic nothing_open did_you_mean".split())  # fmt: skip


# Who names themselves with a title may be called by it.
_TITLE = re.compile(
    r"^(?:(?:chaplain|pastor|father|sister|dr|doctor|mr|mrs|ms|miss|sgt|capt|coach|don|dona|doña|sra|sr)\.? )+"
)

ALERTED = "harmless words alert people"


@dataclass(frozen=True)
class Broken:
    """A rule that did not hold. what: the kind, by which failures are counted."""

    rule: str
    what: str
    detail: str = ""

    @property
    def kind(self) -> str:
        return f"{self.rule} {self.what}"


@dataclass
class Told:
    """What the patient has said so far, as a person who reads along would note it down.

    numbers: those of the call that is asked for now. ever: all that were given.
    """

    goal: Goal
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    windows: list[Meant] = field(default_factory=list)
    topic: bool = False
    wished_at: datetime | None = None
    danger: str | None = None
    stopped: bool = False
    no_calls: bool = False
    not_me: bool = False
    cancelled: Any = None
    had_before: bool = False
    wants_none: bool = False
    asked: set[str] = field(default_factory=set)

    def note(self, move: Move, before: Seen | None, now: datetime) -> None:
        acts = set(move.acts)
        if before and before.request and not before.open and self.cancelled is None:
            self.numbers, self.windows, self.topic = set(), [], False  # that was of a call which is over
        if acts & {"wish", "take"} or (acts & {"window", "move", "name", "number", "two_numbers"} and self.wished_at):
            self.wished_at = now
            self.no_calls = False
        if "name" in acts:
            self.names.add(self.goal.name.casefold())
        if acts & {"number", "two_numbers"} and not move.says.get("own"):
            self.numbers |= {one for one in (_e164(self.goal.number), _e164(self.goal.second)) if one}
            self.ever |= self.numbers
        if acts & {"window", "move"}:
            wanted = meant(move.says, now, move.text)
            self.windows += [wanted] if self.windows[-1:] != [wanted] else []  # said again, it is no change
            # Where the promise had passed there is no earlier time to go back to.
            self.had_before = bool(before and before.open and before.open.window_start and before.open.due_at > now)
        if "undo" in acts and before and before.open and len(self.windows) > 1 and self.had_before:
            self.windows.pop()
            self.had_before = False
        if "undo" in acts and before and not before.open and self.cancelled:
            self.wished_at = now
        self.topic = self.topic or "topic" in acts
        self.danger = move.says.get("label", "crisis") if "danger" in acts else self.danger
        if "stop" in acts:
            self.stopped = move.says.get("scope") in ("texts", "all")
            if move.says.get("scope") == "all":
                self.wished_at = None
        self.stopped = self.stopped and "start" not in acts
        if acts & {"cancel", "no_calls"}:
            self.wished_at = None
        if "reached" in acts:
            self.wished_at = None  # the call that was asked for has been
        self.wants_none = (self.wants_none or bool(acts & {"cancel", "no_calls"})) and self.wished_at is None
        self.no_calls = self.no_calls or "no_calls" in acts
        self.not_me = self.not_me or "not_me" in acts
        if "cancel" in acts:
            self.cancelled = before.open if before else None
        if "question" in acts:
            self.asked.add(move.says["label"])


@dataclass(frozen=True)
class Turn:
    """One move with what was there before it and after. told: with this move in it."""

    move: Move
    before: Seen | None
    after: Seen
    told: Told

    @property
    def acts(self) -> set[str]:
        return set(self.move.acts)

    @property
    def meant_before(self) -> Meant | None:
        """Return the time that was asked for before, whose day an hour alone may be of."""
        agreed = self.before.open if self.before else None
        if agreed and agreed.promised_start and agreed.promised_end and agreed.promised_start != agreed.window_start:
            start, end = (at.astimezone(self.after.now.tzinfo) for at in (agreed.promised_start, agreed.promised_end))
            return Meant(start, end)  # what was taken instead of a wish that could not be
        return day_meant_before(self.told.windows)

    @property
    def speaks(self) -> bool:
        return self.move.who == "patient"

    @property
    def is_with_staff(self) -> bool:
        """Tell whether a colleague writes with them, so that the line stands back."""
        return self.after.person is not None and self.after.person.staff_wrote_at is not None

    @property
    def is_for_staff(self) -> bool:
        """Tell whether that colleague is told that there is something to read."""
        return self.is_with_staff and self.after.open is not None and self.after.open.wrote_at is not None

    def did(self, *acts: str) -> bool:
        return self.speaks and bool(self.acts & set(acts))

    def only(self, acts: frozenset[str]) -> bool:
        """Tell whether these acts are all there is: a picture beside them is something for staff to see."""
        return self.speaks and not self.move.media and bool(self.acts) and self.acts <= acts


Rule = Callable[[Turn], Iterator[Broken]]


def _figures(promised: str, words: str) -> bool:
    """Tell whether day and hours of a promise are said, in whichever language; noon is a word in one of them."""
    stored, said = ({int(figure) for figure in re.findall(r"\d+", text)} for text in (promised, words))
    return stored - {12} <= said


def says_what_is_true(turn: Turn) -> Iterator[Broken]:
    """Compare what is said of a call with the store; a request that only has something to be read promises none."""
    after, keys = turn.after, set(turn.after.keys)
    if said := keys & SAYS_A_CALL:
        if after.open is None:
            yield Broken("1", "says that a call is planned, and none is", str(sorted(said)))
        elif (when := keys & SAYS_WHEN) and after.open.promised and not _figures(after.open.promised, after.words):
            yield Broken("1", "says another time than the store", f"{sorted(when)} {after.open.promised}")
    elif (said := keys & SAYS_NO_CALL) and after.open is not None and after.open.promised:
        yield Broken("1", "says that no call is planned, and one is", str(sorted(said)))


def an_affirmation_changes_nothing(turn: Turn) -> Iterator[Broken]:
    before, after = turn.before, turn.after
    if before is None or not turn.only(POLITE) or before.open_question not in DONE:
        return
    if essentials(before.request) != essentials(after.request) or before.count != after.count:
        yield Broken("2", "an affirmation changes the request", _change(before, after))


def an_undo_gives_all_back(turn: Turn) -> Iterator[Broken]:
    was = turn.told.cancelled
    if not turn.did("undo") or turn.before is None or was is None or turn.before.open:
        return
    if turn.before.open_question not in ("cancelled", "stays_cancelled") or was.due_at <= turn.after.now:
        return
    if essentials(was) != essentials(turn.after.request):
        yield Broken("2", "an undo does not give back what there was", _plain(turn.after.request))


def what_is_over_is_over(turn: Turn) -> Iterator[Broken]:
    before, after = turn.before, turn.after
    if before is None or before.request is None or before.open or before.open_question in ASKS_ANEW:
        return
    if turn.only(POLITE | {"reaction", "deny"}) and (after.open or after.count > before.count):
        yield Broken("3", "a short answer after the end makes a request", _change(before, after))


def what_was_given_is_kept(turn: Turn) -> Iterator[Broken]:
    request, told = turn.after.open, turn.told
    if request is None or not turn.speaks or turn.told.not_me:
        return
    if request.name and _TITLE.sub("", request.name.casefold()) not in told.names:
        yield Broken("4", "a name that was not given", request.name)
    own = turn.after.person.phone if turn.after.person else None
    phone = request.phone
    if phone and phone not in {*told.ever, own}:
        yield Broken("4", "a number that was not given", phone)
    # In a crisis the phone that they hold is the one to ring.
    if told.numbers and phone == own and request.promised and not turn.after.pages:
        yield Broken("4", "a number that was given is replaced by the sender's", f"{sorted(told.numbers)}")
    given = told.windows[-1] if told.windows else None
    if request.window_start and given is None and not _as_soon_as_can_be(request):
        yield Broken("4", "a time that was not given", str(_local(request.window_start, turn)))
    if (
        given
        and turn.did("window", "move")
        and not turn.is_for_staff
        and not given.fits(request.window_start, turn.meant_before)
        # The agreed time said again stands.
        and not (request.promised_start and given.fits(request.promised_start, turn.meant_before))
    ):
        yield Broken("4", "another time than was given", f"{request.window_start} for {given.start}")


def danger_is_held(turn: Turn) -> Iterator[Broken]:
    after, told = turn.after, turn.told
    names_a_line = "988" in after.words or "911" in after.words
    if turn.speaks and after.pages and after.reply and not names_a_line:
        yield Broken("5", "a reply to somebody in danger without 988 or 911", str(after.keys))
    if after.pages and told.danger is None:
        yield Broken("5", ALERTED, turn.move.text)
    if turn.did("danger") and not names_a_line:
        yield Broken("5", "words of danger are answered without 988 or 911", turn.move.text)
    if turn.did("danger") and after.open is None and not after.open_question.startswith("check_in/"):
        yield Broken("5", "words of danger reach nobody", turn.move.text)


def low_moods_are_heard(turn: Turn) -> Iterator[Broken]:
    if turn.did("low_mood") and not turn.told.stopped and "988" not in turn.after.words:
        yield Broken("6", "a low mood is answered without 988", turn.move.text)


def late_is_admitted(turn: Turn) -> Iterator[Broken]:
    before = turn.before
    if not turn.did("status", "complaint") or before is None or before.open is None or before.pages:
        return
    is_late = before.open.promised and before.open.due_at <= turn.after.now
    if is_late and not turn.told.stopped and set(turn.after.keys) & {"status/queued", "status/claimed", "stands"}:
        yield Broken("7", "the old promise is repeated when it is late", str(turn.after.keys))


def opted_out_means_silence(turn: Turn) -> Iterator[Broken]:
    before, after = turn.before, turn.after
    was_out = bool(before and before.person and before.person.opted_out_at)
    if was_out and after.said and not turn.did("danger", "danger_yes", "start", "stop", "low_mood", "no_danger"):
        yield Broken("8", "somebody who opted out is texted", str(after.keys))
    if turn.did("stop") and turn.told.stopped and not (after.person and after.person.opted_out_at):
        yield Broken("8", "an opt-out is not obeyed", turn.move.text)
    if turn.did("start") and after.person and after.person.opted_out_at:
        yield Broken("8", "a START is not obeyed", turn.move.text)
    stored = (after.person and after.person.no_calls_at) or Flag.TEXT_ONLY in _flags(after)
    if turn.did("no_calls") and not turn.told.stopped and not after.pages and not stored:
        yield Broken("8", "'do not call me' is not stored", turn.move.text)


def a_reaction_is_no_speech(turn: Turn) -> Iterator[Broken]:
    before, after = turn.before, turn.after
    if before is None or not turn.only(frozenset({"reaction"})) or before.open_question in SAFE_TO_AFFIRM:
        return
    if essentials(before.request) != essentials(after.request) or before.count != after.count:
        yield Broken("9", "a reaction changes the request", _change(before, after))


def somebody_else_is_noted(turn: Turn) -> Iterator[Broken]:
    ours = turn.before and turn.before.open and turn.before.open_question in STARTED_BY_US
    if turn.did("not_me") and ours and Flag.WRONG_NUMBER not in _flags(turn.after):
        yield Broken("10", "'wrong number' is not flagged", turn.move.text)


def nobody_meets_silence(turn: Turn) -> Iterator[Broken]:
    if not turn.speaks or turn.acts & SILENCE_IS_RIGHT or turn.after.reply:
        return
    if turn.before and turn.before.open_question in CLOSES and not any(map(str.isalnum, turn.move.text)):
        return  # a sign after the close ends it
    if turn.is_for_staff or (turn.is_with_staff and turn.only(POLITE | {"digress"})):
        return
    person = turn.after.person
    if not (person and person.opted_out_at) and Flag.WRONG_NUMBER not in _flags(turn.after):
        yield Broken("11", "silence", turn.move.text)


def no_question_is_repeated(turn: Turn) -> Iterator[Broken]:
    before, after = turn.before, turn.after
    if not turn.speaks or before is None or not after.reply:
        return
    asked, asks = (before.open_question, before.last_body), (after.open_question, after.last_body)
    if repeats_a_question(asked, asks):
        yield Broken("6", "the same question in the same words", str(after.open_question))


def nothing_beyond_the_page(turn: Turn) -> Iterator[Broken]:
    answered = [key for key in turn.after.keys if key.startswith("answers/")]
    if turn.did("question") and not is_scripted(turn.move.says["label"]) and answered:
        yield Broken("12", "a question for people is answered by a script", f"{answered} {turn.move.text}")


def repeats_a_question(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Tell whether a text ends with the same question, in the same words, as the one before it: of each the last key
    and its words.
    """
    (asked, body), (asks, again) = before, after
    if asked != asks or asks in OFFERS or asked_by(asks) is None:
        return False
    found, found_again = (_worded(asks).search(one) for one in (body, again))
    return found is not None and found_again is not None and found[0] == found_again[0]


@cache
def _worded(key: str) -> re.Pattern[str]:
    """Return what ends a text with these words, whatever stands in their slots, in either language."""
    files = sorted((ROOT / "templates" / "sms").glob(f"*/{key}.txt"))
    texts = (re.split(r"\{[^}]*\}", file.read_text("utf-8").strip()) for file in files)
    return re.compile(f"(?:{'|'.join('.+?'.join(map(re.escape, parts)) for parts in texts)})$")


RULES: tuple[Rule, ...] = (
    says_what_is_true,
    an_affirmation_changes_nothing,
    an_undo_gives_all_back,
    what_is_over_is_over,
    what_was_given_is_kept,
    danger_is_held,
    low_moods_are_heard,
    late_is_admitted,
    opted_out_means_silence,
    a_reaction_is_no_speech,
    somebody_else_is_noted,
    nobody_meets_silence,
    no_question_is_repeated,
    nothing_beyond_the_page,
)


def broken_by(turn: Turn) -> list[Broken]:
    return [broken for rule in RULES for broken in rule(turn)]


# --- at the end


def lost_wish(told: Told, seen: Seen) -> list[Broken]:
    """Return the wish that came to nothing, once the draft's time is up."""
    if told.wished_at is None or told.no_calls:
        return []
    request = seen.request
    kept = request and (request.is_open or (request.closed_at and request.status is Status.DONE))
    return [] if kept else [Broken("1", "a wish for a call is lost", _plain(request))]


def misses(told: Told, seen: Seen, answered: set[str]) -> list[str]:
    """Return what of the goal was not met."""
    wrong, request, goal = [], seen.request, told.goal
    if told.danger in ("crisis", "emergency") and not (request and request.priority.pages):
        wrong.append("danger")
    if told.stopped != bool(seen.person and seen.person.opted_out_at):
        wrong.append("opt-out")
    wrong += [f"question {one}" for one in sorted(told.asked) if is_scripted(one) and one not in answered]
    if told.wished_at is None:
        # Where no call helps, the request stays for staff, who write.
        in_writing = told.no_calls and Flag.TEXT_ONLY in _flags(seen)
        # Whom staff write with, they answer: a cancellation is theirs to read.
        in_writing = in_writing or (request is not None and request.wrote_at is not None)
        stays = request and request.is_open and request.window_start and not in_writing
        return [*wrong, "cancelled"] if stays and told.wants_none and not told.danger else wrong
    if request is None or request.status is Status.CANCELLED:
        return [*wrong, "no request"]
    if told.names and _TITLE.sub("", (request.name or "").casefold()) not in told.names:
        wrong.append("name")
    if told.numbers and request.phone not in told.numbers:
        wrong.append("number")
    if told.topic and request.topic != goal.topic and not told.danger:
        wrong.append("topic")
    # Whom staff write with, they answer, and move the call.
    given = told.windows[-1] if told.windows and request.wrote_at is None else None
    before = day_meant_before(told.windows)
    starts = [start for start in (request.window_start, request.promised_start) if start]
    if given and given.start and not any(given.fits(start, before) for start in starts):
        wrong.append("time")
    return wrong


# --- words of the report


def _as_soon_as_can_be(request: Request) -> bool:
    """Tell whether no time is asked for: a wish for a call "when you can" keeps a whole day as its time."""
    start, end = request.window_start, request.window_end
    return start is not None and end is not None and end - start >= OPEN_WISH


def _e164(written: str | None) -> str | None:
    return next(iter(read_phones(written)), None) if written else None


def _flags(seen: Seen) -> frozenset[Flag]:
    return seen.request.flags if seen.request else frozenset()


def _local(moment: datetime, turn: Turn) -> datetime:
    return moment.astimezone(turn.after.now.tzinfo)


def _plain(request: Any) -> str:
    return str(essentials(request))


def _change(before: Seen, after: Seen) -> str:
    pairs = zip(essentials(before.request) or (), essentials(after.request) or (), strict=False)
    return "; ".join(f"{was} -> {now}" for was, now in pairs if was != now) or f"{before.count} -> {after.count}"
