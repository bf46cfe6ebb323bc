"""Trains the tuned branch: `make train`. Needs torch (requirements-train.txt), two cores and an hour; may be stopped.

The branch goes on where the two lowest layers of the encoder end: four layers of its own, begun as the encoder's are,
then one row of scores for all topics and all dangers together. It is trained once on all phrases, for what is shipped,
and once for each fold without that fold, to be measured honestly. Each run is kept when it is done, so that a training
that was stopped goes on there.
"""

import logging
import math
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from triage.understanding import branch
from triage.understanding.branch import WEIGHTS
from triage.understanding.branch_net import LAYERS, Net, write_net
from triage.understanding.crossval import FOLDS, branch_folds
from triage.understanding.disturbed import disturbed
from triage.understanding.encoder import Layers
from triage.understanding.fingerprint import phrases_hash
from triage.understanding.make_weights import Model, source, write_sources
from triage.understanding.phrase_files import DANGERS, TOPICS, read_phrases
from triage.understanding.reading import to_encode
from triage.understanding.training import HARMLESS, ORDINARY_WEIGHT

EPOCHS, BATCH, LONGEST = 6, 40, 64  # LONGEST: pieces of one text
RATE, RATE_OF_SCORES, RATE_BELOW, WARM_UP = 1.2e-4, 1e-3, 0.9, 0.08
SMOOTHING, DECAY = 0.05, 0.01
SKIPPED = 0.4  # of the harmless lines that are no questions, each epoch
GRAVER = {"emergency": 1.3, "adverse": 1.3}
WHOLE = -1  # in the place of a fold: trained on all
PROCESSES = 2


@dataclass(frozen=True)
class Lesson:
    """All folded texts, and for each the row of its topic (-1: not judged), that of its danger, and a weight."""

    texts: list[str]
    topics: np.ndarray[Any, np.dtype[np.int64]]
    dangers: np.ndarray[Any, np.dtype[np.int64]]
    weights: np.ndarray[Any, np.dtype[np.float32]]
    topic_names: list[str]
    danger_names: list[str]
    folds: np.ndarray[Any, np.dtype[np.int64]]


def lesson() -> Lesson:
    """Return what is to be learned from the phrases."""
    topics, dangers = read_phrases(TOPICS), read_phrases(DANGERS)
    topic_of = {one.folded: one.label for one in topics}
    danger_of = {one.folded: one.label for one in dangers}
    texts = list(dict.fromkeys([*topic_of, *danger_of]))
    topic_names, danger_names = sorted(set(topic_of.values())), sorted(set(danger_of.values()))
    fold_of = branch_folds(topics, dangers)
    return Lesson(
        texts,
        np.array([topic_names.index(topic_of[text]) if text in topic_of else -1 for text in texts]),
        np.array([danger_names.index(danger_of.get(text, HARMLESS.label)) for text in texts]),
        np.array([1.0 if text in danger_of else ORDINARY_WEIGHT for text in texts], np.float32),
        topic_names,
        danger_names,
        np.array([fold_of[text] for text in texts]),
    )


