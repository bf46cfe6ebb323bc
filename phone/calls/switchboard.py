"""Calls ring, are picked up, play what the clinic says, get connected, end. People act in phone/calls/handset.py."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from phone.background import Background
from phone.board import Board
from phone.calls.call_book import CallBook
from phone.calls.exchange import Document, Exchange
from phone.calls.legs import CallStatus, Detection, Dialling, Leg, Line, Source, Way
from phone.calls.verbs import (
    Callback,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Number,
    Pause,
    Play,
    Record,
    Reject,
    Say,
    Verb,
)  # fmt: skip
from phone.calls.webhook_forms import Fields, dial_form, keys_form, speech_form
from phone.config import PhoneConfig
from phone.records import ClinicNumber, Habit, Person, new_sid
from phone.texts.carrier import WORDS
from phone.texts.twiml import Redirect

# What a call may play without anybody doing anything: a clinic that redirects in a circle is cut off here.
DOCUMENTS_ALONE = 20

LETTERS_A_SECOND = 14

UNANSWERED = {
    Habit.NO_ANSWER: (CallStatus.NO_ANSWER, 0),
    Habit.BUSY: (CallStatus.BUSY, 486),
    Habit.DECLINES: (CallStatus.BUSY, 603),
    Habit.UNREACHABLE: (CallStatus.FAILED, 404),
}


class Switchboard:
    """No time passes while a call plays: seconds are counted, not waited for. The lock is held only to change a leg."""

    def __init__(
        self, config: PhoneConfig, board: Board, book: CallBook, exchange: Exchange, background: Background
    ) -> None:
        self.book = book
        self.exchange = exchange
        self._config = config
        self._board = board
        self._background = background

    # Beginning

    def call_in(self, owner: str, caller: str, number: ClinicNumber, extra: Fields) -> Leg:
        """Call the clinic for somebody; back when the clinic has answered and waits for them, or the call is over.

        `owner` is whose handset it is, `caller` what the clinic is told: anything at all.
        """
        given, now = number.settings.get, datetime.now(UTC)
        source = Source(
            given("VoiceUrl", ""), given("VoiceMethod", "POST"),
            fallback_url=given("VoiceFallbackUrl", ""), fallback_method=given("VoiceFallbackMethod", "POST"),
        )  # fmt: skip
        leg = Leg(
            new_sid("CA"), owner, caller, number.phone, Way.INBOUND, source, now, now, CallStatus.RINGING,
            Callback(given("StatusCallback", ""), given("StatusCallbackMethod", "POST")),
            extra=tuple(extra), started_at=now,
        )  # fmt: skip
        self._meet(owner)
        self.book.add(leg)
        self.ask(leg, source.url, source.method)
        return leg

    def call_out(self, leg: Leg) -> None:
        """Call somebody for the clinic: their handset begins to ring in the background."""
        self._meet(leg.owner)
        self.book.add(leg)
        self._background.start(self._background.texts, self.ring, leg)

    def _meet(self, phone: str) -> None:
        if self._board.person(phone) is None:
            self._board.meet(Person(phone, phone))

    def ring(self, leg: Leg) -> None:
        """Let the handset do what its owner has set it to."""
        with self.book.lock:
            if leg.status is not CallStatus.QUEUED:
                return
            is_engaged = any(other.is_open and other is not leg for other in self.book.of(leg.owner))
            leg.started_at = datetime.now(UTC)
        self.exchange.report(leg, "initiated")
        self._becomes(leg, CallStatus.RINGING)
        self.exchange.report(leg, "ringing")
        person = self._board.person(leg.owner)
        habit = person.habit if person else Habit.BY_HAND
        if habit is Habit.BY_HAND and is_engaged:
            habit = Habit.BUSY
        if habit in UNANSWERED:
            self.end(leg, *UNANSWERED[habit])
        elif habit is Habit.BY_HAND:
            self._let_ring(leg)
        else:
            self.pick_up(leg, is_machine=habit is Habit.MACHINE)

    def _let_ring(self, leg: Leg) -> None:
        if self._config.rings_out:
            timer = threading.Timer(leg.rings_s, self.ring_out, (leg,))
            timer.daemon = True
            timer.start()

    def ring_out(self, leg: Leg) -> bool:
        """End a ringing that nobody came to; False if it does not ring any more."""
        is_ringing = leg.is_ringing_here
        if is_ringing:
            self.end(leg, CallStatus.NO_ANSWER)
        return is_ringing

    def pick_up(self, leg: Leg, is_machine: bool = False) -> bool:
        """Answer the handset; False if it does not ring any more."""
        with self.book.lock:
            if not leg.is_ringing_here:
                return False
            leg.is_machine = is_machine
            if leg.detection.kind:
                machine = "machine_end_beep" if leg.detection.kind == "DetectMessageEnd" else "machine_start"
                leg.answered_by = machine if is_machine else "human"
            self._becomes(leg, CallStatus.IN_PROGRESS)
        self.exchange.report(leg, "answered")
        self.exchange.report_detection(leg)
        if leg.parent is not None and not leg.source.url:
            self._connect(leg)
        elif leg.source.twiml:
            self.play_document(leg, self.exchange.given(leg, leg.source.twiml))
        else:
            self.ask(leg, leg.source.url, leg.source.method)
        return True

    # Playing

    def ask(self, leg: Leg, url: str, method: str, more: Iterable[tuple[str, str]] = ()) -> None:
        """Ask an address and play what it answers, unless the call has gone on without it."""
        turn = leg.turn
        document = self.exchange.ask(leg, url, method, list(more))
        if leg.turn == turn:
            self.play_document(leg, document)

    def play_document(self, leg: Leg, document: Document | None) -> None:
        """Play until the call waits for somebody or is over; None is said to be an error."""
        with self.book.lock:
            if not leg.is_open:
                return
            leg.turn += 1
            leg.alone += 1
            if document is None or leg.alone > DOCUMENTS_ALONE:
                words = (WORDS / "application-error.txt").read_text(encoding="utf-8").strip()
                document = Document("", [Say(words, "en-US"), Hangup()])
            leg.url, leg.verbs = document.url, deque(document.verbs)
        self.play_on(leg)

    def play_on(self, leg: Leg) -> None:
        while leg.is_open and leg.waits is None:
            with self.book.lock:
                verb = leg.verbs.popleft() if leg.verbs else None
            if verb is None:
                self._ran_out(leg)
                return
            if self._perform(leg, verb):
                return

    def _perform(self, leg: Leg, verb: Verb) -> bool:
        """Perform one verb; True if whatever follows goes another way."""
        if leg.way is Way.INBOUND and leg.status is CallStatus.RINGING:
            if isinstance(verb, Reject):
                self.end(leg, CallStatus.BUSY if verb.reason == "busy" else CallStatus.NO_ANSWER)
                return True
            self._becomes(leg, CallStatus.IN_PROGRESS)
        match verb:
            case Say() | Play() | Pause():
                self._hear(leg, verb)
                return False
            case Gather() | Record():
                return self._wait(leg, verb)
            case Dial() if leg.is_whispered_to:
                self.play_document(leg, None)
            case Dial():
                self._dial(leg, verb)
            case Enqueue():
                self._wait_in_queue(leg, verb)
            case Leave():
                return False
            case Redirect():
                self.ask(leg, urljoin(leg.url, verb.url), verb.method)
            case Hangup() | Reject():
                self.end(leg, CallStatus.COMPLETED)
        return True

    def _hear(self, leg: Leg, verb: Say | Play | Pause) -> None:
        match verb:
            case Say():
                leg.seconds += max(1.0, len(verb.text) / LETTERS_A_SECOND)
                self.book.hear(leg, Line("clinic", "say", verb.text, verb.language))
            case Play():
                leg.seconds += 1
                self.book.hear(leg, Line("clinic", "play", verb.digits or urljoin(leg.url, verb.url)))
            case Pause():
                leg.seconds += verb.length_s

    def _wait(self, leg: Leg, verb: Gather | Record) -> bool:
        """Listen. A machine has nothing to say: its silence comes at once."""
        verb = self._with_whole_addresses(leg, verb)
        for prompt in verb.prompts if isinstance(verb, Gather) else ():
            self._hear(leg, prompt)
        if isinstance(verb, Record) and verb.beeps:
            self.book.hear(leg, Line("line", "note", "beep"))
        with self.book.lock:
            if not leg.is_open:
                return True
            leg.digits = ""
            if not leg.is_machine:
                leg.waits = verb
                return True
        self.nothing_said(leg, verb)
        return True

    def nothing_said(self, leg: Leg, verb: Gather | Record) -> None:
        """End the silence that was allowed: an empty Gather is posted only if it wants to be, an empty recording
        is none.
        """
        leg.seconds += verb.timeout_s
        if isinstance(verb, Gather) and verb.posts_when_empty:
            form = speech_form("", verb.language) if verb.speech else keys_form("", "")
            self.ask(leg, verb.action, verb.method, form)
        else:
            self.play_on(leg)

    def _with_whole_addresses(self, leg: Leg, verb: Gather | Record) -> Gather | Record:
        """Complete relative addresses from the document they stand in. Without an action, the same address is
        asked again.
        """
        action = urljoin(leg.url, verb.action)
        if isinstance(verb, Gather):
            return replace(verb, action=action)
        receipts = replace(verb.receipts, url=urljoin(leg.url, verb.receipts.url) if verb.receipts.url else "")
        transcript_to = urljoin(leg.url, verb.transcript_to) if verb.transcript_to else ""
        return replace(verb, action=action, receipts=receipts, transcript_to=transcript_to)

    def _ran_out(self, leg: Leg) -> None:
        """End a document: the end of a whisper connects; any other end hangs up."""
        if leg.is_whispered_to:
            self._connect(leg)
        else:
            self.end(leg, CallStatus.COMPLETED)

    def redirect(self, leg: Leg, source: Source) -> None:
        """Take a running call to another document; whoever was connected with it is left behind."""
        with self.book.lock:
            waits, other = leg.waits, leg.other
            leg.turn += 1
            leg.waits, leg.other, leg.alone, leg.was_redirected = None, None, 0, True
            leg.source = replace(source, fallback_url=source.fallback_url or leg.source.fallback_url)
        if isinstance(waits, Dialling):
            self._drop(waits.legs)
        elif other is not None:
            self._dial_over(other)
        self._background.start(self._background.texts, self._play_source, leg)

    def _play_source(self, leg: Leg) -> None:
        if leg.source.twiml:
            self.play_document(leg, self.exchange.given(leg, leg.source.twiml))
        else:
            self.ask(leg, leg.source.url, leg.source.method)

    # Connecting

    def _dial(self, leg: Leg, dial: Dial) -> None:
        dialling = Dialling(dial, left=deque(dial.numbers))
        with self.book.lock:
            if not leg.is_open:
                return
            leg.waits = dialling
        if dial.queue:
            self._meet_in(dial.queue)
        else:
            self._ring_next(leg, dialling)

    def _ring_next(self, leg: Leg, dialling: Dialling) -> None:
        """Ring one more number, or all that are left when they ring together."""
        while True:
            with self.book.lock:
                if leg.waits is not dialling or dialling.connected or not dialling.left:
                    return
                child = self._child(leg, dialling.dial, dialling.left.popleft())
                dialling.legs.append(child)
            self._meet(child.owner)
            self.book.add(child)
            self.ring(child)
            if dialling.dial.sequential:
                return

    def _child(self, leg: Leg, dial: Dial, number: Number) -> Leg:
        now, url = datetime.now(UTC), urljoin(leg.url, number.url) if number.url else ""
        source = replace(leg.source, url=url, method=number.method, twiml="")
        receipts, told = (
            replace(callback, url=urljoin(leg.url, callback.url) if callback.url else "")
            for callback in (number.receipts, number.detected_to)
        )
        caller = dial.caller_id or (leg.sender if leg.way is Way.INBOUND else leg.recipient)
        return Leg(
            new_sid("CA"), number.phone, caller, number.phone, Way.DIAL, source, now, now, receipts=receipts,
            detection=Detection(number.detects, told), parent=leg, rings_s=dial.timeout_s,
        )  # fmt: skip

    def _connect(self, child: Leg) -> None:
        """Connect the first who answers, and has heard what was whispered; the others stop ringing."""
        with self.book.lock:
            parent = child.parent
            dialling = parent.waits if parent is not None else None
            is_first = isinstance(dialling, Dialling) and dialling.connected is None and child.is_open
            if parent is not None and isinstance(dialling, Dialling) and is_first:
                dialling.connected = child
                dialling.left.clear()
                child.other, parent.other = parent, child
        if parent is None or not isinstance(dialling, Dialling) or not is_first:
            self.end(child, CallStatus.COMPLETED)
            return
        for leg in (child, parent):
            self.book.hear(leg, Line("line", "note", "connected"))
        self._drop(leg for leg in dialling.legs if leg is not child)

    def _drop(self, legs: Iterable[Leg]) -> None:
        for leg in list(legs):
            self.end(leg, CallStatus.COMPLETED if leg.status is CallStatus.IN_PROGRESS else CallStatus.CANCELED)

    def _child_ended(self, child: Leg) -> None:
        """End the <Dial> with its child, unless somebody else still rings."""
        parent = child.parent
        with self.book.lock:
            dialling = parent.waits if parent is not None else None
            if parent is None or not isinstance(dialling, Dialling) or child not in dialling.legs:
                return
            others_ring = any(leg.is_open for leg in dialling.legs)
            if dialling.connected is not child and (dialling.connected or others_ring):
                return
        if dialling.left and dialling.connected is None:
            if dialling.dial.sequential:
                self._ring_next(parent, dialling)
            return
        self._dial_over(parent)

    def _dial_over(self, leg: Leg) -> None:
        """Go on with the caller, alone again: the action of <Dial>, or what stands after it."""
        with self.book.lock:
            dialling = leg.waits
            if not isinstance(dialling, Dialling):
                return
            leg.waits, leg.other, leg.alone = None, None, 0
            leg.seconds += dialling.connected.seconds if dialling.connected else dialling.dial.timeout_s
        if dialling.dial.action:
            self.ask(leg, urljoin(leg.url, dialling.dial.action), dialling.dial.method, _dial_result(dialling))
        else:
            self.play_on(leg)

    # Queues

    def _wait_in_queue(self, leg: Leg, verb: Enqueue) -> None:
        """Wait until somebody dials the queue. What is played meanwhile is asked for once, and again after silence."""
        action, wait = urljoin(leg.url, verb.action), urljoin(leg.url, verb.wait_url) if verb.wait_url else ""
        with self.book.lock:
            if not leg.is_open:
                return
            leg.waits = verb = replace(verb, action=action if verb.action else "", wait_url=wait)
        self.wait_on(leg, verb)

    def wait_on(self, leg: Leg, verb: Enqueue) -> None:
        """Play what is heard in a queue; <Leave> takes the call out of it."""
        played = self.exchange.ask(leg, verb.wait_url, verb.wait_method, []) if verb.wait_url else None
        for one in played.verbs if played else ():
            if isinstance(one, Leave):
                self._leave_queue(leg, "leave")
                return
            if isinstance(one, Say | Play | Pause):
                self._hear(leg, one)
        self._meet_in(verb.name)

    def _meet_in(self, queue: str) -> None:
        """Connect the first who waits in a queue with who dials it."""
        with self.book.lock:
            legs = [leg for leg in self.book.legs() if leg.is_open and leg.other is None]
            waiting = next((leg for leg in legs if isinstance(leg.waits, Enqueue) and leg.waits.name == queue), None)
            dialled = [leg for leg in legs if isinstance(leg.waits, Dialling) and leg.waits.dial.queue == queue]
            if waiting is None or not dialled:
                return
            dialling = dialled[0]
            dialling.waits.connected = waiting  # type: ignore[union-attr]
            waiting.other, dialling.other = dialling, waiting
        for leg in (waiting, dialling):
            self.book.hear(leg, Line("line", "note", "connected"))

    def _leave_queue(self, leg: Leg, result: str) -> None:
        """Go on with a call that waited: the action of <Enqueue>, or what stands after it."""
        with self.book.lock:
            verb = leg.waits
            if not isinstance(verb, Enqueue) or not leg.is_open:
                return
            leg.waits, leg.other, leg.alone = None, None, 0
        if verb.action:
            self.ask(leg, verb.action, verb.method, [("QueueResult", result)])
        else:
            self.play_on(leg)

    # Ending

    def end(self, leg: Leg, status: CallStatus, sip_code: int = 0) -> None:
        """End a call, however and by whomever: only the first end counts."""
        with self.book.lock:
            if not leg.is_open:
                return
            waits, other = leg.waits, leg.other
            leg.waits, leg.other, leg.sip_code = None, None, sip_code
            leg.turn += 1
            leg.verbs.clear()
            self._becomes(leg, status)
            leg.ended_at = leg.updated_at
        self.exchange.report(leg, "completed")
        if isinstance(waits, Dialling):
            self._drop(waits.legs)
            if waits.dial.action:
                url = urljoin(leg.url, waits.dial.action)
                self.exchange.tell(leg, url, waits.dial.method, _dial_result(waits))
            if waits.dial.queue and waits.connected is not None:
                self._leave_queue(waits.connected, "bridged")
        elif isinstance(waits, Enqueue):
            if waits.action:
                self.exchange.tell(leg, waits.action, waits.method, [("QueueResult", "hangup")])
            if other is not None:
                self._dial_over(other)
        self._child_ended(leg)

    def _becomes(self, leg: Leg, status: CallStatus) -> None:
        with self.book.lock:
            leg.status, leg.updated_at = status, datetime.now(UTC)
            if status is CallStatus.IN_PROGRESS:
                leg.seconds += 1
        self._board.touched()


def _dial_result(dialling: Dialling) -> Fields:
    """Return how a dial ended. Whoever picked up and did not take the call counts as no answer."""
    if dialling.connected is not None:
        return dial_form("completed", dialling.connected, True)
    last = dialling.legs[-1] if dialling.legs else None
    ends = {leg.status for leg in dialling.legs}
    for status in (CallStatus.NO_ANSWER, CallStatus.COMPLETED, CallStatus.CANCELED, CallStatus.BUSY):
        if status in ends:
            became = "no-answer" if status is CallStatus.COMPLETED else status.value
            return dial_form(became, last, False)
    return dial_form("failed", last, False)
