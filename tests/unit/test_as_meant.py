"""What somebody meant to write: slips, spellings by ear, dictated stops and starred corrections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.reading.as_meant import as_meant, corrects
from triage.words.plain_letters import LONGEST


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cna yiu cal me tomorow at 10 abuot tms. Jorge Pina", "can you call me tomorrow at 10 about tms. Jorge Pina"),
        ("pues q me ablen mñn alas dies porfabor", "pues q me hablen mañana a las diez por favor"),
        ("my name is Teresa Villa period call me at two question mark", "my name is Teresa Villa. call me at two?"),
        ("*3", "make it 3"),
        ("*Brandt, not Strand", "I meant Brandt, not Strand"),
    ],
)
def test_slips_are_read_as_they_are_meant(written, meant):
    assert as_meant(written) == meant


@pytest.mark.parametrize("written", ["my period is late", "Cal Ripken here", "*hugs*", "**", "call me, I am Ana Alas"])
def test_what_is_meant_as_it_stands_is_left(written):
    assert as_meant(written) == written
    assert not corrects(written)


@given(st.text(max_size=LONGEST + 50))
def test_nothing_is_too_odd_for_it_and_to_read_twice_is_to_read_once(written):
    once = as_meant(written)
    assert as_meant(once) == once or corrects(written)
