"""The tuned branch as torch trains it, and how it is written as it is served. Needs requirements-train.txt."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from triage.understanding.encoder import LOWEST
from triage.understanding.layer_graph import EPSILON, Graph, mean_of, transformed, write_graph
from triage.understanding.make_weights import Model
from triage.understanding.ngrams import Vectors

LAYERS = 4
DROPOUT = 0.1


class Layer(nn.Module):
    """One layer of a transformer, as the encoder's are. weights: where it begins."""

    def __init__(self, weights: Mapping[str, Vectors], heads: int) -> None:
        super().__init__()
        inner, width = weights["fi.w"].shape
        self.heads = heads
        self.asked = nn.Linear(width, 3 * width)
        self.heard, self.heard_norm = nn.Linear(width, width), nn.LayerNorm(width, eps=EPSILON)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.thought_norm = nn.LayerNorm(width, eps=EPSILON)
        with torch.no_grad():
            for part, names in self._named().items():
                for kind, values in (("w", part.weight), ("b", part.bias)):
                    values.copy_(torch.from_numpy(np.concatenate([weights[f"{name}.{kind}"] for name in names])))

    def _named(self) -> dict[Any, tuple[str, ...]]:
        """Return the parts with the names that their weights have in the encoder's file."""
        return {
            self.asked: ("q", "k", "v"),
            self.heard: ("ao",),
            self.heard_norm: ("aln",),
            self.wide: ("fi",),
            self.narrow: ("fo",),
            self.thought_norm: ("oln",),
        }

    def weights(self) -> dict[str, Vectors]:
        """Return the weights by those names."""
        found: dict[str, Vectors] = {}
        for part, names in self._named().items():
            for kind, values in (("w", part.weight), ("b", part.bias)):
                each = np.split(values.detach().numpy(), len(names))
                found |= {f"{name}.{kind}": own for name, own in zip(names, each, strict=True)}
        return found

    def forward(self, rows: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        count, length, width = rows.shape
        asked = self.asked(rows).view(count, length, 3, self.heads, width // self.heads)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        heard = self.heard(heard.transpose(1, 2).reshape(count, length, width))
        rows = self.heard_norm(rows + functional.dropout(heard, DROPOUT, self.training))
        thought = self.narrow(functional.gelu(self.wide(rows)))
        return self.thought_norm(rows + functional.dropout(thought, DROPOUT, self.training))


class Net(nn.Module):
    """Layers of its own over the rows of the encoder's lowest, and one score for each label."""

    def __init__(self, model: Model, labels: int) -> None:
        super().__init__()
        self.heads = model.heads
        self.layers = nn.ModuleList(Layer(model.layer(LOWEST + number), model.heads) for number in range(LAYERS))
        self.scores = nn.Linear(model.width, labels)
        nn.init.normal_(self.scores.weight, std=0.02)
        nn.init.zeros_(self.scores.bias)

    def forward(self, rows: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return scores, one row a text. rows: (texts, pieces, values). mask: (texts, pieces), where there are any."""
        seen = None if bool(mask.all()) else mask[:, None, None, :]
        for layer in self.layers:
            rows = layer(rows, seen)
        there = mask[..., None].to(rows.dtype)
        mean = (rows * there).sum(1) / there.sum(1)
        mean = mean * mean.shape[1] ** 0.5 / mean.norm(dim=1, keepdim=True)
        scores: torch.Tensor = self.scores(functional.dropout(mean, DROPOUT, self.training))
        return scores


def write_net(net: Net, file: Path) -> None:
    """Write a trained branch as it is served: from the rows of one text to its scores, matrices in 8 bits."""
    weights, bias = net.scores.weight.detach().numpy(), net.scores.bias.detach().numpy()
    graph = Graph(weights.shape[1])
    rows = "rows"
    for layer in net.layers:
        rows = transformed(graph, rows, net.heads, layer.weights())
    mean = graph.apply("LpNormalization", mean_of(graph, rows), axis=-1, p=2)
    scores = graph.linear(mean, weights * np.float32(graph.width**0.5), bias)
    unfinished = file.with_suffix(".part")
    write_graph(graph, "tuned branch", "rows", {scores: [len(bias)]}, unfinished)
    unfinished.rename(file)
