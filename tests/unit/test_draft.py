"""The draft of a request: how its fields stand, and that a talk is kept and recalled as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_clinic, local
from triage.conversation.draft import Draft, Field, FieldState, Found
from triage.conversation.state import Talk, kept, recalled
from triage.hours.window import Window
from triage.model.request import Flag

CLINIC = a_clinic()
NOW = local("2026-11-24 10:00")
WINDOW = Window(NOW + timedelta(hours=4), NOW + timedelta(hours=5))
FOUND = st.builds(
    Found,
    name=st.sampled_from([None, "Dana"]),
    phone=st.sampled_from([None, "+16025550132", "+16025550133"]),
    window=st.sampled_from([None, WINDOW]),
    topic=st.sampled_from([None, "tms"]),
)


def test_what_is_given_is_asked_for_no_more_and_taken_from_what_staff_must_ask():
    draft = Draft(wish=True).asking_later({Flag.ASK_NAME, Flag.ASK_TIME})
    filled = draft.filled(Found(name="Dana"))
    assert [one for one in Field if filled.asks_for(one)] == [Field.NUMBER, Field.TIME, Field.TOPIC]
    assert filled.asks == {Flag.ASK_TIME}


def test_a_confirmed_number_stays_so_when_it_is_given_again_and_another_does_not():
    draft = Draft(wish=True).filled(Found(phone="+16025550132")).standing(Field.NUMBER, at=FieldState.CONFIRMED)
    assert draft.filled(Found(phone="+16025550132")).state(Field.NUMBER) is FieldState.CONFIRMED
    assert draft.filled(Found(phone="+16025550133")).state(Field.NUMBER) is FieldState.GIVEN


def test_another_time_takes_back_the_one_that_was_agreed_on():
    agreed = Draft(wish=True).filled(Found(window=WINDOW, agreed=WINDOW)).standing(Field.TIME, at=FieldState.CONFIRMED)
    again = agreed.filled(Found(window=WINDOW))
    assert (again.agreed, again.state(Field.TIME)) == (None, FieldState.GIVEN)


@given(st.lists(FOUND, max_size=6))
def test_what_was_found_is_never_lost_and_never_asked_for(all_found):
    draft = Draft(wish=True)
    for found in all_found:
        draft = draft.filled(found)
        assert not [one for one in found.fields if draft.asks_for(one)]
        assert not draft.is_changed_by(found)


@given(st.lists(FOUND, max_size=4), st.sampled_from(list(FieldState)), st.booleans())
def test_a_talk_is_recalled_as_it_was_kept(all_found, state, doubted):
    draft = Draft(wish=True).standing(Field.TIME, at=state)
    for found in all_found:
        draft = draft.filled(found)
    talk = Talk("es", "ask_topic", 1, ("a",), "tms", replace(draft, number_doubted=doubted), NOW, 3, NOW)
    again = recalled(kept(talk, NOW), "en", CLINIC)
    assert again == talk
    assert again.draft.states == talk.draft.states


@pytest.mark.parametrize(
    ("settled", "states", "doubted"),
    [
        (["name", "number", "number_back"], {Field.NAME: "given", Field.NUMBER: "confirmed"}, False),
        (["nearest", "time", "topic"], {Field.TIME: "offered", Field.TOPIC: "given"}, False),
        (["number_doubted"], {}, True),
        ([], {}, False),
    ],
)
def test_a_draft_that_version_0_1_kept_is_still_understood(settled, states, doubted):
    row = kept(Talk("en", "ask_window", draft=Draft(wish=True, name="Dana")), NOW)
    old = {name: value for name, value in row.draft["draft"].items() if name not in ("states", "number_doubted")}
    talk = recalled(replace(row, draft=row.draft | {"draft": old | {"settled": settled}}), "en", CLINIC)
    assert dict(talk.draft.states) == states
    assert (talk.draft.name, talk.draft.number_doubted) == ("Dana", doubted)
