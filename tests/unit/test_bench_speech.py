"""Seconds of speech are measured on the real conversation, with or without a voice at hand."""

from bench import speech


def test_no_figure_is_above_its_bar():
    for name, row in speech.figures().items():
        assert 0 < row["seconds"] <= row["bar"], name


def test_a_choice_is_heard_before_the_end_of_its_prompt():
    turn = [("en", "To have our team call you, press 1. For questions, 2.")]
    assert speech.until_said(turn, "1") < speech.until_said(turn, "2") < speech.whole(turn, "")
