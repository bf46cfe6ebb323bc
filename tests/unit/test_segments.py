import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.segments import Encoding, count_segments, plain_quotes

REFERENCE = Path(__file__).parents[1] / "data" / "sms_segments_reference.jsonl"
LINES = [json.loads(line) for line in REFERENCE.read_text("utf-8").splitlines()]


def test_encoding_and_parts_agree_with_the_reference_for_every_text() -> None:
    assert len(LINES) == 462
    wrong = [line["text"] for line in LINES if count_segments(line["text"]) != (line["encoding"], line["segments"])]
    assert wrong == []


def test_plain_quotes_reach_the_encoding_of_the_reference_wherever_it_may() -> None:
    changed = [line for line in LINES if line["smart_encoding"] != line["encoding"]]
    assert len(changed) == 36
    for line in changed:
        assert count_segments(plain_quotes(line["text"])) == (line["smart_encoding"], line["smart_segments"]), line


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("a" * 160, Encoding.GSM_7, 1),
        ("a" * 161, Encoding.GSM_7, 2),
        ("a" * 306, Encoding.GSM_7, 2),
        ("a" * 307, Encoding.GSM_7, 3),
        ("€" * 80, Encoding.GSM_7, 1),
        ("a" * 152 + "€" * 5, Encoding.GSM_7, 2),
        ("á" * 70, Encoding.UCS_2, 1),
        ("á" * 71, Encoding.UCS_2, 2),
        ("á" * 201, Encoding.UCS_2, 3),
        ("ñ" * 160, Encoding.GSM_7, 1),
        ("x" * 66 + "👩\u200d👩\u200d👧" + "x" * 66, Encoding.UCS_2, 3),
        ("🇺🇸" * 17, Encoding.UCS_2, 1),
        ("🇺🇸" * 18, Encoding.UCS_2, 2),
        ("e" + "\u0301" * 200, Encoding.UCS_2, 3),
    ],
)
def test_a_part_holds_what_the_carriers_say(text: str, encoding: Encoding, parts: int) -> None:
    assert count_segments(text) == (encoding, parts)


@given(st.text())
@example("\ud800" * 80)
@example("\u200d" * 500)
def test_any_text_takes_enough_parts_for_its_units_and_few_more(text: str) -> None:
    encoding, parts = count_segments(text)
    assert parts >= 1
    if encoding is Encoding.UCS_2:
        units = sum(2 if ord(c) > 0xFFFF else 1 for c in text)
        assert parts == 1 if units <= 70 else parts >= -(-units // 67)
    assert parts <= 1 + 2 * len(text) // 33


@given(st.text())
def test_plain_quotes_are_stable_and_never_make_a_text_of_another_encoding_dearer(text: str) -> None:
    plain = plain_quotes(text)
    assert plain_quotes(plain) == plain
    if count_segments(text)[0] is Encoding.GSM_7:
        assert count_segments(plain)[0] is Encoding.GSM_7
