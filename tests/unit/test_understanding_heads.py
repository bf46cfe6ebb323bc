"""How the heads are fitted and shipped: the equations, the saved file, and the check that it fits the phrases."""

import ast
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from triage.understanding import build, fingerprint, phrase_vectors, saved_heads, training, tuning
from triage.understanding.heads import Head
from triage.understanding.phrase_files import read_phrases
from triage.understanding.quantise import quantise

PHRASES = (
    '{"text": "What is TMS?", "label": "tms.what", "channel": "sms", "lang": "en"}\n'
    '{"text": "good morning", "label": "greeting", "channel": "sms", "lang": "en"}\n'
)
TEXTS, LABELS = ["what is tms", "does tms work", "good morning", "hello you"], ["tms", "tms", "greeting", "greeting"]


def encode(texts):
    """Vectors that depend on the text alone."""
    return np.stack([np.random.default_rng(list(text.encode())).normal(size=12) for text in texts]).astype(np.float32)


def fitted(encoder):
    return training.TrainingSet.of(TEXTS, LABELS, training.Default("tms", 0.1), encoder).fit()


def test_a_system_of_equations_is_solved_whatever_its_size():
    drawn = np.random.default_rng(0).normal(size=(training.BLOCK + 40, 60)).astype(np.float32)
    gram = drawn @ drawn.T + np.eye(len(drawn), dtype=np.float32)
    targets = drawn[:, :3].copy()
    solved = training.solve(gram.copy(), targets.copy())
    assert np.allclose(gram @ solved, targets, atol=1e-3)


def test_an_inverse_is_found_whatever_its_size(monkeypatch):
    monkeypatch.setattr(training, "BLOCK", 50)
    for size in (1, 50, 170):
        drawn = np.random.default_rng(0).normal(size=(size, 30)).astype(np.float32)
        gram = drawn @ drawn.T + np.eye(size, dtype=np.float32)
        assert np.allclose(training.invert(gram.copy()) @ gram, np.eye(size), atol=1e-3)


@pytest.mark.parametrize("encoder", [encode, None])
def test_a_head_without_some_texts_is_as_if_they_had_never_been_there(encoder):
    texts = [
        f"{word} {other}" for word in ("what", "good", "call", "thanks") for other in ("one", "two", "three", "six")
    ]
    labels = ["tms", "greeting", "tms", "greeting"] * 4
    held = [1, 6, 7]
    kept = [at for at in range(len(texts)) if at not in held]
    weights = [0.5 if at % 3 else 1.0 for at in range(len(texts))]
    whole = training.TrainingSet.of(texts, labels, training.Default("tms", 0.1), encoder, weights)
    part = replace(
        whole,
        texts=[texts[at] for at in kept],
        labels=[labels[at] for at in kept],
        weights=whole.weights[kept],
        ngrams=whole.ngrams[kept],
        vectors=whole.vectors[kept] if encoder else whole.vectors,
        gram=whole.gram[np.ix_(kept, kept)],
    )
    without, anew = whole.fit_without(np.array(held)), part.fit()
    assert without.texts == anew.texts
    assert np.allclose(without.scores(texts, encode(texts)), anew.scores(texts, encode(texts)), atol=1e-4)
    assert not np.allclose(without.scores(texts, encode(texts)), whole.fit().scores(texts, encode(texts)), atol=1e-2)


@pytest.mark.parametrize("encoder", [encode, None])
def test_a_fitted_head_knows_its_training_texts_and_is_read_as_it_was_saved(encoder, tmp_path):
    head, vectors = fitted(encoder), encode(TEXTS)
    saved_heads.save({"topic.some": head}, {"phrases": "abc"}, tmp_path)
    read = saved_heads.read("topic", "some", tmp_path)
    scores, nearest = read.scores_and_nearest(TEXTS, vectors)
    assert [read.labels[at] for at in scores.argmax(axis=1)] == LABELS
    assert np.allclose(scores, head.scores(TEXTS, vectors), atol=1e-4)
    assert nearest == (TEXTS if encoder else [""] * len(TEXTS))
    assert saved_heads.made_from(tmp_path)["phrases"] == "abc"


def test_the_same_heads_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        saved_heads.save({"topic.some": fitted(encode)}, {}, tmp_path / folder)
    one, two = (tmp_path / folder / saved_heads.HEADS for folder in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"version https://git-lfs.github.com/spec/v1", b"PK\x03\x04 cut short"])
def test_heads_that_cannot_be_read_are_told_in_one_sentence(content, tmp_path):
    if content is not None:
        (tmp_path / saved_heads.HEADS).write_bytes(content)
    with pytest.raises(saved_heads.HeadsMissing, match="run `make heads`"):
        saved_heads.read("topic", "some", tmp_path)


def test_heads_for_another_encoder_are_not_taken():
    with pytest.raises(saved_heads.HeadsMissing, match="'another'"):
        saved_heads.read("topic", "another")


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("shape", [(50, 3), (50,), (1, 3), (0, 3), (0, 0)])
def test_a_quantised_matrix_is_within_half_a_step_and_stays_as_it_is(bits, shape):
    matrix = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    rounded = quantise(matrix, bits)
    assert np.all(np.abs(rounded.matrix() - matrix) <= rounded.step * 0.501 + 1e-6)
    assert np.array_equal(quantise(rounded.matrix(), bits).codes, rounded.codes)


@pytest.fixture
def inputs(monkeypatch):
    """What a fit reads, as a test would have it."""
    now = {"phrases": "abc", "code": "def"}
    monkeypatch.setattr(fingerprint, "inputs", lambda: dict(now))
    return now


