"""Reply -> TwiML; the only module that knows the verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from twilio.twiml.voice_response import Gather, VoiceResponse

from triage.intake.inbound_calls import Played
from triage.model.message import Connect, Listen, Record, Redirect
from triage.ringing.outgoing_leg import Dial, Next

CONTENT_TYPE = "text/xml; charset=utf-8"
LONGEST_SAY = 3000
WORD_PAUSE_S, SLOW_WORD_PAUSE_S = "auto", "5"

# A neural voice of each language with its locale, and what every account can say where something is wrong already.
VOICES = {"en": ("Polly.Joanna-Neural", "en-US"), "es": ("Polly.Lupe-Neural", "es-US")}
PLAIN_VOICES = {"en": ("alice", "en-US"), "es": ("alice", "es-MX")}


def texts(bodies: Sequence[str], refs: Sequence[str], status_url: str) -> str:
    """Build one <Message> a text; each carries its own `ref`, which comes back in its delivery receipts.

    Written out here: it is one verb, and building it through the library costs a tenth of a whole request.
    """
    messages = "".join(
        f'<Message action={quoteattr(f"{status_url}?ref={quote(ref)}")} method="POST">{escape(body)}</Message>'
        for body, ref in zip(bodies, refs, strict=True)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>'


@dataclass(frozen=True)
class Ways:
    """Where a call goes on: with the next turn, after a recording, or by being put through to somebody."""

    heard: str
    recorded: str
    connect: str
    recording_report: str
    transcript: str


def voice(played: Played, ways: Ways) -> str:
    """Build one turn of a call. Keys stop the words; silence posts, too, so that no call just ends."""
    document = VoiceResponse()
    if played.listen is not None:
        gather = _gather(played.listen, played, ways)
        _speak(gather, played.lines)
        document.append(gather)
        # Reached only where a Gather posts nothing: the turn is asked for all the same.
        document.redirect(ways.heard, method="POST")
        return str(document)
    _speak(document, played.lines)
    then = played.then
    if isinstance(then, Record):
        _record(document, then, ways)
    elif isinstance(then, Connect):
        document.redirect(ways.connect, method="POST")
    elif isinstance(then, Redirect):
        document.redirect(ways.heard, method="POST")
    else:
        document.hangup()
    return str(document)


def _gather(listen: Listen, played: Played, ways: Ways) -> Gather:
    # Where one key is the answer, # is a key like the others; it ends a number.
    keys = {"num_digits": listen.digits, "finish_on_key": ""} if listen.digits else {"finish_on_key": "#"}
    return Gather(
        input="dtmf speech" if listen.speech else "dtmf",
        action=ways.heard,
        method="POST",
        action_on_empty_result=True,
        timeout=listen.silence_s,
        speech_timeout=SLOW_WORD_PAUSE_S if listen.pauses else WORD_PAUSE_S,
        hints=", ".join(listen.hints),
        language=VOICES[played.lang][1],
        barge_in=True,
        **keys,
    )


def _speak(document: VoiceResponse | Gather, lines: Sequence[tuple[str, str]]) -> None:
    for lang, line in lines:
        voice_of, locale = VOICES[lang]
        document.say(line[:LONGEST_SAY], voice=voice_of, language=locale)


def _speak_plainly(document: VoiceResponse, lines: Sequence[tuple[str, str]]) -> None:
    """Speak with the plain voice: where something is wrong already, the voice should not be the next thing to fail."""
    for lang, line in lines:
        voice_of, locale = PLAIN_VOICES[lang]
        document.say(line, voice=voice_of, language=locale)


def _record(document: VoiceResponse, then: Record, ways: Ways) -> None:
    document.record(
        action=ways.recorded,
        method="POST",
        max_length=then.longest_s,
        timeout=then.silence_s,
        finish_on_key="#",
        play_beep=True,
        transcribe=True,
        transcribe_callback=ways.transcript,
        recording_status_callback=ways.recording_report,
        recording_status_callback_event="completed absent",
        recording_status_callback_method="POST",
    )
    # Reached only where nothing was said after the tone: then nothing is posted to the action.
    document.redirect(ways.recorded, method="POST")


def once_more(lines: Sequence[tuple[str, str]], url: str) -> str:
    """Say where help is after a fault, and ask for the same turn again."""
    document = VoiceResponse()
    _speak_plainly(document, lines)
    document.redirect(url, method="POST")
    return str(document)


def out_of_reach(lines: Sequence[tuple[str, str]], recorded_url: str, report_url: str, longest_s: int) -> str:
    """Say where help is when nothing else answered, and take a message all the same."""
    document = VoiceResponse()
    _speak_plainly(document, lines)
    document.record(
        action=recorded_url, method="POST", max_length=longest_s, finish_on_key="#", play_beep=True,
        recording_status_callback=report_url, recording_status_callback_method="POST",
    )  # fmt: skip
    return str(document)


def farewell(lines: Sequence[tuple[str, str]]) -> str:
    document = VoiceResponse()
    _speak_plainly(document, lines)
    document.hangup()
    return str(document)


# --- legs: the phones that we ring

KEY_WAIT_S = 8
ASKED = 2
CALL_EVENTS = "initiated ringing answered completed"


@dataclass(frozen=True)
class Links:
    """Where our own legs go on: `calls` is the address of webhooks/outbound_legs.py, `back` a caller's next turn.

    `again` is the fragment by which Twilio tries once more.
    """

    calls: str
    caller_id: str
    again: str
    back: str = ""


def leg(sentences: Sequence[str], lang: str, then: Next | Dial, leg_id: int, links: Links) -> str:
    """Build what the phone of a leg hears, and what follows. A document that just ends joins the two sides."""
    document = VoiceResponse()
    if then in (Next.KEY, Next.CONNECT, Next.VOICEMAIL):
        for _ in range(ASKED):
            action = f"{links.calls}/{leg_id}/{then}{links.again}"
            asked = document.gather(input="dtmf", num_digits=1, timeout=KEY_WAIT_S, action=action, method="POST")
            _tell(asked, sentences, lang)
        document.hangup()
        return str(document)
    _tell(document, sentences, lang)
    if isinstance(then, Dial):
        _dial(document, then, links)
    elif then is Next.BACK:
        document.redirect(links.back, method="POST")
    elif then is Next.END:
        document.hangup()
    return str(document)


def _dial(document: VoiceResponse, rung: Dial, links: Links) -> None:
    """Ring phones from the clinic's number. What became of it is posted to the last leg's address."""
    last = rung.phones[-1][0]
    verb = document.dial(
        action=f"{links.calls}/{last.id}/dialled{links.again}",
        method="POST",
        timeout=rung.ring_s,
        caller_id=links.caller_id,
    )
    for ours, phone in rung.phones:
        receipts = f"{links.calls}/status?ref={quote(ours.ref)}{links.again}"
        screened = {"url": f"{links.calls}/{ours.id}/answered{links.again}", "method": "POST"} if rung.screened else {}
        detected = {"machine_detection": "Enable", "amd_status_callback": receipts} if rung.detect else {}
        verb.number(
            phone,
            status_callback=receipts,
            status_callback_event=CALL_EVENTS,
            status_callback_method="POST",
            **screened,
            **detected,
        )


def _tell(verb: VoiceResponse | Gather, sentences: Sequence[str], lang: str) -> None:
    voice, language = VOICES[lang]
    for sentence in sentences:
        verb.say(sentence, voice=voice, language=language)
