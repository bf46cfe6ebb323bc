"""The heads as they are shipped: learned/heads.npz, and beside it what they were fitted from, made_from.txt."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from triage.errors import TriageError
from triage.understanding.encoder import the_encoder
from triage.understanding.heads import VECTOR_BITS, Head
from triage.understanding.ngrams import Vectors
from triage.understanding.quantise import Quantised, quantise

FOLDER = Path(__file__).parent / "learned"
HEADS, MADE_FROM = "heads.npz", "made_from.txt"
BITS = {"training_vectors": VECTOR_BITS}  # the other matrices have 16


class HeadsMissing(TriageError):
    """The file of the heads is not there, is damaged, or has no heads for this encoder."""


def save(heads: Mapping[str, Head], made_from: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Write the heads, by name such as "topic.e5", and the hashes of what they were fitted from.

    The same heads give the same bytes, never pickled and not compressed: git does that.
    """
    parts: dict[str, npt.NDArray[Any]] = {}
    for name, head in heads.items():
        for field in fields(head):
            parts |= _packed(f"{name}.{field.name}", getattr(head, field.name))
    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{HEADS}.part"
    with unfinished.open("wb") as out:
        np.savez(out, **parts)  # type: ignore[arg-type]
    unfinished.replace(folder / HEADS)
    hashes = {**made_from, HEADS: file_hash(folder)}
    lines = [f"{name} {digest}" for name, digest in hashes.items()]
    (folder / MADE_FROM).write_text("\n".join(lines) + "\n", encoding="utf-8")


def file_hash(folder: Path = FOLDER) -> str:
    """Return the hash of the saved heads' bytes, "missing" if there are none."""
    file = folder / HEADS
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "missing"


def made_from(folder: Path = FOLDER) -> dict[str, str]:
    """Return the hashes of what the saved heads were fitted from, empty if nothing is saved."""
    file = folder / MADE_FROM
    if not file.exists():
        return {}
    return dict(line.split(" ", 1) for line in file.read_text(encoding="utf-8").splitlines())


def read(name: str, encoder: str, folder: Path = FOLDER) -> Head:
    """Return the head "topic", "safety" or "check_in" for the encoder of this name. Raises HeadsMissing."""
    try:
        with np.load(folder / HEADS, allow_pickle=False) as parts:
            return Head(**{field.name: _unpacked(parts, f"{name}.{encoder}.{field.name}") for field in fields(Head)})
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as why:
        raise HeadsMissing(
            f"{HEADS} is missing, damaged or has no heads for the encoder {encoder!r}: run `make heads`"
        ) from why


@cache
def load(name: str) -> Head:
    """Return the head for the encoder of this process, and keep it. Raises HeadsMissing."""
    return read(name, the_encoder().name)


def _packed(key: str, value: tuple[str, ...] | Vectors) -> dict[str, npt.NDArray[Any]]:
    if isinstance(value, tuple):
        return {key: np.frombuffer("\n".join(value).encode(), dtype=np.uint8)}
    packed = quantise(value, BITS.get(key.rpartition(".")[2], 16))
    return {f"{key}.codes": packed.codes, f"{key}.offset": packed.offset, f"{key}.step": packed.step}


def _unpacked(parts: Mapping[str, npt.NDArray[Any]], key: str) -> Any:
    if key in parts:
        text = parts[key].tobytes().decode()
        return tuple(text.split("\n")) if text else ()
    return Quantised(parts[f"{key}.codes"], parts[f"{key}.offset"], parts[f"{key}.step"]).matrix()
