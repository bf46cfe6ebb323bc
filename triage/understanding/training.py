"""How the heads are fitted to labelled texts: the training sets, the kernel's Gram matrix, and the equations solved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from triage.understanding import branch
from triage.understanding.encoder import meaning
from triage.understanding.heads import BRANCH_SHARE, SENTENCE_SHARE, VECTOR_BITS, Head, project, sentence_kernel
from triage.understanding.ngrams import Vectors, idf_of, ngram_vectors
from triage.understanding.phrase_files import Phrase
from triage.understanding.quantise import quantise

RIDGE = 0.15  # the penalty of the regression, for a text of weight 1
DIMENSIONS = 256  # of the sentence vectors: those that tell the training texts apart; the rest costs time, adds nothing
ORDINARY_WEIGHT = 0.5
# What one point of the tuned branch is worth in scores of a head: the temperature at which those become chances.
TOPIC_POINT, DANGER_POINT = 0.1, 0.15
BLOCK = 512  # rows of the Gram matrix that are factorised at a time

Rows = npt.NDArray[np.int64]
Encode = Callable[[Sequence[str]], Vectors]  # from folded texts to sentence vectors, one a row


@dataclass(frozen=True)
class Default:
    """The label of a text that resembles no training text, and by how much it leads the others there."""

    label: str
    lead: float


# A text like none of the phrases is nothing to us, and no danger: without this its chances would be even.
NOT_OURS = Default("out_of_scope", 0.15)
HARMLESS = Default("none", 0.6)
UNCLEAR = Default("not", 0.6)
AT_NIGHT = "safety_night"  # the file whose words of danger and of low mood teach what is no answer to a check-in


@dataclass(frozen=True)
class TrainingSet:
    """Folded texts with labels, and the kernel between each two of them: any part of them is quickly fitted."""

    texts: Sequence[str]
    labels: Sequence[str]
    weights: Vectors  # (texts): a text of less weight has a higher ridge penalty
    default: Default
    idf: Vectors
    ngrams: Vectors  # (texts, buckets), TF-IDF
    projection: Vectors
    vectors: Vectors  # (texts, dimensions), unit vectors; without rows for the fallback
    gram: Vectors  # (texts, texts)
    branch_shares: Vectors = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        default: Default,
        encode: Encode | None,
        weights: Sequence[float] | None = None,
    ) -> "TrainingSet":
        """Compute the kernel of these texts. encode: None for heads of n-grams alone."""
        ngrams = ngram_vectors(texts)
        idf = idf_of(ngrams)
        ngrams *= idf
        ngrams /= np.maximum(np.linalg.norm(ngrams, axis=1, keepdims=True), 1e-9)
        projection = vectors = np.empty((0, 0), dtype=np.float32)
        if encode is not None:
            encoded = meaning(encode(texts))
            projection = principal_directions(encoded)
            # Rounded before the fit as they are saved, which costs no accuracy; rounded after it they would.
            vectors = quantise(project(encoded, projection), VECTOR_BITS).matrix()
        gram = _ngram_share(vectors) * (ngrams @ ngrams.T)
        if len(vectors):
            gram += sentence_kernel(vectors @ vectors.T)
        each = np.asarray(weights or [1.0] * len(texts), dtype=np.float32)
        return cls(texts, labels, each, default, idf, ngrams, projection, vectors, gram)

    def with_branch(self, columns: Mapping[str, int], point: float) -> "TrainingSet":
        """Return this set for heads that are averaged with the tuned branch, by its column of each label.

        point: what one of its points is worth in scores of the head. Heads of n-grams alone stay as they are.
        """
        if not len(self.vectors):
            return self
        shares = np.zeros((branch.width(branch.WEIGHTS), len(self.names)), dtype=np.float32)
        for at, name in enumerate(self.names):
            shares[columns[name], at] = BRANCH_SHARE * point
        return replace(self, branch_shares=shares)

    def fit(self) -> Head:
        """Fit a head to all texts."""
        return self._head(np.arange(len(self.texts)), solve(self._penalised(), self._targets()))

    def fit_without(self, held: Rows) -> Head:
        """Fit a head to all texts but those in these rows: to the same numbers as if they had never been there.

        Once the inverse of the whole is known, what some rows have taught is quickly taken back.
        """
        inverse, coefficients = self._whole_fit
        kept = np.setdiff1d(np.arange(len(self.texts)), held)
        taught = np.linalg.solve(inverse[np.ix_(held, held)], coefficients[held])
        return self._head(kept, coefficients[kept] - inverse[np.ix_(kept, held)] @ taught)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.labels)))

    @cached_property
    def _whole_fit(self) -> tuple[Vectors, Vectors]:
        """Return the inverse of the penalised kernel, and the coefficients of a fit to all texts."""
        inverse = invert(self._penalised())
        coefficients = inverse @ self._targets()
        # The inverse is rounded: what is still missing is added once.
        coefficients += inverse @ (self._targets() - self._penalised() @ coefficients)
        return inverse, coefficients

    def _intercept(self) -> Vectors:
        intercept = np.full(len(self.names), (1 - self.default.lead) / len(self.names), dtype=np.float32)
        intercept[self.names.index(self.default.label)] += self.default.lead
        return intercept

    def _targets(self) -> Vectors:
        rows = [self.names.index(label) for label in self.labels]
        targets: Vectors = np.eye(len(self.names), dtype=np.float32)[rows] - self._intercept()
        return targets

    def _penalised(self) -> Vectors:
        gram = self.gram.copy()
        gram[np.diag_indices_from(gram)] += RIDGE / self.weights
        return gram

    def _head(self, rows: Rows, dual_coefficients: Vectors) -> Head:
        encoded = len(self.vectors) > 0
        return Head(
            labels=self.names,
            texts=tuple(self.texts[at] for at in rows) if encoded else (),
            intercept=self._intercept(),
            idf=self.idf,
            ngram_weights=_ngram_share(self.vectors) * (self.ngrams[rows].T @ dual_coefficients),
            projection=self.projection,
            training_vectors=self.vectors[rows] if encoded else self.vectors,
            dual_coefficients=dual_coefficients if encoded else dual_coefficients[:0],
            branch_shares=self.branch_shares,
        )


def topic_training_set(topics: Sequence[Phrase], encode: Encode | None) -> TrainingSet:
    """Return the training set of the topic head. encode: None for heads of n-grams alone."""
    texts, labels = [one.folded for one in topics], [one.label for one in topics]
    fitted = TrainingSet.of(texts, labels, NOT_OURS, encode)
    return fitted.with_branch(branch.columns(branch.WEIGHTS)[0], TOPIC_POINT)


def safety_training_set(dangers: Sequence[Phrase], ordinary: Sequence[Phrase], encode: Encode | None) -> TrainingSet:
    """Return the training set of the safety head.

    ordinary: questions to the clinic, which are harmless and have less weight than lines judged for safety.
    """
    judged = {phrase.folded: phrase.label for phrase in dangers}
    texts = list(dict.fromkeys([*judged, *(phrase.folded for phrase in ordinary)]))
    labels = [judged.get(text, HARMLESS.label) for text in texts]
    weights = [1.0 if text in judged else ORDINARY_WEIGHT for text in texts]
    fitted = TrainingSet.of(texts, labels, HARMLESS, encode, weights)
    return fitted.with_branch(branch.columns(branch.WEIGHTS)[1], DANGER_POINT)


def check_in_training_set(answers: Sequence[Phrase], dangers: Sequence[Phrase], encode: Encode | None) -> TrainingSet:
    """Return the training set of the head that tells a clear no to a check-in from every other answer.

    dangers: the lines of the safety head, of which those written at night are no such no.
    """
    judged = {phrase.folded: phrase.label for phrase in answers}
    others = [one.folded for one in dangers if one.file == AT_NIGHT and one.label != HARMLESS.label]
    texts = list(dict.fromkeys([*judged, *others]))
    labels = [judged.get(text, UNCLEAR.label) for text in texts]
    weights = [1.0 if text in judged else ORDINARY_WEIGHT for text in texts]
    return TrainingSet.of(texts, labels, UNCLEAR, encode, weights)


def principal_directions(vectors: Vectors) -> Vectors:
    """Return the directions in which these vectors differ most, one a column. Labels play no part."""
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    projection: Vectors = np.ascontiguousarray(directions[:, ::-1][:, :DIMENSIONS], dtype=np.float32)
    return projection


def _ngram_share(vectors: Vectors) -> float:
    return 1 - SENTENCE_SHARE if len(vectors) else 1.0


def solve(gram: Vectors, targets: Vectors) -> Vectors:
    """Return X of gram @ X = targets, by Cholesky in blocks: six times as quick as `np.linalg.solve`.

    Overwrites both arguments.
    """
    blocks = _factorise(gram)
    for here in blocks:
        known = gram[here, : here.start] @ targets[: here.start]
        targets[here] = np.linalg.solve(gram[here, here], targets[here] - known)
    for here in reversed(blocks):
        known = gram[here.stop :, here].T @ targets[here.stop :]
        targets[here] = np.linalg.solve(gram[here, here].T, targets[here] - known)
    return targets


def invert(gram: Vectors) -> Vectors:
    """Return the inverse, by Cholesky in blocks. Overwrites its argument."""
    blocks = _factorise(gram)
    for place, here in enumerate(blocks):  # the factor's own inverse, a row of blocks at a time
        own = np.tril(np.linalg.inv(gram[here, here]))
        above = [gram[here, left.start : here.start] @ gram[left.start : here.start, left] for left in blocks[:place]]
        gram[here, : here.stop] = np.hstack([*(-own @ sums for sums in above), own])
    for here in blocks:
        row = gram[here.start :, here].T @ gram[here.start :, : here.stop]
        gram[here, : here.stop], gram[: here.stop, here] = row, row.T
    return gram


def _factorise(gram: Vectors) -> list[slice]:
    """Turn a matrix, below its diagonal, into its Cholesky factor, and return the blocks of its rows."""
    blocks = [slice(at, min(at + BLOCK, len(gram))) for at in range(0, len(gram), BLOCK)]
    for here in blocks:
        gram[here.start :, here] -= gram[here.start :, : here.start] @ gram[here, : here.start].T
        gram[here, here] = np.linalg.cholesky(gram[here, here])
        gram[here.stop :, here] = np.linalg.solve(gram[here, here], gram[here.stop :, here].T).T
    return blocks
