"""Transformer layers as an ONNX graph in 8 bits: how the encoder's weights and the tuned branch are written."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from triage.understanding.ngrams import Vectors

EPSILON = 1e-12  # of the model's normalisations


class Graph:
    """An ONNX graph in the making. width: values of each row that goes in."""

    def __init__(self, width: int) -> None:
        self.width = width
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


def transformed(graph: Graph, rows: str, heads: int, weights: Mapping[str, Vectors]) -> str:
    """Add one layer: from rows, one a piece, to rows. weights: by the names of the model's file, without the layer."""
    width = len(weights["ao.b"])
    size = width // heads
    split = graph.constant(np.array([-1, 3 * heads, size], np.int64))
    joined = graph.constant(np.array([-1, width], np.int64))
    # A query is compared with keys at a scale that is put into its weights.
    scale = np.float32(size**-0.5)
    asked = np.concatenate([weights["q.w"] * scale, weights["k.w"], weights["v.w"]])
    bias = np.concatenate([weights["q.b"] * scale, weights["k.b"], weights["v.b"]])
    parts = graph.apply("Reshape", graph.linear(rows, asked, bias), split)
    query, key, value = graph.apply(
        "Split", graph.apply("Transpose", parts, perm=[1, 0, 2]), outputs=3, num_outputs=3, axis=0
    )
    alike = graph.apply("MatMul", query, graph.apply("Transpose", key, perm=[0, 2, 1]))
    heard = graph.apply("MatMul", graph.apply("Softmax", alike, axis=-1), value)
    heard = graph.apply("Reshape", graph.apply("Transpose", heard, perm=[1, 0, 2]), joined)
    heard = graph.linear(heard, weights["ao.w"], weights["ao.b"])
    rows = graph.normalised(graph.apply("Add", rows, heard), weights["aln.w"], weights["aln.b"])
    thought = graph.apply("Gelu", graph.linear(rows, weights["fi.w"], weights["fi.b"]))
    thought = graph.linear(thought, weights["fo.w"], weights["fo.b"])
    return graph.normalised(graph.apply("Add", rows, thought), weights["oln.w"], weights["oln.b"])


def mean_of(graph: Graph, rows: str) -> str:
    """Add the mean of rows, one a piece."""
    return str(graph.apply("ReduceMean", rows, graph.constant(np.array([0], np.int64)), keepdims=0))


def write_graph(graph: Graph, name: str, inputs: str, outputs: Mapping[str, Sequence[str | int]], file: Path) -> None:
    """Write a graph from rows to its outputs, by name with their shapes, its matrices in 8 bits.

    Of the eight one is left free (reduce_range): older processors add pairs of products in 16 bits, and all give the
    same numbers then.
    """
    made = helper.make_graph(
        graph.nodes,
        name,
        [helper.make_tensor_value_info(inputs, TensorProto.FLOAT, ["count", graph.width])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        graph.constants,
    )
    finished = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(finished)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(finished, plain)
        quantize_dynamic(
            plain,
            file,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
