"""Every state of a call that can be reached in six turns, and what follows there from every key, silence, words that
mean nothing, a question, and words of danger."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, CHOICES, CLOSED, FILLED, KEYS, OPEN, begin, crawled, goes_on, is_over
from triage.conversation import call_turns
from triage.conversation.call_menus import CALL_STEPS, question
from triage.conversation.state import AT_REST, Put
from triage.model.message import Channel, Connect, Hangup, Listen, Record
from triage.model.request import Priority

TURNS = 6
SILENCE, WRONG_KEY = "", "7"
RUBBISH = len(KEYS) + 1  # where it stands in what is said
SAID = {
    "en": (
        *KEYS, SILENCE, "purple elephants sing", "how does tms work", "my name is dana", "602-555-0199",
        "tomorrow afternoon",
    ),
    "es": (
        *KEYS, SILENCE, "elefantes morados cantan", "cómo funciona la tms", "me llamo dana", "602-555-0199",
        "mañana por la tarde",
    ),
}  # fmt: skip
DANGER = {"en": "i am going to kill myself tonight", "es": "me voy a matar esta noche"}
# Whose calls are crawled each time; the others differ from these by one thing only.
ALWAYS = ("en-known-open", "es-withheld-closed")


def marks_of(name):
    """Keep the tests of one caller together: what is crawled once is what all of them look at."""
    together = pytest.mark.xdist_group(f"crawled {name}")
    return [together] if name in ALWAYS else [together, pytest.mark.rare]


CALLERS = [
    pytest.param((sender, lang, now), id=name, marks=marks_of(name))
    for sender in (CALLER, None)
    for lang in ("en", "es")
    for now, hour in ((OPEN, "open"), (CLOSED, "closed"))
    for name in [f"{lang}-{'withheld' if sender is None else 'known'}-{hour}"]
]


@pytest.fixture(scope="module", params=CALLERS)
def crawl(request):
    sender, lang, now = request.param
    return crawled(begin(sender, lang, now), SAID[lang], TURNS)


def spoken(turn):
    lang = turn.talk.lang
    return [WORDS.say(say.key, say.lang or lang, say.values, Channel.VOICE) for say in turn.reply.says]


def test_every_turn_ends_in_a_spoken_way_on(crawl):
    for _, said, after in crawl.transitions:
        reply, words = after.turn.reply, spoken(after.turn)
        assert words, (after.step, said)
        assert all(words), (after.step, said)
        if isinstance(reply.then, Hangup):
            assert "9 8 8" in words[-1]
            assert "9 1 1" in words[-1]
        else:
            assert isinstance(reply.listen or reply.then, Listen | Record | Connect), (after.step, said)
        assert not (reply.listen and reply.then)
        assert reply.listen is None or reply.listen.digits in (1, 10), "a key waits for the silence behind it"
    assert len(crawl.transitions) > 5000
    steps = {after.step for _, _, after in crawl.transitions}
    number = "key_number" if crawl.start.situation.sender is None else "ask_number"
    assert {"menu", "menu_topics", "menu_tms", "menu_ketamine", "menu_both", "ask_name", "record_name", number} <= steps
    assert {"number_back", "ask_window", "ask_day", "ask_topic", "read_back", "change", "voicemail", "way_out"} <= steps


@pytest.mark.parametrize("number", range(3), ids=["silence", "rubbish", "wrong key"])
def test_nobody_is_asked_the_same_a_third_time_without_an_answer(crawl, number):
    said = (SILENCE, SAID[crawl.lang][RUBBISH], WRONG_KEY)[number]
    for state in crawl.within(4):
        asked = Counter([state.step])
        for _ in range(40):
            state = crawl.follows(state, said)
            asked[state.step] += "number_piece" not in state.turn.labels  # one more digit is an answer
            if is_over(state) or isinstance(state.turn.then, Record):
                break
        assert isinstance(state.turn.then, Hangup | Record), (asked, said)
        assert max(asked.values()) <= 3, asked  # asked, and twice more in other words


def test_words_of_danger_at_any_prompt_name_988_first_and_alert(crawl):
    count = 0
    for state in crawl.within(TURNS - 1):
        if state.turn.then:
            continue
        count += 1
        after = goes_on(state, DANGER[crawl.lang])
        assert "9 8 8" in spoken(after.turn)[0], state.key
        raised = [effect for effect in after.turn.effects if isinstance(effect, Put)]
        assert any(put.priority is Priority.CRISIS and put.alert_again for put in raised), state.key
        assert after.step == "crisis_line"
    assert count > 100


def test_what_is_in_the_queue_stays_there_with_all_that_is_known(crawl):
    count = 0
    for before, said, after in crawl.transitions:
        queued, left = before.situation.open_request, after.situation.open_request
        if queued is None:
            continue
        count += 1
        assert left is not None, (before.key, said)
        assert left.phone == queued.phone or after.turn.talk.draft.phone, (before.key, said)
        assert left.name or not queued.name, (before.key, said)
        assert left.topic or not queued.topic, (before.key, said)
    assert count > 100


def test_who_hangs_up_with_a_wish_for_a_call_is_in_the_queue_wherever_they_were(crawl):
    count = 0
    for state in crawl.within(TURNS - 1):
        draft, queued = state.turn.talk.draft, state.situation.open_request
        if not draft.wish or queued or not (draft.phone or state.situation.sender):
            continue
        count += 1
        left = call_turns.hung_up(state.situation)
        assert left is not None, state.key
        assert any(isinstance(effect, Put) for effect in left.effects), state.key
    assert count > 5


def test_every_step_that_a_call_can_be_at_can_be_asked_in_both_languages():
    for lang in ("en", "es"):
        for step, row in CALL_STEPS.items():
            assert row.leads_to <= CALL_STEPS.keys(), step
            assert WORDS.keys(lang, Channel.VOICE) & {step, f"{step}/crisis", "way_on"}


def test_at_most_six_turns_lead_from_the_first_ring_to_the_queue():
    for sender, said in ((CALLER, ("4", "dana", "1", "1")), (None, ("4", "dana", "602-555-0199", "1", "1"))):
        state = begin(sender)
        for one in said:
            assert state.situation.request is None or not state.situation.request.name
            state = goes_on(state, one)
        assert state.situation.request is not None
        assert state.situation.request.name == "Dana"
        assert len(said) + 1 <= TURNS


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_step_of_a_call_can_ask_its_question(lang, again):
    situation = begin(CALLER, lang).situation
    for step in CALL_STEPS.keys() - {AT_REST}:
        talk = replace(situation.talk, draft=FILLED).at(step, *CHOICES.get(step, ()))
        asked = question(replace(situation, talk=talk), again)
        assert WORDS.say(asked.key, lang, asked.values, Channel.VOICE), step
