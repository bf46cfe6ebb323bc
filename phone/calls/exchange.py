"""Between a call and the clinic's web address: ask for TwiML, fall back, report."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from phone.background import Background
from phone.bins import hosted
from phone.board import Board
from phone.calls.legs import Leg, Way
from phone.calls.verbs import Verb, read_voice
from phone.calls.webhook_forms import Fields, call_form, detection_form, progress_form
from phone.config import PhoneConfig
from phone.faults import Fault, Faults
from phone.receipts import Receipt, Receipts, noting
from phone.records import Post
from phone.texts.twiml import BadTwiml
from phone.webhook import Answer, Courier, Form, WebhookFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """What is to be played, and the address that relative ones in it start from."""

    url: str
    verbs: list[Verb]


class Exchange:
    """Every webhook of a call goes through here."""

    def __init__(
        self, config: PhoneConfig, board: Board, faults: Faults, courier: Courier, receipts: Receipts,
        background: Background,
    ) -> None:  # fmt: skip
        self._config = config
        self._board = board
        self._faults = faults
        self._courier = courier
        self._receipts = receipts
        self._background = background

    def ask(self, leg: Leg, url: str, method: str, more: Fields) -> Document | None:
        """Ask what to play next. None: neither the address nor its fallback gave anything that can be played."""
        form = [*call_form(leg, self._config.account_sid), *more]
        try:
            return self._document(leg, url, method, form)
        except WebhookFailed as failure:
            self._note_unplayable(leg, failure)
            return self._fall_back(leg, form, failure)

    def given(self, leg: Leg, twiml: str) -> Document | None:
        """Return the document that came with a REST call."""
        try:
            return Document("", read_voice(Answer("2xx", 200, "text/xml", twiml.encode())))
        except BadTwiml as bad:
            failure = WebhookFailed(bad.code, "")
            self._note_unplayable(leg, failure)
            return self._fall_back(leg, call_form(leg, self._config.account_sid), failure)

    def tell(self, leg: Leg, url: str, method: str, more: Fields) -> None:
        """Post what a finished call still has to say; nobody is there to hear the answer."""
        self._post(leg, url, method, [*call_form(leg, self._config.account_sid), *more])

    def report(self, leg: Leg, event: str) -> None:
        """Report on the call, if that was asked for. Every event has its number, asked for or not."""
        number = leg.sequence
        leg.sequence += 1
        if leg.receipts.url and event in leg.receipts.events:
            form = progress_form(leg, self._config.account_sid, event, number)
            self.receipt(leg, leg.receipts.url, form, leg.receipts.method)

    def report_detection(self, leg: Leg) -> None:
        told = leg.detection.told_to
        if told.url and leg.answered_by:
            self.receipt(leg, told.url, detection_form(leg, self._config.account_sid), told.method)

    def receipt(self, leg: Leg, url: str, form: Form, method: str = "POST") -> None:
        self._receipts.send(Receipt(leg.sid, url, form, method))

    def now(self, leg: Leg, url: str, form: Form, method: str) -> None:
        """Send a receipt that overtakes everything else."""
        self._courier.post(url, form, noting(self._board, leg.sid), method)

    def _document(self, leg: Leg, url: str, method: str, form: Form) -> Document:
        """Read the document of an answer. Raises WebhookFailed."""
        answer = self._post(leg, url, method, form)
        if not answer.is_good:
            raise WebhookFailed(answer.error_code, url)
        try:
            return Document(url, read_voice(answer))
        except BadTwiml as bad:
            raise WebhookFailed(bad.code, url) from bad

    def _post(self, leg: Leg, url: str, method: str, form: Form) -> Answer:
        """Post one webhook; under the fault the same form comes a second time, and only the first answer is played."""
        self._background.catch_up()
        noted = noting(self._board, leg.sid)
        answer = self._courier.post(url, form, noted, method)
        if self._faults.strikes(Fault.DUPLICATE_WEBHOOKS):
            self._courier.post(url, form, noted, method)
        return answer

    def _fall_back(self, leg: Leg, form: Form, failure: WebhookFailed) -> Document | None:
        source = leg.source
        if not source.fallback_url:
            return self._built_in() if leg.way is Way.INBOUND else None
        why = [("ErrorCode", str(failure.code)), ("ErrorUrl", failure.url)]
        try:
            return self._document(leg, source.fallback_url, source.fallback_method, [*form, *why])
        except WebhookFailed as again:
            self._note_unplayable(leg, again)
            log.warning("call %s is lost: %s after %s", leg.sid, again.code, failure.code)
            return None

    def _built_in(self) -> Document:
        return Document("", read_voice(hosted("voice")))

    def _note_unplayable(self, leg: Leg, failure: WebhookFailed) -> None:
        """Note an answer that came but cannot be played among the trouble, under Twilio's code."""
        if failure.code not in (11200, 11205):
            self._board.note(Post(datetime.now(UTC), leg.sid, failure.url, 1, str(failure.code)))
