"""Names that callers spell, alone or beside the name as it is said."""

import pytest

from tests.call_states import heard
from triage.reading.spelled_names import with_spelling


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("S as in Sam, M, I, T, H", "Smith"),
        ("B. O. B.", "Bob"),
        ("S-M-I-T-H", "Smith"),
        ("d as in dog a n a", "Dana"),
        ("Smith, S M I T H", "Smith"),
        ("dana d a n a", "Dana"),
        ("my name is Dana Smyth, that's S M I T H", "Dana Smith"),
        ("my name is dana whitfield d a n a w h i t f i e l d", "Dana Whitfield"),
        ("first name Dana last name W H I T F I E L D", "Dana Whitfield"),
        ("it's spelled D A N N A", "Danna"),
        ("double L O Y D", "Lloyd"),
        ("María, M A R I A", "María"),
        ("M de María A R C O S", "Marcos"),
    ],
)
def test_a_spelled_name_is_read_as_it_is_spelled(said, name):
    assert heard(said).bare_name == name


@pytest.mark.parametrize("said", ["my name is J R Smith", "tomorrow at 3 p m", "i am a person", "y a las dos"])
def test_what_is_not_spelled_stays_as_it_was_said(said):
    assert with_spelling(said) == said
