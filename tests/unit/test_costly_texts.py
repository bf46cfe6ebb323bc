"""No text is costly: every pattern and every reader takes a bounded time for whatever 2,000 characters.

facts/compliance.md 4: what one sender writes must not hold up the words of crisis of another. Times are those of this
thread's processor, the best of five, so that a busy machine counts for little; the limits are three or four times what
is aimed at and measured (20 ms a reader), which tells a slow machine from a pattern that is quadratic.
"""

import importlib
import inspect
import pkgutil
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial, wraps
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import staff
import triage
import webhooks
from tests.builders import a_clinic
from tests.climbing import climbs
from triage.model.message import Channel
from triage.reading import read_message
from triage.understanding import bounded_words, encoder, fold, reading, safety, saved_heads
from triage.understanding.encoder import MOST_WORDS
from triage.understanding.reading import MOST_PARTS

LIMIT_MS, ONE_READER_MS, ALL_READERS_MS, MOST_WINDOWS = 60, 80, 250, 10
MOST_PIECES = 1000  # of all that the encoder is given of one text: some 235 ms
LONGEST = 2000

RUNS = [
    *"a1 @.,-'?!\n+(:/#_",
    *(one + two for one in "a3 @.,-'(" for two in "a3 @.,-'!\n" if one != two),
    "no ", "10 ", "i ", "at ", "the ", "call ", "y ", "de ", "10:", "a.m ", "is it ", "not ", "and ", "or 5 ", "a@b.",
]  # fmt: skip

WORDS = [
    "no ", "3 ", "at ", "call me ", "a.m ", "602-555-0132 ", "my name is ", "monday ", "not monday ", "or 5 ", "a@b.",
    "three ", "tomorrow at 3 ", "k1ll ", "so tired ", "stop ", "&", "+1", "👍", "🔫a", "½", "⑴", "\ufdfa", "\ufdfa1",
    "㏂3", "ty im rn ", "idk ", "w/", "not tomorrow at 3 ", "5pm-7pm ", "move m ",
]  # fmt: skip

HOSTILE = [
    *((run * LONGEST)[:1600] for run in RUNS[::3]),
    *((words * 800)[:1600] for words in WORDS),
    *("call me at 602-555-0132? " + (words * 800)[:1575] for words in WORDS[:9]),
]


FOR_TRAINING = ("triage.understanding.train", "triage.understanding.branch_net")  # they need torch, and read no texts


def modules() -> Iterator[str]:
    for package in (triage, webhooks, staff):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and found.name not in FOR_TRAINING:
                importlib.import_module(found.name)
    return (name for name in sys.modules if name.split(".")[0] in ("triage", "webhooks", "staff"))


def patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        yield from (one for inner in value.values() for one in patterns_in(inner, depth + 1))
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        yield from (one for inner in value for one in patterns_in(inner, depth + 1))


def ways_of(name: str, said: str) -> set[str]:
    """Return how a pattern is used in the module that has it: "fullmatch", "match", "search"; all where unsure."""
    uses = set(re.findall(rf"(?<![\w.]){name}\b(?:\[\w+\])?\.(\w+)\(", said))
    if not uses or re.search(rf"[(\[, ]{name}[),\]]| in {name}:", said):
        return {"fullmatch", "search"}
    return {use if use in ("fullmatch", "match") else "search" for use in uses}


def every_pattern() -> dict[str, tuple[re.Pattern[str], set[str]]]:
    found = {}
    for module in list(modules()):
        said = Path(sys.modules[module].__file__).read_text("utf-8")
        for name, value in list(vars(sys.modules[module]).items()):
            if type(value).__module__.startswith("werkzeug"):
                continue
            for pattern in patterns_in(value):
                if isinstance(pattern.pattern, str):
                    found[f"{module}.{name} {pattern.pattern}"] = (pattern, ways_of(name, said))
    for phrase in safety.phrases():
        found |= {f"{phrase.id} {one.pattern}": (one, {"search"}) for one in (phrase.says, phrase.unless) if one}
    return found


def ms(act, tries: int = 5) -> float:
    best = float("inf")
    for _ in range(tries):
        begun = time.thread_time()
        act()
        best = min(best, (time.thread_time() - begun) * 1000)
        if best < LIMIT_MS / 3:
            break
    return best


@pytest.mark.rare
def test_every_pattern_takes_a_bounded_time_for_runs_of_one_and_two_characters():
    slow = {}
    for name, (pattern, ways) in every_pattern().items():
        act = pattern.search if "search" in ways else pattern.match
        for run in RUNS:
            if (took := ms(lambda act=act, run=run: act((run * LONGEST)[:LONGEST]))) > LIMIT_MS:
                slow[name] = (run, round(took))
                break
    assert slow == {}


class TooLong(Exception):
    """A pattern that was at work for longer than it may."""


@pytest.fixture
def bounded():
    """Breaks off what takes longer than the limit: a pattern that can be read in countless ways would never end."""

    def stop(*_):
        raise TooLong

    def run(act) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_MS / 1000)
        try:
            act()
        except TooLong:
            return False
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return True

    before = signal.signal(signal.SIGVTALRM, stop)
    yield run
    signal.signal(signal.SIGVTALRM, before)


def test_no_pattern_can_be_read_in_countless_ways(bounded):
    """Each is led up its own repeats: "10 10 10 ..." held one of them, and with it the whole process, for ever."""
    dice, slow, tried = random.Random(1), {}, 0
    for name, (pattern, ways) in every_pattern().items():
        for text, way in product(climbs(pattern, LONGEST, dice), ways):
            tried += 1
            if not any(bounded(partial(getattr(pattern, way), text)) for _ in range(3)):
                slow[name[:80]] = (way, text[:60])
    assert slow == {}
    assert tried > 100


