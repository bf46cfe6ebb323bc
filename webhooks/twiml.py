"""Renders a Reply, a turn of a call or a leg as TwiML; the only module that knows TwiML's verbs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from twilio.twiml.voice_response import Gather, VoiceResponse

from triage.conversation.call_turns import is_transcribed
from triage.intake.inbound_calls import Played
from triage.model.message import Connect, Listen, Record, Recorded, Redirect
from triage.model.phone import parted
from triage.ringing.outgoing_leg import TO_PATIENT, TO_STAFF, Dial, Meeting, Next

CONTENT_TYPE = "text/xml; charset=utf-8"
LONGEST_SAY = 3000
WORD_PAUSE_S, SLOW_WORD_PAUSE_S = "auto", "5"

# For each language a neural voice and its locale. The plain voices work in every account: they are for when something
# has failed already, and the voice must not be the next thing to fail.
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
class NextUrls:
    """The URLs of one turn of a call: where it goes on with the next turn, after a recording, or put through to staff.

    `recording_report` and `transcript` are posted to about a recording, apart from the call.
    """

    heard: str
    recorded: str
    connect: str
    recording_report: str
    transcript: str


def voice(played: Played, urls: NextUrls, recorded: Mapping[tuple[str, str], str] | None = None) -> str:
    """Build one turn of a call. Keys stop the words; silence posts, too, so that no call just ends.

    recorded: the URL of a recording of a sentence, by its language and words.
    """
    document = VoiceResponse()
    if played.listen is not None:
        gather = _gather(played.listen, played, urls)
        _speak(gather, played.lines, recorded=recorded)
        document.append(gather)
        # Reached only where a Gather posts nothing: the turn is asked for all the same.
        document.redirect(urls.heard, method="POST")
        return str(document)
    _speak(document, played.lines, recorded=recorded)
    then = played.then
    if isinstance(then, Record):
        _record(document, then, urls, is_transcribed(played.lang))
    elif isinstance(then, Connect):
        document.redirect(urls.connect, method="POST")
    elif isinstance(then, Redirect):
        document.redirect(urls.heard, method="POST")
    else:
        document.hangup()
    return str(document)


def _gather(listen: Listen, played: Played, urls: NextUrls) -> Gather:
    return Gather(
        input="dtmf speech" if listen.speech else "dtmf",
        action=urls.heard,
        method="POST",
        action_on_empty_result=True,
        timeout=listen.silence_s,
        speech_timeout=SLOW_WORD_PAUSE_S if listen.pauses else WORD_PAUSE_S,
        hints=", ".join(listen.hints),
        language=VOICES[played.lang][1],
        barge_in=True,
        num_digits=listen.digits,
        # Where one key is the answer, # is a key like the others; it ends a number that has fewer digits than most.
        finish_on_key="" if listen.digits == 1 else "#",
    )


def _speak(
    verb: VoiceResponse | Gather,
    lines: Sequence[tuple[str, str]],
    voices: Mapping[str, tuple[str, str]] = VOICES,
    recorded: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """Add one <Say> for each line, a pair of language and sentence; a <Play> where it is recorded."""
    for lang, line in lines:
        if recorded and (url := recorded.get((lang, line))):
            verb.play(url)
            continue
        voice_of, locale = voices[lang]
        verb.say(line[:LONGEST_SAY], voice=voice_of, language=locale)


def _record(document: VoiceResponse, then: Record, urls: NextUrls, transcribed: bool) -> None:
    written_down = {"transcribe": True, "transcribe_callback": urls.transcript} if transcribed else {}
    document.record(
        action=urls.recorded,
        method="POST",
        max_length=then.longest_s,
        timeout=then.silence_s,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=urls.recording_report,
        recording_status_callback_event="completed absent",
        recording_status_callback_method="POST",
        **written_down,
    )
    # Reached only where nothing was said after the tone: then nothing is posted to the action.
    document.redirect(urls.recorded, method="POST")


def once_more(lines: Sequence[tuple[str, str]], url: str) -> str:
    """Say where help is after a fault, and redirect to the same turn."""
    document = VoiceResponse()
    _speak(document, lines, PLAIN_VOICES)
    document.redirect(url, method="POST")
    return str(document)


def out_of_reach(lines: Sequence[tuple[str, str]], urls: NextUrls, longest_s: int) -> str:
    """Say where help is when a turn could not be answered, and record a voicemail all the same.

    Nobody knows the caller's language, so it is written down as English: danger may be seen in it.
    """
    document = VoiceResponse()
    _speak(document, lines, PLAIN_VOICES)
    _record(document, Record(Recorded.VOICEMAIL, longest_s), urls, transcribed=True)
    return str(document)


def farewell(lines: Sequence[tuple[str, str]]) -> str:
    document = VoiceResponse()
    _speak(document, lines, PLAIN_VOICES)
    document.hangup()
    return str(document)


# --- outgoing legs: the phones that we ring

KEY_WAIT_S, ANSWER_WAIT_S, WAIT_S = 8, 5, 3
TIMES_ASKED = 2
PAUSE_BEFORE_EXTENSION = "wwww"  # two seconds, in which an exchange begins to listen for keys
CALL_EVENTS = "initiated ringing answered completed"


@dataclass(frozen=True)
class LegUrls:
    """The URLs of a leg: `calls` is the base of the routes of webhooks/outbound_legs.py, `back` a caller's next turn.

    `caller_id`: the clinic's E.164 number. `again`: the fragment of a URL by which Twilio tries a post once more.
    """

    calls: str
    caller_id: str
    again: str
    back: str = ""


def leg(sentences: Sequence[str], lang: str, then: Next | Dial | Meeting, leg_id: int, urls: LegUrls) -> str:
    """Build what the phone of a leg hears, and what follows.

    For Next.JOIN the document just ends: that makes Twilio connect the two sides.
    """
    document, lines = VoiceResponse(), [(lang, sentence) for sentence in sentences]
    if then in TO_PATIENT:
        return _ask_patient(lines, lang, f"{urls.calls}/{leg_id}/{then}{urls.again}")
    if then in TO_STAFF:
        for _ in range(TIMES_ASKED):
            action = f"{urls.calls}/{leg_id}/{then}{urls.again}"
            asked = document.gather(input="dtmf", num_digits=1, timeout=KEY_WAIT_S, action=action, method="POST")
            _speak(asked, lines)
        document.hangup()
        return str(document)
    _speak(document, lines)
    if isinstance(then, Dial):
        _dial(document, then, urls)
    elif isinstance(then, Meeting):
        _meet(document, then, urls)
    elif then is Next.WAIT:
        document.pause(length=WAIT_S)
    elif then is Next.LEAVE:
        document.leave()
    elif then is Next.BACK:
        document.redirect(urls.back, method="POST")
    elif then is Next.END:
        document.hangup()
    return str(document)


def _meet(document: VoiceResponse, meeting: Meeting, urls: LegUrls) -> None:
    """Have a caller wait for staff, or bring staff to them."""
    base, place = f"{urls.calls}/{meeting.leg.id}", meeting.leg.ref
    if meeting.waits:
        document.enqueue(
            place, action=f"{base}/dialled{urls.again}", method="POST", wait_url=f"{base}/waits", wait_url_method="POST"
        )
    else:
        document.dial(action=f"{base}/talked{urls.again}", method="POST").queue(place)


def _ask_patient(lines: Sequence[tuple[str, str]], lang: str, url: str) -> str:
    """Ask for a key or words; silence is posted, too."""
    document = VoiceResponse()
    asked = document.gather(
        input="dtmf speech", num_digits=1, timeout=ANSWER_WAIT_S, speech_timeout=WORD_PAUSE_S, action=url,
        method="POST", action_on_empty_result=True, language=VOICES[lang][1], barge_in=True,
    )  # fmt: skip
    _speak(asked, lines)
    document.redirect(url, method="POST")
    return str(document)


def _dial(document: VoiceResponse, rung: Dial, urls: LegUrls) -> None:
    """Add a <Dial> that rings phones from the clinic's number. Its end is posted to the URL of the last leg."""
    last = rung.phones[-1][0]
    verb = document.dial(
        action=f"{urls.calls}/{last.id}/dialled{urls.again}",
        method="POST",
        timeout=rung.ring_s,
        caller_id=rung.caller or urls.caller_id,
    )
    for own_leg, phone in rung.phones:
        receipts = f"{urls.calls}/status?ref={quote(own_leg.ref)}{urls.again}"
        screened = {"url": f"{urls.calls}/{own_leg.id}/answered{urls.again}", "method": "POST"} if rung.screened else {}
        detected = {"machine_detection": "Enable", "amd_status_callback": receipts} if rung.detect else {}
        number, extension = parted(phone)
        keyed = {"send_digits": f"{PAUSE_BEFORE_EXTENSION}{extension}"} if extension else {}
        verb.number(
            number,
            status_callback=receipts,
            status_callback_event=CALL_EVENTS,
            status_callback_method="POST",
            **keyed,
            **screened,
            **detected,
        )
