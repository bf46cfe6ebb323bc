"""Word pieces as the model's own library finds them, and the weights as they were made."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from triage.understanding import encoder, fingerprint
from triage.understanding.branch import WEIGHTS
from triage.understanding.encoder import MOST_PIECES, Layers, Sentences, meaning
from triage.understanding.word_pieces import END, START, UNKNOWN, WordPieces

LINES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "word_pieces.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def shipped():
    """The names of the shipped pieces, and what finds them."""
    names, scores = zip(
        *(line.split("\t") for line in (WEIGHTS / "pieces.tsv").read_text("utf-8").splitlines()), strict=True
    )
    return names, WordPieces(names, [float(score) for score in scores])


def test_each_text_has_the_pieces_that_the_library_finds(shipped):
    names, pieces = shipped
    assert len(LINES) > 300
    for line in LINES:
        first, *found, last = pieces.of(line["text"], MOST_PIECES)
        assert (first, [names[place] for place in found], last) == (START, line["pieces"], END)


def test_the_likeliest_pieces_are_found_and_not_the_longest():
    pieces = WordPieces(
        ["<s>", "</s>", "<unk>", "▁", "▁a", "a", "b", "▁ab", "c", "abc"], [0, 0, 0, -3, -1, -2, -2, -9, -2, -8]
    )
    assert pieces.of("ab", 9) == [START, 4, 6, END]
    assert pieces.of("abc b", 9) == [START, 4, 6, 8, 3, 6, END]


def test_a_letter_that_no_piece_knows_stands_for_itself(shipped):
    names, pieces = shipped
    found = pieces.of("call 你 me", MOST_PIECES)
    assert [names[place] for place in found] == ["<s>", "▁call", "▁", "<unk>", "▁me", "</s>"]
    assert found[3] == UNKNOWN


def test_a_text_has_a_beginning_an_end_and_no_more_pieces_than_may_be(shipped):
    _, pieces = shipped
    assert pieces.of("", 5) == [START, *pieces.of_word("▁"), END]
    long = pieces.of("word " * 500, 20)
    assert len(long) == 20
    assert (long[0], long[-1]) == (START, END)


def test_a_word_without_end_takes_no_time(shipped):
    _, pieces = shipped
    started = time.process_time()
    assert len(pieces.of("xqz" * 100_000, MOST_PIECES)) <= MOST_PIECES
    assert time.process_time() - started < 0.5


def test_the_weights_are_those_that_were_made(monkeypatch, tmp_path):
    assert fingerprint.other_weights() == []
    shutil.copytree(WEIGHTS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "means.npy").write_bytes(b"others")
    (tmp_path / "table.npy").unlink()
    monkeypatch.setattr(fingerprint, "WEIGHTS", tmp_path)
    assert fingerprint.other_weights() == ["means.npy", "table.npy"]


def test_a_block_has_a_scale_and_its_values_in_halves_of_bytes():
    scale = np.array([0.5], "<f2").view(np.uint8)
    halves = np.array([0x80 + value for value in range(16)], np.uint8)  # above 8, which is nought; below 0 to 15
    values = encoder.unblocked(np.concatenate([scale, halves])[None])
    assert values[0, :16].tolist() == [(value - 8) * 0.5 for value in range(16)]
    assert not values[0, 16:].any()


def test_vectors_have_length_one_and_a_text_the_same_alone_and_among_others():
    read = encoder.the_encoder().encode(["does it hurt", "duele", "i want to die"])
    assert np.allclose(np.linalg.norm(meaning(read), axis=1), 1, atol=1e-5)
    assert np.array_equal(read[1], encoder.the_encoder().encode(["duele"])[0])


@pytest.mark.parametrize("name", ["layers.onnx", "table.npy", "means.npy", "pieces.tsv", "branch.onnx"])
@pytest.mark.parametrize("content", [None, b"version https://git-lfs.github.com/spec/v1\n"])
def test_weights_that_cannot_be_read_are_told_as_such(name, content, tmp_path):
    for file in WEIGHTS.iterdir():
        if file.name != name:
            (tmp_path / file.name).symlink_to(file)
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((OSError, RuntimeError)):
        Sentences(tmp_path)


def test_the_table_is_mapped_and_not_read():
    assert isinstance(Layers(WEIGHTS)._table, np.memmap)
