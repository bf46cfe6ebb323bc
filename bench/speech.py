"""`python -m bench.speech`: seconds of speech that a caller hears, until the queue and until a choice is said.

Spoken by eSpeak NG where its library can be found (`pip install espeakng-loader`, or ESPEAK_LIBRARY and ESPEAK_DATA),
at the pace of a phone voice; else estimated from the length of the words. A key takes a second, a pause after words
another. Prints a table.
"""

import ctypes
import importlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from triage.conversation import call_turns
from triage.conversation.state import Effect, Put, Situation, Talk, Turn
from triage.model.message import Channel
from triage.model.person import Person
from triage.model.request import Priority, Request, Status
from triage.reading.read_message import hear
from triage.settings import ROOT, read_clinic
from triage.wording import Wording

KEY_S, PAUSE_S = 1.0, 1.0
LETTERS_A_SECOND = 15.0
RATE = 175  # words a minute, the library's own default
CALLER = "+16025550177"
SENTENCES = {
    "en": "this is dana whitfield please call me tomorrow at three about ketamine at this number",
    "es": "me llamo dana whitfield llámenme mañana a las tres sobre la ketamina a este número",
}
VOICES = {"en": b"en-us", "es": b"es-419"}

Clip = tuple[str, str]  # language and sentence


@dataclass(frozen=True)
class Bar:
    name: str
    seconds: float
    bar: float


# --- how long a sentence takes


@cache
def spoken_s(lang: str, words: str) -> float:
    samples = _samples(lang, words) if _library() else None
    return len(words) / LETTERS_A_SECOND if samples is None else samples / 22050


@cache
def _library() -> ctypes.CDLL | None:
    found, data = os.environ.get("ESPEAK_LIBRARY"), os.environ.get("ESPEAK_DATA")
    if not found:
        try:
            loader = importlib.import_module("espeakng_loader")
        except ImportError:
            return None
        found, data = loader.get_library_path(), loader.get_data_path()
    library = ctypes.CDLL(found)
    # 1 is AUDIO_OUTPUT_RETRIEVAL: the sound is handed over and not played.
    library.espeak_Initialize(1, 0, str(Path(data or "").resolve()).encode() if data else None, 0)
    library.espeak_SetParameter(1, RATE, 0)
    return library


def _samples(lang: str, words: str) -> int:
    library, counted = _library(), [0]
    assert library is not None

    def take(_sound: object, count: int, _events: object) -> int:
        counted[0] += count
        return 0

    heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(take)
    library.espeak_SetSynthCallback(heard)
    library.espeak_SetVoiceByName(VOICES[lang])
    text = words.encode()
    library.espeak_Synth(text, len(text) + 1, 0, 0, 0, 1, None, None)
    library.espeak_Synchronize()
    return counted[0]


# --- a call without a database


class Caller:
    """One call: what was heard in each turn, and whether it is in the queue."""

    def __init__(self, lang: str, words: Wording) -> None:
        clinic = read_clinic(ROOT / "clinic.toml")
        now = datetime(2026, 11, 23, 10, 0, tzinfo=clinic.zone)
        person = Person(1, CALLER, lang)
        talk = Talk(lang=lang)
        self.words = words
        self.situation = Situation(clinic, Channel.VOICE, now, person, talk, sender=CALLER, known=True)
        self.heard: list[list[Clip]] = []
        self._take(call_turns.opening(self.situation))

    @property
    def is_queued(self) -> bool:
        request = self.situation.request
        return request is not None and request.name is not None

    def does(self, said: str) -> "Caller":
        heard = hear(said, self.situation.now, Channel.VOICE)
        self._take(call_turns.take_turn(heard, self.situation, 0))
        return self

    def _take(self, turn: Turn) -> None:
        lang = turn.talk.lang
        self.heard.append(
            [(s.lang or lang, self.words.say(s.key, s.lang or lang, s.values, Channel.VOICE)) for s in turn.reply.says]
        )
        for effect in turn.effects:
            self._change(effect)
        self.situation = replace(self.situation, talk=turn.talk)

    def _change(self, effect: Effect) -> None:
        if isinstance(effect, Put):
            now = self.situation.now
            request = Request(41, 1, Status.QUEUED, Priority.ROUTINE, "voice", self.situation.talk.lang, now, now, now)
            self.situation = replace(self.situation, request=replace(request, name=effect.name, phone=effect.phone))


def whole(turn: Sequence[Clip], _key: str) -> float:
    return sum(spoken_s(lang, words) for lang, words in turn)


def until_said(turn: Sequence[Clip], key: str) -> float:
    """Return when the key is said; all of the turn where it is not."""
    heard = 0.0
    for lang, words in turn:
        said = re.search(rf"(?:press|oprima|,) {key}(?=[.,])", words) if key.isdecimal() else None
        if said:
            return heard + spoken_s(lang, words[: said.end()])
        heard += spoken_s(lang, words)
    return heard


def to_the_queue(
    lang: str, keys: Sequence[str], words: Wording, listens: Callable[[Sequence[Clip], str], float]
) -> float:
    """Return the seconds from pick-up until the call-back is in the queue; what is no key is said."""
    caller, seconds = Caller(lang, words), 0.0
    for said in keys:
        seconds += listens(caller.heard[-1], said)
        seconds += KEY_S if said.isdecimal() else spoken_s(lang, said) + PAUSE_S
        caller.does(said)
        if caller.is_queued:
            return seconds
    raise SystemExit(f"bench: {keys} does not lead to the queue")


def measured(call_back: str = "1") -> Iterator[Bar]:
    """Yield each figure with its bar. call_back: the key of the menu for a call-back."""
    words = Wording()
    keys = (call_back, "Dana", "1", "1")
    yield Bar("to the queue by keys, hears everything", to_the_queue("en", keys, words, whole), 45)
    yield Bar("to the queue by keys, presses when it is said", to_the_queue("en", keys, words, until_said), 30)
    spanish = Caller("en", words).does("9").heard
    # The first prompt is heard in English up to the key for Spanish, then the menu in Spanish.
    key_9 = until_said(Caller("en", words).heard[0], "9") + KEY_S
    begun = whole(spanish[-1], "") - whole(Caller("es", words).heard[0], "")
    yield Bar("the same in Spanish, hears everything", key_9 + begun + to_the_queue("es", keys, words, whole), 50)
    yield Bar("one sentence over the menu", spoken_s("en", SENTENCES["en"]) + PAUSE_S + _rest("en", words), 12)
    yield Bar("until the first choice is said", until_said(Caller("en", words).heard[0], "9"), 8)
    yield Bar("the whole of the first prompt", whole(Caller("en", words).heard[0], ""), 20)


def _rest(lang: str, words: Wording) -> float:
    """Return what is still heard after one sentence, until it is in the queue."""
    caller = Caller(lang, words).does(SENTENCES[lang])
    return 0.0 if caller.is_queued else whole(caller.heard[-1], "")


def figures() -> Mapping[str, Mapping[str, float]]:
    return {row.name: {"seconds": round(row.seconds, 1), "bar": row.bar} for row in measured()}


def main() -> None:
    print(f"{'seconds of speech':<48}{'heard':>8}{'bar':>8}   ({'eSpeak NG' if _library() else 'estimated'})")
    for name, row in figures().items():
        print(f"{name:<48}{row['seconds']:>8}{row['bar']:>8}")


if __name__ == "__main__":
    main()