def test_what_has_changed_is_told(inputs, tmp_path):
    saved_heads.save({"topic.some": fitted(None)}, inputs, tmp_path)
    assert build.changed_since(tmp_path) == []
    assert build.build(tmp_path) is False
    (tmp_path / saved_heads.HEADS).write_bytes(b"of another branch")
    inputs["code"] = "changed"
    assert build.changed_since(tmp_path) == ["code", saved_heads.HEADS]
    assert build.changed_since(tmp_path / "nowhere") == ["phrases", "code", saved_heads.HEADS]


def test_the_check_says_in_a_sentence_what_must_be_made_again(monkeypatch, caplog):
    monkeypatch.setattr(sys, "argv", ["build", "--check"])
    monkeypatch.setattr(build, "changed_since", list)
    monkeypatch.setattr(build, "thresholds_older_than", lambda: ["phrases", "weights"])
    with caplog.at_level("INFO"):
        build.main()
    assert "before phrases, weights changed" in caplog.text
    monkeypatch.setattr(build, "changed_since", lambda: ["phrases", "code"])
    with pytest.raises(SystemExit, match=r"\(phrases, code\): run `make heads`"):
        build.main()
    monkeypatch.setattr(build, "changed_since", list)
    monkeypatch.setattr(fingerprint, "other_weights", lambda: ["table.npy"])
    with pytest.raises(SystemExit, match=r"\(table.npy\)"):
        build.main()


def test_thresholds_tell_what_they_were_derived_from(monkeypatch, tmp_path):
    monkeypatch.setattr(tuning, "FILE", tmp_path / "thresholds.json")
    tuning.FILE.write_text('{"e5": {}}')
    assert build.thresholds_older_than() == list(fingerprint.inputs())
    told = fingerprint.inputs() | {"phrases": "others"}
    tuning.FILE.write_text(json.dumps({"e5": {}, tuning.DERIVED_FROM: {"e5": told}}))
    assert build.thresholds_older_than() == ["phrases"]


def test_phrases_code_and_encoder_are_counted():
    assert saved_heads.made_from().keys() == fingerprint.inputs().keys() | {saved_heads.HEADS}


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ('"""Other words."""\nfrom b import f\n\n\ndef f(a):\n    return (a + 1)  # why\n', True),
        ("def f(a):\n    '''Words.'''\n    return a + 1\n", True),
        ("def f(a):\n    return a + 2\n", False),
        ("def f(a, b=None):\n    return a + 1\n", False),
    ],
)
def test_only_what_code_computes_is_counted(source, same):
    plain = "from a import f\ndef f(a):\n    return a + 1\n"
    assert (fingerprint.code_hash([source]) == fingerprint.code_hash([plain])) is same


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("What is TMS?", "what is  tms", True),
        ('"sms"', '"voice"', True),
        ("good", "Good", True),
        ("good", "bad", False),
        ("tms.what", "tms.how", False),
    ],
)
def test_only_folded_texts_and_labels_of_phrases_are_counted(old, new, same, tmp_path):
    hashes = []
    for content in (PHRASES, PHRASES.replace(old, new)):
        (tmp_path / "questions.jsonl").write_text(content, encoding="utf-8")
        hashes.append(fingerprint.phrases_hash(read_phrases("*.jsonl", tmp_path)))
    assert (hashes[0] == hashes[1]) is same


def test_whatever_the_counted_code_imports_is_counted_too():
    # The phrases are hashed as they leave their files and are folded.
    counted = {*fingerprint.CODE, "phrase_files"}
    for name in fingerprint.CODE:
        tree = ast.parse((fingerprint.HERE / f"{name}.py").read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
        ours = {node.module.rpartition(".")[2] for node in imports if node.module.startswith("triage.understanding.")}
        ours |= {alias.name for node in imports if node.module == "triage.understanding" for alias in node.names}
        assert ours <= counted
        assert not any(
            node.module.startswith("triage.") and node.module.split(".")[1] != "understanding" for node in imports
        )


def test_the_pinned_version_of_the_runtime_is_counted():
    pins = "onnxruntime==1.28.0 \\\n    --hash=sha256:00\nnumpy==2.4.0\n"
    assert fingerprint.pinned(["onnxruntime"], pins) == {"onnxruntime": "1.28.0"}


def test_other_weights_are_counted(monkeypatch, tmp_path):
    made = tmp_path / fingerprint.MADE_FROM
    made.write_text("aa  layers.onnx\n", encoding="utf-8")
    monkeypatch.setattr(fingerprint, "WEIGHTS", tmp_path)
    before = fingerprint.inputs()
    made.write_text("bb  layers.onnx\n", encoding="utf-8")
    assert {name for name, told in fingerprint.inputs().items() if before[name] != told} == {"weights"}


def test_a_new_phrase_costs_one_encoding(tmp_path, monkeypatch):
    asked = []

    def encode_and_note(texts):
        asked.append(list(texts))
        return encode(texts)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(phrase_vectors, "_encode", encode_and_note)
    first = phrase_vectors.sentence_vectors(["one", "two", "one"])
    again = phrase_vectors.sentence_vectors(["three", "one", "two"])
    assert asked == [["one", "two"], ["three"]]
    assert np.array_equal(first[:2], again[1:])
    assert phrase_vectors.cache_file().is_relative_to(tmp_path)


def test_a_head_has_no_more_than_it_needs():
    fallback = fitted(None)
    assert isinstance(fallback, Head)
    assert fallback.texts == ()
    assert fallback.training_vectors.size == fallback.dual_coefficients.size == 0
