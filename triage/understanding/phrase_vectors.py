"""Sentence vectors of phrases, kept in the user's cache so that a new phrase costs one encoding and not all of them.

The cache is no part of the repository (64 MB) nor of one clone of it; it may be deleted at any time.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from triage.understanding.encoder import PACKAGES, Sentences
from triage.understanding.fingerprint import ENCODING, code_of, weights_hash
from triage.understanding.ngrams import Vectors

PROCESSES = 2
AT_A_TIME = 100  # texts that a process encodes before it is given more


def sentence_vectors(texts: Sequence[str]) -> Vectors:
    """Return the sentence vectors of folded texts, one a row; those that are not in the cache are added to it.

    Raises ImportError, OSError or RuntimeError where the sentence encoder cannot be used and a text is new.
    """
    file = cache_file()
    known = _read(file)
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        known |= zip(new, _encode(new), strict=True)
        _write(file, known)
    return np.stack([known[text] for text in texts])


def cache_file() -> Path:
    """Return the file of this encoder: other weights, another version or other code of it have another."""
    engine = [code_of(ENCODING), weights_hash(), *map(version, PACKAGES)]
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clinic-line"
    return folder / f"sentence-vectors-{'-'.join(part[:12] for part in engine)}.npz"


def _read(file: Path) -> dict[str, Vectors]:
    if not file.exists():
        return {}
    with np.load(file, allow_pickle=False) as kept:
        return dict(zip(kept["texts"].tobytes().decode().split("\n"), kept["vectors"], strict=True))


def _write(file: Path, known: dict[str, Vectors]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("wb") as out:
        texts = np.frombuffer("\n".join(known).encode(), dtype=np.uint8)
        np.savez(out, texts=texts, vectors=np.stack(list(known.values())))
    unfinished.replace(file)


def _encode(texts: Sequence[str]) -> Vectors:
    if len(texts) < AT_A_TIME:
        return _sentences().encode(texts)
    # New processes rather than forked ones: a fork after the encoder's first use may hang.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = [texts[start : start + AT_A_TIME] for start in range(0, len(texts), AT_A_TIME)]
        return np.concatenate(list(pool.map(_encode_part, parts)))


def _encode_part(texts: Sequence[str]) -> Vectors:
    return _sentences().encode(texts)


@cache
def _sentences() -> Sentences:
    return Sentences()