class Rows:
    """The rows of texts after the encoder's lowest layers, as they are served, one text after another in a file."""

    def __init__(self, folder: Path) -> None:
        self._ends = np.load(folder / "ends.npy")
        self._rows = np.load(folder / "rows.npy", mmap_mode="r")

    def length(self, at: int) -> int:
        return int(self._ends[at + 1] - self._ends[at])

    def batch(self, places: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the rows of some texts, filled up to the longest, and where there are any."""
        longest = max(map(self.length, places))
        rows = np.zeros((len(places), longest, self._rows.shape[1]), np.float32)
        mask = np.zeros((len(places), longest), bool)
        for place, at in enumerate(places):
            rows[place, : self.length(at)] = self._rows[self._ends[at] : self._ends[at + 1]]
            mask[place, : self.length(at)] = True
        return torch.from_numpy(rows), torch.from_numpy(mask)

    @staticmethod
    def write(texts: Sequence[str], folder: Path) -> None:
        """Write the rows of these texts."""
        layers = Layers(WEIGHTS)
        rows = [layers.read(text)[1][:LONGEST].astype(np.float16) for text in texts]
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "rows.npy", np.concatenate(rows))
        np.save(folder / "ends.npy", np.cumsum([0, *map(len, rows)]))


def write_epoch(texts: Sequence[str], epoch: int, folder: Path) -> None:
    """Write the rows of the texts as an epoch hears them: the first as they are, each other disturbed anew."""
    here = folder / f"epoch-{epoch}"
    if not here.exists():
        draw = random.Random(epoch)  # noqa: S311 - seeded, so that a training can be repeated
        unfinished = folder / f"epoch-{epoch}.part"
        Rows.write([disturbed(text, draw) for text in texts], unfinished)
        unfinished.rename(here)


def batches(rows: Rows, places: np.ndarray[Any, np.dtype[np.int64]], draw: np.random.Generator) -> Iterator[list[int]]:
    """Yield batches of texts of like length, in random order."""
    places = draw.permutation(places)
    sorted_parts = []
    for start in range(0, len(places), BATCH * 40):
        part = places[start : start + BATCH * 40]
        part = part[np.argsort([rows.length(at) + draw.random() for at in part])]
        sorted_parts += [part[at : at + BATCH].tolist() for at in range(0, len(part), BATCH)]
    yield from (sorted_parts[at] for at in draw.permutation(len(sorted_parts)))


def train(fold: int, folder: Path) -> None:
    """Train one branch without a fold, or on all, and write it as it is served; nothing if that is there already."""
    done = folder / f"branch-{fold}.onnx"
    if done.exists():
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.manual_seed(fold + 1)
    draw = np.random.default_rng(fold + 1)
    learned, model = lesson(), Model(source())
    net = Net(model, len(learned.topic_names) + len(learned.danger_names))
    optimiser = _optimiser(net)
    first, state = 0, folder / f"state-{fold}.pt"
    if state.exists():
        kept = torch.load(state, weights_only=False)
        net.load_state_dict(kept["net"])
        optimiser.load_state_dict(kept["optimiser"])
        first = kept["epochs"]
    taught = np.flatnonzero(learned.folds != fold)
    for epoch in range(first, EPOCHS):
        rows = Rows(folder / f"epoch-{epoch}")
        skipped = _is_mere_chat(learned)[taught] & (draw.random(len(taught)) < SKIPPED)
        heard = taught[~skipped]
        _epoch(net, optimiser, learned, rows, heard, epoch, draw)
        unfinished = state.with_suffix(".part")
        kept = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "epochs": epoch + 1}
        torch.save(kept, unfinished)
        unfinished.rename(state)
        logging.info("fold %d: epoch %d done", fold, epoch + 1)
    write_net(net, done)
    state.unlink()


def _is_mere_chat(learned: Lesson) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell of each text whether it is harmless and no question to the clinic, as most of them are."""
    harmless = learned.dangers == learned.danger_names.index(HARMLESS.label)
    is_chat: np.ndarray[Any, np.dtype[np.bool_]] = harmless & (learned.topics < 0)
    return is_chat


def _optimiser(net: Net) -> torch.optim.Optimizer:
    groups = [
        {"params": list(layer.parameters()), "lr": RATE * RATE_BELOW ** (LAYERS - 1 - number)}
        for number, layer in enumerate(net.layers)
    ]
    groups.append({"params": list(net.scores.parameters()), "lr": RATE_OF_SCORES})
    for group in groups:
        group["base"] = group["lr"]
    return torch.optim.AdamW(groups, weight_decay=DECAY, betas=(0.9, 0.98))


def _epoch(
    net: Net,
    optimiser: torch.optim.Optimizer,
    learned: Lesson,
    rows: Rows,
    heard: np.ndarray[Any, np.dtype[np.int64]],
    epoch: int,
    draw: np.random.Generator,
) -> None:
    net.train()
    count = len(learned.topic_names)
    known = np.bincount(learned.topics[learned.topics >= 0], minlength=count)
    rarer = torch.tensor((known.mean() / known) ** 0.3, dtype=torch.float32)
    graver = torch.tensor([GRAVER.get(name, 1.0) for name in learned.danger_names])
    each = math.ceil(len(heard) / BATCH)
    for number, batch in enumerate(batches(rows, heard, draw)):
        done = (epoch * each + number) / (EPOCHS * each)
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * min(1.0, done / WARM_UP) * max(0.02, 1 - done)
        scores = net(*rows.batch(batch))
        topics, dangers = torch.from_numpy(learned.topics[batch]), torch.from_numpy(learned.dangers[batch])
        judged = topics >= 0
        loss = functional.cross_entropy(
            scores[:, count:], dangers, weight=graver, label_smoothing=SMOOTHING, reduction="none"
        )
        total = (loss * torch.from_numpy(learned.weights[batch])).mean()
        if judged.any():
            of_topics = functional.cross_entropy(
                scores[judged][:, :count], topics[judged], weight=rarer, label_smoothing=SMOOTHING
            )
            total = total + 2 * of_topics * judged.float().mean()
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()


def write_held_out(folder: Path) -> None:
    """Write what the branch of each fold makes of all that is read in that fold's phrases."""
    layers = Layers(WEIGHTS)
    topics, dangers = read_phrases(TOPICS), read_phrases(DANGERS)
    fold_of, read = branch_folds(topics, dangers), {}
    for fold in range(FOLDS):
        session = branch.session_of(folder / f"branch-{fold}.onnx")
        texts = dict.fromkeys(
            text for one in topics + dangers if fold_of[one.folded] == fold for text in to_encode(one.text)
        )
        read[fold] = {text: session.run(None, {"rows": layers.read(text)[1]})[0] for text in texts}
    branch.write_held_out(fold_of, read, WEIGHTS)


def cache() -> Path:
    """Return the folder of what is made on the way to these phrases; it may be deleted at any time."""
    phrases = phrases_hash(read_phrases(TOPICS), read_phrases(DANGERS))
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "clinic-line" / f"train-{phrases[:12]}"


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    folder, learned = cache(), lesson()
    folder.mkdir(parents=True, exist_ok=True)
    logging.info("%d texts; kept on the way in %s", len(learned.texts), folder)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        rows = [pool.submit(write_epoch, learned.texts, epoch, folder) for epoch in range(EPOCHS)]
        for one in rows:
            one.result()
        for done in [pool.submit(train, fold, folder) for fold in (WHOLE, *range(FOLDS))]:
            done.result()
    shutil.copy(folder / f"branch-{WHOLE}.onnx", WEIGHTS / branch.LAYERS)
    branch.write_labels(learned.topic_names, learned.danger_names, WEIGHTS)
    write_held_out(folder)
    write_sources()


if __name__ == "__main__":
    main()
