"""Short replies: what says yes, no, that something is wrong, or no more than thanks."""

import json
import re
from pathlib import Path

import pytest

from triage.reading.yes_no import Reply, read_reply
from triage.words.word_lists import word_file

DATA = Path(__file__).parents[1] / "data"

SAID = {
    Reply.YES: (
        "yesss|Yeahhh|uh-huh|mm hmm|okkk|looks right|sounds perfect|that'll work|that works for me|yup thats it|"
        "spot on|no, that's right|everything looks right|no changes|lgtm|perfet|absolutly|👍🏽|ok thanks|sip|siii|"
        "exacto|Ándale pues|órale|va|sale y vale|pos sí|así mero|todo está correcto|me late|confirmo|como no|va que va|"
        "no cambie nada"
    ),
    Reply.NO: "nop|noooo|nuh uh|uh uh|not really|no sir|nel|para nada|claro que no|pos no|no gracias|👎|❌",
    Reply.WRONG: (
        "not right|that isn't right|not quite|there is a mistake|something is wrong|that's not it|no it's wrong|"
        "está mal|no es correcto|no está bien|hay un error|eso no|quiero cambiar algo"
    ),
    Reply.GLAD: (
        "thank you so much|got it|no thanks, all good|see you then|looking forward to it|muchas gracias|"
        "quedo al pendiente|enterado"
    ),
}

NOTHING = (
    "right?|is that right|ok?|yes call me tomorrow|i am so tired|no more|no good|fine, at 3|errors of my doctor|"
    "si tengo dolor|no puedo dormir|hi|please|everything|Maria Lopez|not good at all today|estoy mal"
)


@pytest.mark.parametrize(("reply", "text"), [(reply, text) for reply in SAID for text in SAID[reply].split("|")])
def test_a_short_reply_is_read_in_any_dress(reply, text):
    assert read_reply(text) is reply


@pytest.mark.parametrize("text", NOTHING.split("|"))
def test_what_says_more_than_a_short_reply_is_none(text):
    assert read_reply(text) is None


def test_no_phrase_stands_in_two_lists():
    phrases = [
        " ".join(phrase.split())
        for text in word_file("yes_no").texts("phrases").values()
        for phrase in re.split(r"[|\n]", text.strip())
    ]
    assert sorted(phrases) == sorted(set(phrases))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_public_suites_call_a_yes_is_never_read_as_a_no(lang):
    for line in (DATA / f"yesno_recognizers_{lang}.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        wrong = {True: (Reply.NO, Reply.WRONG), False: (Reply.YES,)}[case["results"][0]["value"]]
        assert read_reply(case["text"]) not in wrong, case


@pytest.mark.parametrize(
    ("text", "reply"),
    [("ándele", Reply.YES), ("órale pues", Reply.YES), ("ok hon thank you", Reply.YES), ("not right now", Reply.NO)],
)
def test_short_replies_of_other_tongues_are_read(text, reply):
    assert read_reply(text) is reply
