"""A patient: goes through an agenda, sees what is said, and answers the question that was really asked."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.patients.goals import TOPICS, Goal, Temper
from bench.patients.moves import Move
from bench.patients.phrasebook import Line, Phrasebook, filled, meant
from bench.patients.seen import Seen

# What each question is answered with; a key that is not here asks nothing of a patient who wants a call.
ASKED = {
    "ask_name": "name",
    "ask_number": "number",
    "ask_number_withheld": "number",
    "number_unclear": "number",
    "ask_window": "window",
    "offer_nearest": "take",
    "offer_nearest_closed_day": "take",
    "ask_topic": "topic",
    "read_back": "confirm",
    "read_back_nameless": "confirm",
    "details_right": "confirm",
    "did_you_mean": "choose",
    "offer_call": "take",
    "way_on": "take",
    "change": "change",
    "which_time": "repeat",
}
_FIGURE_ALONE = re.compile(
    r"\W*(?:(?:idk|maybe|like|around|about|say|como) )*"
    r"(?:\d{1,2}|one|two|three|four|nine|ten|eleven|una|dos|tres|cuatro|nueve|diez|once)\W*",
    re.IGNORECASE,
)

# How we name each question where one of two is to be chosen.
CHOICES = Path(__file__).parent.parent.parent / "templates" / "sms"

MOST_ANSWERS = 14
NOTICED = ("tried_to_reach", "another_time")  # of these a patient may ask for another time; ours wait


def asked_by(key: str) -> str | None:
    """Return what a key asks for; None if it asks nothing."""
    if key.startswith("check_in/") and not key.endswith("closed"):
        return "check_in"
    return ASKED.get(key.removesuffix("_again"))


@dataclass
class Patient:
    """One patient. Whatever they decide comes of their own random numbers and of what they see."""

    goal: Goal
    temper: Temper
    book: Phrasebook
    rng: random.Random
    first_day: date
    agenda: list[str] = field(init=False)
    answers: int = 0
    window: tuple[str, Mapping[str, Any]] | None = None
    endangered: bool = False
    corrected: bool = False
    cancels: bool = False
    asked: str | None = None
    told: str = ""

    def __post_init__(self) -> None:
        self.agenda = list(self.goal.agenda)

    def next(self, seen: Seen | None, now: datetime) -> Move | None:
        """Return what happens next; None when the agenda is done. now: in the clinic's zone."""
        asks = asked_by(seen.open_question) if seen and seen.said else None
        self.told = seen.last_body if seen else ""
        if asks and self.answers < MOST_ANSWERS and not self._is_over(asks):
            self.answers += 1
            move = self._answer(asks, now)
            if move:
                return self._dressed(move)
        self.answers = 0
        while self.agenda:
            move = self._of_the_agenda(self.agenda.pop(0), seen, now)
            if move:
                return self._dressed(move)
        return None

    def _is_over(self, asks: str) -> bool:
        """Tell whether they want no call any more, and leave its questions alone."""
        return asks in ("take", "confirm") and "form" not in self.agenda and not self.agenda and self.window is None

    # --- the agenda

    def _of_the_agenda(self, item: str, seen: Seen | None, now: datetime) -> Move | None:
        if item == "form":
            return None
        if item.startswith("staff:"):
            act = item.removeprefix("staff:")
            return Move("staff", (act.split(":")[0],), act, wait_min=30) if seen and seen.open else None
        if item == "hours":
            return Move("clock", ("hours",), wait_min=self.rng.choice((60, 120, 180)))
        if item == "day":
            return Move("clock", ("day",), wait_min=22 * 60)
        if item == "late":
            return self._until_late(seen, now)
        if item == "picture":
            return Move("patient", ("picture",), "", media=("image/jpeg",))
        if item == "wish" and self.rng.random() < self.temper.at_once:
            return self._together(("wish", *self.rng.sample(("name", "number", "window"), 2)), now)
        if item == "danger":
            self.endangered = True
        if item in ("cancel", "move"):
            self.cancels = item == "cancel"
        return self._say(item, now)

    @staticmethod
    def _until_late(seen: Seen | None, now: datetime) -> Move | None:
        if seen is None or seen.open is None or seen.pages:
            return None
        minutes = (seen.open.due_at - now) / timedelta(minutes=1) + 30
        return Move("clock", ("late",), wait_min=max(minutes, 30))

    # --- answers

    def _answer(self, asks: str, now: datetime) -> Move | None:
        in_form = asks in ("name", "number", "window", "topic")
        if in_form and self.rng.random() < self.temper.silent:
            self.temper = Temper(**{**vars(self.temper), "silent": 0.0})
            return Move("clock", ("day",), wait_min=20 * 60)
        if in_form and self.rng.random() < self.temper.digresses:
            act = self.rng.choice(("digress", "question", "no_danger"))
            if said := self._say(act, now):
                return said
        if asks == "name" and self.rng.random() < self.temper.off_question:
            return self._say("window", now)
        if asks in ("name", "number", "window") and self.rng.random() < self.temper.at_once:
            return self._together((asks, *(one for one in ("name", "number", "window") if one != asks)), now)
        if asks == "confirm":
            if self.window and not self.corrected and self.rng.random() < self.temper.corrects:
                self.corrected = True
                return self._say("move", now)
            return self._say("affirm", now) if self.rng.random() < 0.6 else self._digit("1", "affirm")
        if asks == "take":
            return self._digit("1", "take") if self.rng.random() < 0.7 else self._say("affirm", now)
        if asks == "choose":
            return self._digit(self._chosen(), "choose")
        if asks == "check_in":
            return self._digit("1", "danger_yes") if self.endangered else self._say("calm", now)
        if asks == "topic":
            return self._digit(str(TOPICS.index(self.goal.topic) + 1), "topic", topic=self.goal.topic)
        if asks in ("change", "repeat"):
            return self._say("window", now)
        return self._say(asks, now)

    def _chosen(self) -> str:
        """Return the digit behind which the question that they asked stands in the words of ours."""
        words = CHOICES / self.goal.lang / "choice" / f"{self.asked}.txt"
        if self.asked is None or not words.exists():
            return "1"
        return "2" if words.read_text(encoding="utf-8").strip() in self.told.rpartition("2)")[2] else "1"

    @staticmethod
    def _digit(digit: str, act: str, **says: Any) -> Move:
        return Move("patient", (act,), digit, says)

    def _together(self, acts: tuple[str, ...], now: datetime) -> Move | None:
        """Say several things in one text, one sentence each."""
        moves = [move for act in acts if (move := self._say(act, now))]
        # A figure alone ("2", "idk maybe 3") answers a question; beside a wish for a call nobody would know it.
        moves = [move for at, move in enumerate(moves) if at == 0 or not _FIGURE_ALONE.fullmatch(move.text)]
        if not moves:
            return None
        text = ". ".join(move.text.rstrip(" .") for move in moves)
        says = {name: value for move in moves for name, value in move.says.items()}
        return Move("patient", tuple(act for move in moves for act in move.acts), text, says)

    # --- words

    def _say(self, act: str, now: datetime) -> Move | None:
        line = self._line(act, now)
        if line is None:
            return None
        values = {"name": self.goal.name, "phone": self.goal.number or "", "phone2": self.goal.second or ""}
        values |= {
            "topic": {"both": "TMS and ketamine", "other": "something else"}.get(self.goal.topic, self.goal.topic)
        }
        text = filled(line.text, values | {"quote": "{quote}"})
        if act in ("window", "move") and line.says:
            self.window = (text, line.says)
        if line.act == "question":
            self.asked = line.says.get("label")
        return Move("patient", (line.act,), text, line.says)

    def _line(self, act: str, now: datetime) -> Line | None:
        lang, pick = self.goal.lang, self.book.pick
        if act == "number":
            if self.goal.second and self.book.has("two_numbers", lang):
                return pick("two_numbers", lang, self.rng)
            own = pick("number", lang, self.rng, own=True)
            given = [line for line in self.book.lines("number", lang) if "{phone}" in line.text]
            return self.rng.choice(given) if self.goal.number and given else own
        if act in ("window", "move"):
            fits = [line for line in self.book.lines(act, lang) if _is_ahead(line, now, self.first_day)]
            return self.rng.choice(fits) if fits else None
        if act == "topic":
            return pick(act, lang, self.rng, topic=self.goal.topic)
        lines = self.book.lines(act, lang)
        if act == "undo":  # "don't cancel it" undoes no other time
            lines = [line for line in lines if self.cancels or line.says.get("of") != "cancel"]
        if self.temper.terse and lines:
            lines = sorted(lines, key=lambda line: len(line.text))[: max(1, len(lines) // 2)]
        return self.rng.choice(lines) if lines else None

    def _dressed(self, move: Move) -> Move:
        """Write it as this patient writes."""
        if move.who != "patient" or not move.text:
            return move
        is_plain = not {"reaction", "stop", "start", "automatic"} & set(move.acts)
        text = move.text.lower().rstrip(".!") if self.temper.careless and is_plain else move.text
        media = ("image/jpeg",) if is_plain and self.rng.random() < self.temper.pictures else ()
        return Move(move.who, move.acts, text, move.says, move.wait_min, media)


def _is_ahead(line: Line, now: datetime, first_day: date) -> bool:
    """Tell whether a line's window lies ahead, and means what it did on the day for which it was worded: a date or
    "next Monday" does not later on, and a weekday said on that weekday may mean today or in a week.
    """
    weekday = line.says.get("weekday", "")[:3].lower()
    if weekday == now.strftime("%a").lower() or (now.date() != first_day and (line.says.get("days", 0) > 1)):
        return False
    start = meant(line.says, now, line.text).start
    return start is None or start > now + timedelta(minutes=30)
