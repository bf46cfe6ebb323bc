"""What somebody answers on a phone that we ring, by key or in words."""

from enum import StrEnum

from triage.reading.signs import Sign, read_signs
from triage.reading.spoken_keys import is_speaking
from triage.reading.yes_no import Reply, read_reply
from triage.understanding.reading import understand
from triage.understanding.safety import Tier


class Answer(StrEnum):
    YES = "yes"
    NO = "no"  # we have the wrong person
    DANGER = "danger"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


def read_answer(key: str, said: str) -> Answer:
    """Read the answer to a question of yes and no; a key counts before words, danger before both meanings of words."""
    if key:
        return {"1": Answer.YES, "2": Answer.NO}.get(key, Answer.UNCLEAR)
    if not said.strip():
        return Answer.NOTHING
    understood = understand(said)
    if understood.danger.tier is Tier.ALARM:
        return Answer.DANGER
    if Sign.WRONG_PERSON in read_signs(said, understood):
        return Answer.NO
    if is_speaking(said):
        return Answer.YES
    return {Reply.YES: Answer.YES, Reply.NO: Answer.NO}.get(read_reply(said) or Reply.GLAD, Answer.UNCLEAR)
