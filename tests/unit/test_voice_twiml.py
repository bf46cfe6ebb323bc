"""Whole documents of a call, from a table of turns."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from tests.web.calling import valid
from triage.intake.inbound_calls import Played
from triage.model.message import Connect, ConnectTo, Hangup, Listen, Record, Recorded, Redirect
from triage.ringing.outgoing_leg import Dial
from webhooks import twiml

BASE = "https://line.example.org/webhooks"
WAYS = twiml.NextUrls(
    heard=f"{BASE}/voice/3",
    recorded=f"{BASE}/voice/3/recorded",
    connect=f"{BASE}/calls/connect/988/3",
    recording_report=f"{BASE}/voice/recordings",
    transcript=f"{BASE}/voice/transcripts",
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
SAID = '<Say language="en-US" voice="Polly.Joanna-Neural">Hello.</Say>'
GATHER = (
    '<Gather action="{heard}" actionOnEmptyResult="true" bargeIn="true" {keys} hints="TMS, ketamine" '
    'input="dtmf speech" language="{lang}" method="POST" {more}speechTimeout="{pause}" timeout="{wait}">'
)
AFTER = f'</Gather><Redirect method="POST">{WAYS.heard}</Redirect></Response>'


def gather(keys, lang="en-US", more="", pause="auto", wait=5):
    return GATHER.format(heard=WAYS.heard, keys=keys, lang=lang, more=more, pause=pause, wait=wait)


def played(listen=None, then=None, lines=(("en", "Hello."),), lang="en"):
    return Played(lines, lang, 2, listen, then)


HINTS = ("TMS", "ketamine")
ONE_KEY = 'finishOnKey=""'
DOCUMENTS = {
    "one key": (
        played(Listen(hints=HINTS)),
        HEAD + gather(ONE_KEY, more='numDigits="1" ') + SAID + AFTER,
    ),
    "a number": (
        played(Listen(hints=HINTS, digits=10)),
        HEAD + gather('finishOnKey="#"', more='numDigits="10" ') + SAID + AFTER,
    ),
    "a number, slowly": (
        played(Listen(12, HINTS, digits=10, pauses=True)),
        HEAD + gather('finishOnKey="#"', more='numDigits="10" ', pause="5", wait=12) + SAID + AFTER,
    ),
    "slow, in Spanish, with a sentence in English": (
        played(Listen(12, HINTS, pauses=True), lines=(("es", "Hola."), ("en", "Hello.")), lang="es"),
        HEAD
        + gather(ONE_KEY, "es-US", 'numDigits="1" ', "5", 12)
        + '<Say language="es-US" voice="Polly.Lupe-Neural">Hola.</Say>'
        + SAID
        + AFTER,
    ),
    "a message": (
        played(then=Record(Recorded.VOICEMAIL, 110)),
        f'{HEAD}{SAID}<Record action="{WAYS.recorded}" finishOnKey="#" maxLength="110" method="POST" playBeep="true" '
        f'recordingStatusCallback="{WAYS.recording_report}" recordingStatusCallbackEvent="completed absent" '
        f'recordingStatusCallbackMethod="POST" timeout="5" transcribe="true" transcribeCallback="{WAYS.transcript}" />'
        f'<Redirect method="POST">{WAYS.recorded}</Redirect></Response>',
    ),
    "somebody else": (
        played(then=Connect(ConnectTo.CRISIS_LINE)),
        f'{HEAD}{SAID}<Redirect method="POST">{WAYS.connect}</Redirect></Response>',
    ),
    "straight on": (played(then=Redirect()), f'{HEAD}{SAID}<Redirect method="POST">{WAYS.heard}</Redirect></Response>'),
    "the end": (played(then=Hangup()), f"{HEAD}{SAID}<Hangup /></Response>"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_turn_as_a_whole_document(name):
    turn, document = DOCUMENTS[name]
    assert twiml.voice(turn, WAYS) == document


def test_words_that_look_like_markup_are_words():
    answer = twiml.voice(played(Listen(), lines=(("en", "<Hangup/> & more"),)), WAYS)
    assert "&lt;Hangup/&gt; &amp; more" in answer


def test_a_long_text_stays_within_what_a_voice_may_say():
    answer = twiml.voice(played(then=Hangup(), lines=(("en", "a" * 9000),)), WAYS)
    assert answer.count("a" * 3000) == 1
    assert "a" * 3001 not in answer


@pytest.mark.parametrize(
    "document",
    [
        twiml.once_more([("en", "Help.")], WAYS.heard),
        twiml.out_of_reach([("en", "Help."), ("es", "Ayuda.")], WAYS, 110),
        twiml.farewell([("en", "Goodbye.")]),
    ],
)
def test_what_is_said_in_trouble_uses_the_plain_voice_and_known_verbs(document):
    from xml.etree import ElementTree

    valid(ElementTree.fromstring(document))
    assert 'voice="alice"' in document
    assert "Polly" not in document


def test_an_extension_is_keyed_once_its_number_is_answered():
    urls = twiml.LegUrls("/webhooks/calls", "+16025550100", "")
    rung = [SimpleNamespace(id=7, ref="a"), SimpleNamespace(id=8, ref="b")]
    dial = Dial(((rung[0], "+16025550134;ext=14"), (rung[1], "+16025550135")), True, 20)
    document = twiml.leg([], "en", dial, 6, urls)
    first, second = ElementTree.fromstring(document).iter("Number")
    assert (first.text, first.get("sendDigits")) == ("+16025550134", "wwww14")
    assert (second.text, second.get("sendDigits")) == ("+16025550135", None)
