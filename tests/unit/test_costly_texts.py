"""No text is costly: every pattern and every reader takes a bounded time for whatever 2,000 characters.

facts/compliance.md 4: what one sender writes must not hold up the words of crisis of another. Times are those of this
thread's processor, the best of three, so that a busy machine counts for nothing; the limits are some times what is
aimed at (20 ms), which tells a slow machine from a pattern that is cubic: that takes seconds.
"""

import importlib
import pkgutil
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial
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
from triage.reading.times import read_window
from triage.understanding import reading, safety, saved_heads

LIMIT_MS, TIME_READER_MS, ALL_READERS_MS, MOST_WINDOWS = 250, 500, 1000, 10
LONGEST = 2000

RUNS = [
    *"a1 @.,-'?!\n+(:/#_",
    *(one + two for one in "a3 @.,-'(" for two in "a3 @.,-'!\n" if one != two),
    "no ", "10 ", "i ", "at ", "the ", "call ", "y ", "de ", "10:", "a.m ", "is it ", "not ", "and ", "or 5 ", "a@b.",
]  # fmt: skip

WORDS = [
    "no ", "3 ", "at ", "call me ", "a.m ", "602-555-0132 ", "my name is ", "monday ", "not monday ", "or 5 ", "a@b.",
    "three ", "tomorrow at 3 ", "k1ll ", "so tired ", "stop ", "&", "+1",
]  # fmt: skip

HOSTILE = [
    *((run * LONGEST)[:1600] for run in RUNS[::3]),
    *((words * 800)[:1600] for words in WORDS),
    *("call me at 602-555-0132? " + (words * 800)[:1575] for words in WORDS[:9]),
]


def modules() -> Iterator[str]:
    for package in (triage, webhooks, staff):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
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


def ms(act, tries: int = 3) -> float:
    best = float("inf")
    for _ in range(tries):
        begun = time.thread_time()
        act()
        best = min(best, (time.thread_time() - begun) * 1000)
        if best < LIMIT_MS / 5:
            break
    return best


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
        self.width, self.windows = width, set()

    def encode(self, texts):
        self.windows |= set(texts)
        return np.zeros((len(texts), self.width), dtype=np.float32)


@pytest.fixture
def counting(monkeypatch):
    """Understanding without the models: patterns, tables and all readers as they are."""

    load = saved_heads.load

    class Head:
        def __init__(self, name):
            self.labels = load(name).labels

        def scores(self, texts, _vectors):
            return np.zeros((len(texts), len(self.labels)), dtype=np.float32)

        def scores_and_nearest(self, texts, vectors):
            return self.scores(texts, vectors), ["x"] * len(texts)

    encoder = Counting(4)
    monkeypatch.setattr(reading, "the_encoder", lambda: encoder)
    monkeypatch.setattr(reading.saved_heads, "load", cache(Head))
    return encoder


def test_all_readers_together_take_a_bounded_time_for_hostile_texts(counting):
    now = datetime(2026, 11, 24, 10, tzinfo=a_clinic().zone)
    read_message.hear("what is tms", now, Channel.SMS)  # loads what is loaded once
    slow, many = {}, {}
    for text in HOSTILE:
        counting.windows.clear()
        took = ms(lambda text=text: read_message.hear(text, now, Channel.SMS, "so tired of it"), tries=2)
        if took > ALL_READERS_MS:
            slow[text[:40]] = round(took)
        screened = {window for window in counting.windows if len(window.split()) > safety.SHORT_OVERLAP}
        if len(screened) > 2 * MOST_WINDOWS:
            many[text[:40]] = len(screened)
    assert (slow, many) == ({}, {})


def test_the_time_reader_alone_is_bounded():
    now = datetime(2026, 11, 24, 10, tzinfo=a_clinic().zone)
    took = {text[:40]: ms(lambda text=text: read_window.read_window(text, now)) for text in HOSTILE}
    assert {text: took_ms for text, took_ms in took.items() if took_ms > TIME_READER_MS} == {}
