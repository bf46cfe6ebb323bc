"""Tapped reactions and automatic replies: neither our own words nor those of a phone are taken for the person's."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.model.message import Channel
from triage.reading.automatic_replies import is_automatic
from triage.reading.reactions import read_reaction, spoken
from triage.reading.read_message import danger_at_least, hear
from triage.settings import ROOT
from triage.understanding.safety import Tier

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Phoenix"))

POSITIVE = [
    "Loved {}",
    "Liked {}",
    "Reacted 👍 to {}",
    "Reacted ❤️ to {}",
    "👍 to {}",
    "\u200a👍🏽\u200b to {}",
    "Le gustó {}",
    "Le encantó {}",
    "A Ana María le encantó {}",
    "A Luis D'Angelo le gustó {}",
    "Reaccionó con 👍 a {}",
    "Reaccionó con ❤️ a {}",
]
OTHER = [
    "Disliked {}",
    "Laughed at {}",
    "Emphasized {}",
    "Emphasised {}",
    "Questioned {}",
    "Removed a like from {}",
    "Removed a heart from {}",
    "Removed an exclamation from {}",
    "Removed a question mark from {}",
    "Removed 👍 from {}",
    "Reacted 😢 to {}",
    "👎 to {}",
    "No le gustó {}",
    "A Ana no le gustó {}",
    "Se rio de {}",
    "Enfatizó {}",
    "Cuestionó {}",
    "Quitó un corazón de {}",
    "Eliminó un Me gusta de {}",
    "Reaccionó 😂 a {}",
]
QUOTATIONS = ["“{}”", '"{}"', "«{}»", "„{}“", "‘{}’", "「{}」", "“\u200a{}\u200a”", "“{}…”", "“{}", '"{}"\n']
OURS = sorted(
    path.read_text("utf-8").strip()
    for lang in ("en", "es")
    for path in (ROOT / "templates" / "sms" / lang).rglob("*.txt")
)


@given(
    form=st.sampled_from(POSITIVE + OTHER),
    quotation=st.sampled_from(QUOTATIONS),
    text=st.sampled_from(OURS),
    cut=st.integers(1, 400),
)
def test_nothing_of_a_quoted_text_of_ours_is_read(form, quotation, text, cut):
    body = form.format(quotation.format(text[:cut]))
    reaction = read_reaction(body)
    assert reaction is not None, body
    assert reaction.own_words == ""
    assert reaction.positive is (form in POSITIVE)
    assert reaction.quotes(text) or cut < 30
    assert danger_at_least(body).tier is Tier.NONE


@pytest.mark.parametrize("text", [text for text in OURS if "988" in text or "911" in text or "STOP" in text][:12])
def test_no_reader_sees_the_quotation(text):
    heard = hear(f"Emphasized “{text}”", NOW, Channel.SMS, just_before=f"Loved “{text}”")
    assert heard.says_nothing
    assert heard.danger.tier is Tier.NONE
    told = (
        heard.name, heard.bare_name, heard.window, heard.keyword, heard.scope, heard.yes_no, heard.topic, heard.phones,
        heard.wish, heard.cancel, heard.move, heard.keep, heard.own_number, heard.like_number,
    )  # fmt: skip
    assert not any(told)


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Loved “We will call you.” thank you", "thank you"),
        ("Liked 'We'll call you at 10' ok", "ok"),
        ("Disliked «We will call you» - not at 10, at 11", "not at 10, at 11"),
        ("Liked “one”\nLoved “two” see you", "see you"),
        ("Removed a like from “We will call” i want to die", "i want to die"),
        ("Loved an image", ""),
        ("Le gustó una foto", ""),
    ],
)
def test_own_words_behind_the_quotation_stay(body, own):
    assert spoken(body) == own


@pytest.mark.parametrize(
    "body",
    [
        "I loved “The Notebook”",
        "loved it",
        "Me encantó la clínica",
        "liked the nurse “Ana”",
        "he said “I want to die”",
        'call to "me"',
        "Questioned everything today",
        "yes",
        "",
    ],
)
def test_speech_is_no_reaction(body):
    assert read_reaction(body) is None
    assert spoken(body) == body


def test_a_quotation_is_known_by_its_letters_and_only_if_enough_is_left():
    reaction = read_reaction("Loved “Dana, we will call you at 602-555-0134 Tues…”")
    assert reaction is not None
    assert reaction.quotes("Dana, we will call you at 602-555-0134 Tuesday between 2 and 3 pm.")
    assert not reaction.quotes("Your call is cancelled.")
    assert not reaction.quotes("")


@given(st.text(max_size=400))
def test_any_text_at_all_is_read_without_a_fault(text):
    found = read_reaction(text)
    assert spoken(text) == (found.own_words if found else text)
    assert is_automatic(text) in (True, False)


@pytest.mark.parametrize("body", ["Liked “a” " * 3000, "“" * 20000, "Loved “" + "“" * 20000, "i'm driving. " * 2000])
def test_a_long_text_takes_no_long_time(body):
    begun = time.perf_counter()
    read_reaction(body)
    is_automatic(body)
    assert time.perf_counter() - begun < 1


AUTOMATIC = """
I'm driving with notifications off. I'll see your message when I get where I'm going.
I’m driving with Do Not Disturb While Driving turned on. I’ll see your message when I get where I’m going.
(I'm not receiving notifications. If this is urgent, reply "urgent" to send a notification through.)
Sorry, I can't talk right now.
Sorry I can't talk right now I'll call you later
I'll call you back
I'll call you right back.
I'm in a meeting. I'll call you later
I'm driving right now - I'll get back to you later
Auto-reply: I'm away and will answer on Monday.
[Auto-Reply] I'm driving
Out of office: back on 11/30
I am currently out of the office until Monday. For help call 602-555-0100
Thank you for your message. I am out of the office until 12/1
I have Do Not Disturb turned on.
This is an automated response. I will get back to you.
Ahora no puedo hablar. Te llamo luego.
Lo siento, no puedo hablar en este momento.
Estoy conduciendo. Te llamo más tarde.
Respuesta automática: estoy fuera
""".strip().splitlines()

OF_A_PERSON = """
Sorry, I can't talk right now. Can you call at 3?
can't talk now, call me later
I'm driving, call me at 5
I'm in a meeting until 3
I'm busy right now, can you call tomorrow at 3
I am not receiving your texts
I can't talk to anyone
I can't talk right now i want to kill myself
no puedo hablar con nadie
I am out of the office on tuesdays
I'm unavailable tomorrow
sorry
hello hi
call me back
""".strip().splitlines()


@pytest.mark.parametrize("body", AUTOMATIC)
def test_a_phone_that_answers_for_its_owner_wants_nothing(body):
    heard = hear(body, NOW, Channel.SMS)
    assert heard.says_nothing
    assert not any((heard.wish, heard.scope, heard.keyword, heard.window, heard.name, heard.phones))


@pytest.mark.parametrize("body", OF_A_PERSON)
def test_what_a_person_says_is_not_automatic(body):
    assert not is_automatic(body)


@pytest.mark.parametrize(
    "body", ["I am not receiving your texts", "im not getting your messages", "no me llegan sus mensajes"]
)
def test_texts_that_do_not_arrive_are_no_opt_out_and_no_wish(body):
    heard = hear(body, NOW, Channel.SMS)
    assert heard.scope is None
    assert not heard.wish
