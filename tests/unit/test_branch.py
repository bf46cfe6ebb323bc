"""The tuned branch: what it says beside the heads, and how it is measured by what it has not seen."""

import random
import sys

import numpy as np
import pytest

from triage.understanding import branch, build, crossval, training
from triage.understanding.disturbed import disturbed
from triage.understanding.encoder import MEANING, the_encoder
from triage.understanding.heads import BRANCH_SHARE
from triage.understanding.phrase_files import DANGERS, TOPICS, read_phrases

TEXTS, LABELS = ["what is tms", "does tms work", "good morning", "hello you"], ["tms", "tms", "greeting", "greeting"]


def encode(texts):
    """Vectors that depend on the text alone: a meaning, and behind it a score for each label of the branch."""
    drawn = [
        np.random.default_rng(list(text.encode())).normal(size=MEANING + branch.width(branch.WEIGHTS)) for text in texts
    ]
    return np.stack(drawn).astype(np.float32)


def test_a_head_is_averaged_with_the_branch():
    alone = training.TrainingSet.of(TEXTS, LABELS, training.Default("tms", 0.1), encode)
    beside = alone.with_branch({"greeting": 3, "tms": 1}, 0.2)
    vectors = encode(["hello tms"])
    before = alone.fit().scores(["hello tms"], vectors)
    after = beside.fit().scores(["hello tms"], vectors)
    said = vectors[:, MEANING:][:, [3, 1]]  # in the order of the labels
    assert np.allclose(after, (1 - BRANCH_SHARE) * before + BRANCH_SHARE * 0.2 * said, atol=1e-5)


def test_heads_of_ngrams_alone_hear_no_branch():
    fallback = training.TrainingSet.of(TEXTS, LABELS, training.Default("tms", 0.1), None)
    assert fallback.with_branch({"greeting": 3, "tms": 1}, 0.5) is fallback
    assert fallback.fit().branch_shares.size == 0


def test_every_label_of_the_phrases_has_a_column_of_its_own():
    topics, dangers = branch.columns(branch.WEIGHTS)
    assert topics.keys() == {phrase.label for phrase in read_phrases(TOPICS)}
    assert dangers.keys() == {phrase.label for phrase in read_phrases(DANGERS)}
    assert sorted([*topics.values(), *dangers.values()]) == list(range(branch.width(branch.WEIGHTS)))


def test_what_is_held_out_is_read_as_it_was_written(tmp_path):
    scores = {0: {"how are you": np.array([0.5, -2.0])}, 3: {"ok": np.array([1.0, 0.25]), "no": np.array([4.0, 8.0])}}
    branch.write_held_out({"how are you": 0, "ok no": 3}, scores, tmp_path)
    fold_of, read = branch.held_out(tmp_path)
    assert fold_of == {"how are you": 0, "ok no": 3}
    assert {fold: {text: row.tolist() for text, row in part.items()} for fold, part in read.items()} == {
        fold: {text: row.tolist() for text, row in part.items()} for fold, part in scores.items()
    }


def test_a_phrase_is_measured_by_the_branch_that_has_not_seen_it():
    fold_of, scores = branch.held_out()
    text, fold = next((text, fold) for text, fold in fold_of.items() if text in scores[fold])
    known = crossval.KnownSentences([text])
    shipped, held = known.encode([text]), crossval.HeldOutSentences(known, fold).encode([text])
    assert np.array_equal(held[:, :MEANING], shipped[:, :MEANING])
    assert np.allclose(held[0, MEANING:], scores[fold][text])
    assert not np.allclose(held[0, MEANING:], shipped[0, MEANING:], atol=1e-3)


def test_the_branch_says_of_a_text_alone_what_it_says_of_it_among_others():
    read = the_encoder().encode(["duele", "i want to die", "how much is it"])
    assert np.array_equal(read[1, MEANING:], the_encoder().encode(["i want to die"])[0, MEANING:])


def test_many_phrases_that_are_newer_than_the_branch_are_told(monkeypatch):
    assert build.newer_than_the_branch() <= build.MOST_NEWER
    fold_of, scores = branch.held_out()
    older = dict(list(fold_of.items())[: len(fold_of) * 9 // 10])
    monkeypatch.setattr(branch, "held_out", lambda: (older, scores))
    monkeypatch.setattr(sys, "argv", ["build", "--check"])
    with pytest.raises(SystemExit, match=r"10% are newer than the tuned branch: run `make train`"):
        build.main()


def test_a_text_is_disturbed_the_same_way_again_and_never_into_nothing():
    texts = ["tell me how the magnets work please", "ok", "no quiero que me llamen mañana"]
    for seed in range(200):
        once, again = ([disturbed(text, draw) for text in texts] for draw in (random.Random(seed), random.Random(seed)))
        assert once == again
        assert all(once)
