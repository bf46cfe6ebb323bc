"""The same question never goes out twice in a row in the same words: who did not answer it has read them."""

from dataclasses import replace

from triage.model.message import Say

# An offer that ends many an answer, or what was done, waits for no answer.
OFFERS = frozenset({"way_on", "moved", "cancelled"})

_OTHERS = {
    "read_back_again": "details_right",
    "details_right": "read_back_again",
    "offer_nearest_closed_day": "offer_nearest_again",
}


def other_wording(key: str) -> str:
    """Return the key of the other words in which a question is asked."""
    return _OTHERS.get(key) or (key.removesuffix("_again") if key.endswith("_again") else f"{key}_again")


def in_other_words(question: Say) -> Say:
    return question if question.key in OFFERS else replace(question, key=other_wording(question.key))
