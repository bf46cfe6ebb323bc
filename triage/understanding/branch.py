"""The tuned branch: layers trained on the phrases that go on where the encoder's lowest end, with a score a label.

It is trained by `make train` and lies with the encoder's weights. What the branches of the folds make of the phrases
that they have not seen lies there too, so that figures are honest wherever they are computed.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from triage.understanding.ngrams import Vectors

LAYERS, LABELS, HELD_OUT = "branch.onnx", "branch.json", "held_out.npz"
WEIGHTS = Path(__file__).parent / "weights"


class Branch:
    """The branch of a folder of weights. Raises OSError, ValueError or RuntimeError if unusable."""

    def __init__(self, folder: Path) -> None:
        self._session = session_of(folder / LAYERS)

    def scores(self, rows: Vectors) -> Vectors:
        """Return the scores of the topics, then of the dangers, for the rows of the encoder's lowest layers."""
        scores: Vectors = self._session.run(None, {"rows": rows})[0]
        return scores


def columns(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Return the column of each topic, and of each danger, among the scores of the branch in a folder."""
    told = json.loads((folder / LABELS).read_text(encoding="utf-8"))
    topics, dangers = told["topics"], told["dangers"]
    return {name: at for at, name in enumerate(topics)}, {name: at for at, name in enumerate(dangers, len(topics))}


def width(folder: Path) -> int:
    """Return how many scores the branch in a folder has."""
    return sum(map(len, columns(folder)))


def write_labels(topics: Sequence[str], dangers: Sequence[str], folder: Path) -> None:
    """Write the labels that the scores of the branch in a folder are of, in their order."""
    told = json.dumps({"topics": list(topics), "dangers": list(dangers)}, indent=1)
    (folder / LABELS).write_text(told + "\n", encoding="utf-8")


def session_of(file: Path) -> Any:
    """Return a graph that is ready to run, on one thread. Raises RuntimeError if unusable."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as why:  # the runtime's own errors have no common kind
        raise RuntimeError(f"{file.name} cannot be loaded: {why}") from why


def write_held_out(fold_of: Mapping[str, int], read: Mapping[int, Mapping[str, Vectors]], folder: Path) -> None:
    """Write what the branch of each fold makes of what is read in that fold's phrases.

    fold_of: the fold of each folded phrase. read: by fold, the scores of each text.
    """
    parts: dict[str, Any] = {"phrases": _letters(list(fold_of)), "folds": np.array(list(fold_of.values()), np.uint8)}
    for fold, scores in read.items():
        parts |= {
            f"{fold}.texts": _letters(list(scores)),
            f"{fold}.scores": np.stack(list(scores.values())).astype("<f2"),
        }
    np.savez(folder / HELD_OUT, **parts)


@cache
def held_out(folder: Path = WEIGHTS) -> tuple[dict[str, int], dict[int, dict[str, Vectors]]]:
    """Return what `write_held_out` has written."""
    with np.load(folder / HELD_OUT, allow_pickle=False) as parts:
        fold_of = dict(zip(_texts(parts["phrases"]), parts["folds"].tolist(), strict=True))
        read = {
            fold: dict(zip(_texts(parts[f"{fold}.texts"]), parts[f"{fold}.scores"].astype(np.float32), strict=True))
            for fold in sorted(set(fold_of.values()))
        }
    return fold_of, read


def _letters(texts: Sequence[str]) -> Any:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _texts(letters: Any) -> list[str]:
    return bytes(letters.tobytes()).decode().split("\n")
