"""What phones and mailboxes answer for their owners, in whatever order they say it."""

from datetime import UTC, datetime

import pytest

from triage.model.message import Channel
from triage.reading.automatic_replies import is_automatic
from triage.reading.read_message import hear
from triage.understanding.safety import Tier

BY_A_PHONE = (
    "I'm driving right now. I'll text you back when I stop. - Sent while driving",
    "I'm busy right now, call you back later. (Auto-reply)",
    "I am currently driving and will reply when I arrive. [automatic reply]",
    "I'm driving - I'll call you later – This message was sent automatically",
    "What's up? I'm driving and will respond when I stop - Sent from CarPlay",
    "My phone is off right now. This is an automated message",
    "Estoy ocupado, le llamo más tarde. Mensaje automático",
    "Voy manejando, te marco al rato. Enviado desde mi auto",
)

BY_A_PERSON = (
    "I'm driving, call me at 3",
    "is this an automated message?",
    "hi can someone call me - Sent from my Galaxy",
    "is this a real person or auto reply",
    "estoy manejando, llámenme a las 3",
)


@pytest.mark.parametrize("text", BY_A_PHONE)
def test_a_note_at_the_end_tells_that_a_phone_wrote_it(text):
    assert is_automatic(text)


@pytest.mark.parametrize("text", BY_A_PERSON)
def test_a_person_who_drives_or_asks_about_machines_is_answered(text):
    assert not is_automatic(text)


# As two phones word it: the last words are of the road, though a model hears an end in them.
WITH_AN_END_IN_THEM = (
    "Estoy conduciendo con la función No molestar al conducir activada. Veré tu mensaje cuando llegue a mi destino.",
    "I’m driving with Do Not Disturb While Driving turned on. I’ll see your message when I get where I’m going.",
)


@pytest.mark.parametrize("text", WITH_AN_END_IN_THEM)
def test_the_sentence_of_a_phone_alerts_nobody(text):
    heard = hear(text, datetime(2026, 11, 23, 10, tzinfo=UTC), Channel.SMS)
    assert heard.says_nothing
    assert heard.danger.tier is Tier.NONE


def test_a_person_in_danger_is_heard_beside_the_sentence_of_a_phone():
    text = "I'm driving right now. I want to kill myself. Sent while driving"
    assert hear(text, datetime(2026, 11, 23, 10, tzinfo=UTC), Channel.SMS).danger.tier is Tier.ALARM