class Counting:
    """Encodes nothing, and counts what it was given."""

    name = "e5"

    def __init__(self, width: int) -> None:
        self.width, self.given = width, []

    def encode(self, texts):
        self.given += texts
        return np.zeros((len(texts), self.width), dtype=np.float32)

    @property
    def windows(self):
        """Return how many texts it was given, short ones left out."""
        return sum(len(text.split()) > safety.SHORT_OVERLAP for text in self.given)

    @property
    def pieces(self):
        known = bounded_words.load().pieces
        return sum(len(known.of(" ".join(text.split()[:MOST_WORDS]), encoder.MOST_PIECES)) for text in self.given)


@pytest.fixture
def counting(monkeypatch):
    """Understanding without the models: patterns, tables and all readers as they are. `hears` a danger everywhere."""

    load = saved_heads.load
    heard = {}

    class Head:
        def __init__(self, name):
            self.labels = load(name).labels

        def scores(self, texts, _vectors):
            row = [heard.get(label, 0) for label in self.labels]
            return np.array([row] * len(texts), dtype=np.float32)

        def scores_and_nearest(self, texts, vectors):
            return self.scores(texts, vectors), ["x"] * len(texts)

    counts = Counting(4)
    counts.hears = heard.update
    monkeypatch.setattr(reading, "the_encoder", lambda: counts)
    monkeypatch.setattr(reading.saved_heads, "load", cache(Head))
    return counts


NOW = datetime(2026, 11, 24, 10, tzinfo=a_clinic().zone)


def test_each_reader_alone_and_all_together_take_a_bounded_time_for_hostile_texts(counting, monkeypatch):
    read_message.hear("what is tms", NOW, Channel.SMS)  # loads what is loaded once
    took: dict[str, float] = {}
    for name, reader in list(vars(read_message).items()):
        is_reader = inspect.isroutine(inspect.unwrap(reader)) and reader.__module__.startswith("triage.")
        if is_reader and name != "hear":
            monkeypatch.setattr(read_message, name, timed(name, reader, took))
    slow = {}
    for text in HOSTILE:
        best: dict[str, float] = {}
        for _ in range(5):
            took.clear()
            fold.fold.cache_clear()
            took["all"] = ms(lambda text=text: read_message.hear(text, NOW, Channel.SMS, "so tired of it"), tries=1)
            best = {name: min(each, best.get(name, each)) for name, each in took.items()}
            if not (late := too_late(best)):
                break
        if late:
            slow[text[:40]] = late
    assert slow == {}


def timed(name, reader, took):
    @wraps(reader)
    def run(*given, **named):
        begun = time.thread_time()
        try:
            return reader(*given, **named)
        finally:
            took[name] = max(took.get(name, 0), (time.thread_time() - begun) * 1000)

    return run


def too_late(took):
    return {
        name: round(each) for name, each in took.items() if each > (ALL_READERS_MS if name == "all" else ONE_READER_MS)
    }


STORY = (
    "I have been feeling very low since my mother died and nothing works any more. My doctor gave me pills and I took "
    "some of them. Can you call me tomorrow at 3? I wanted to know how ketamine works and is it safe. "
)
DEAR = {
    "ordinary": (STORY * 9)[:1600],
    "with names, numbers and a code": (f"my name is Edith Coffin, 602-555-0132. i feel hopeless. k1ll. {STORY * 9}")[
        :1600
    ],
    "no words": " ".join(f"bq{number}" for number in range(400))[:1600],
    "no words of one length": " ".join(map("".join, product("qxzjk", repeat=4)))[:1600],
    "leetspeak": ("d1e k1ll m3 " * 200)[:1600],
    "leetspeak beside words": (f"k1ll {STORY * 9}")[:1600],
    "signs": ("👍😀☠" * 600)[:1600],
    "questions": ("how does tms work and how does ketamine work and can you call me? " * 40)[:1600],
    "one word": ("qxzjkvwy" * 200)[:1600],
    "another script": ("Ж " * 800)[:1600],
}


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("danger", [{"none": 9.0}, {"none": 0.27}, {"crisis": 9.0}], ids=["none", "check-in", "alarm"])
@pytest.mark.parametrize("text", DEAR.values(), ids=DEAR)
def test_what_the_encoder_has_to_read_of_one_text_is_bounded(counting, text, danger, channel):
    """Each reading without a name or a number was screened whole once more: 43 windows, 0.9 s."""
    counting.hears({**danger, "tms.how": 9.0})
    read_message.hear(text, NOW, channel, text)
    assert counting.pieces <= MOST_PIECES
    assert counting.windows <= MOST_WINDOWS + MOST_PARTS


def test_among_letters_that_are_no_words_those_that_are_stay_whole():
    odd = " ".join(f"bq{number}zxvkpqj" for number in range(50))
    (read,) = bounded_words.within([f"{odd} i want to die tonight {odd}"], 300)
    assert "i want to die tonight" in read
    assert len(read.split()) == 105
    assert bounded_words.within([read], 300) == [read]


def test_signs_that_stand_for_many_letters_make_no_text_long():
    """Each of 1,600 signs for a blessing became 18 letters; two thumbs and half a cup are read as they were."""
    for sign in ("\ufdfa", "👍", "🔫", "½", "⑴", "㏂"):
        assert len(fold.fold(sign * 1600)) <= 2 * 1600
    assert fold.fold("👍 ½ 🔫 it") == "thumbs up 1 2 gun it"
    assert fold.fold(f"{'👍' * 200} i want to die").endswith("thumbs up i want to die")
