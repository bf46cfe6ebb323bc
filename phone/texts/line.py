"""From a person to the clinic: a text, its webhook, and the TwiML that answers. Calls: phone/calls/switchboard.py."""

import logging
from concurrent.futures import Future
from datetime import UTC, datetime
from urllib.parse import urljoin

from phone.background import Background
from phone.bins import hosted
from phone.board import Board
from phone.config import PhoneConfig
from phone.faults import Fault, Faults
from phone.receipts import Receipts, noting
from phone.records import ClinicNumber, Direction, HandOver, Message, Status, new_sid
from phone.texts import twiml
from phone.texts.carrier import filter_keywords
from phone.texts.delivery import Delivery
from phone.texts.segments import segments
from phone.webhook import Answer, Courier, Form, WebhookFailed

log = logging.getLogger(__name__)

REDIRECTS_PLAYED = 10


class Line:
    """Hands people's texts to the clinic and plays what it answers."""

    def __init__(
        self, config: PhoneConfig, board: Board, faults: Faults, courier: Courier, receipts: Receipts,
        background: Background,
    ) -> None:  # fmt: skip
        self.background = background
        self._config = config
        self._board = board
        self._faults = faults
        self._courier = courier
        self.delivery = Delivery(config, board, receipts, background)

    def text_in(self, sender: str, number: ClinicNumber, body: str, photos: int = 0) -> tuple[Message, Future[object]]:
        """Send a person's text: the carrier's filter first, then the clinic's webhook. The future ends with the
        exchange.
        """
        message = self._inbound(sender, number.phone, body, photos)
        self._board.add(message)
        filter_keywords(message, self._board)
        return message, self.background.start(self.background.texts, self._hand_over, message, number)

    def _inbound(self, sender: str, recipient: str, body: str, photos: int) -> Message:
        now = datetime.now(UTC)
        sid = new_sid("MM" if photos else "SM")
        shelf = f"{self._config.own_url}/2010-04-01/Accounts/{self._config.account_sid}/Messages/{sid}/Media"
        media = tuple(f"{shelf}/{new_sid('ME')}" for _ in range(photos))
        return Message(
            sid, sender, recipient, body, Direction.INBOUND, Status.RECEIVED, now, now,
            sent_at=now, media=media, hand_over=HandOver.WAITING,
        )  # fmt: skip

    def _hand_over(self, message: Message, number: ClinicNumber) -> None:
        """Hand it to the number's address first, failing that its fallback, failing that the built-in answer."""
        form, settings = self._form(message), self._settings(number)
        if settings is None:
            self._board.change(message.sid, hand_over=HandOver.LOST)
            return
        try:
            self._exchange(settings.get("SmsUrl", ""), form, settings.get("SmsMethod", "POST"), message)
            became = HandOver.TAKEN
        except WebhookFailed as failure:
            became = self._fall_back(form, failure, settings, message)
        self._board.change(message.sid, hand_over=became)

    def _settings(self, number: ClinicNumber) -> dict[str, str] | None:
        """Return whose addresses are asked: the number's, or those of a service that keeps its own.

        None where such a service has no address: then Twilio drops the text.
        """
        service = self._board.service_of(number.phone)
        if service is None or service.asks_the_number:
            return number.settings
        url, fallback = service.settings.get("InboundRequestUrl", ""), service.settings.get("FallbackUrl", "")
        return {"SmsUrl": url, "SmsFallbackUrl": fallback} if url else None

    def _fall_back(self, form: Form, failure: WebhookFailed, settings: dict[str, str], message: Message) -> HandOver:
        url = settings.get("SmsFallbackUrl", "")
        if not url:
            self._play(hosted("text"), "", message)
            return HandOver.FALLBACK
        why = [("ErrorCode", str(failure.code)), ("ErrorUrl", failure.url)]
        try:
            self._exchange(url, [*form, *why], settings.get("SmsFallbackMethod", "POST"), message)
        except WebhookFailed as again:
            log.warning("text %s is lost: %s after %s", message.sid, again.code, failure.code)
            return HandOver.LOST
        return HandOver.FALLBACK

    def _exchange(self, url: str, form: Form, method: str, message: Message) -> None:
        """Ask one address and play what it answers. Raises WebhookFailed."""
        for _ in range(REDIRECTS_PLAYED):
            answer = self._post(url, form, method, message)
            if not answer.is_good:
                raise WebhookFailed(answer.error_code, url)
            redirect = self._play(answer, url, message)
            if redirect is None:
                return
            url, method = urljoin(url, redirect.url), redirect.method
        raise WebhookFailed(12200, url)

    def _post(self, url: str, form: Form, method: str, message: Message) -> Answer:
        """Post one webhook; under the fault the same form a second time at once, of which only the first is played."""
        noted = noting(self._board, message.sid)
        if not self._faults.strikes(Fault.DUPLICATE_WEBHOOKS):
            return self._courier.post(url, form, noted, method)
        twin = self.background.start(self.background.receipts, self._courier.post, url, form, noted, method)
        answer = self._courier.post(url, form, noted, method)
        twin.result()
        return answer

    def _play(self, answer: Answer, url: str, message: Message) -> twiml.Redirect | None:
        """Send what the answer says; a redirect ends it, whatever follows. Raises WebhookFailed."""
        try:
            verbs = twiml.read_messaging(answer)
        except twiml.BadTwiml as bad:
            raise WebhookFailed(bad.code, url) from bad
        for verb in verbs:
            if isinstance(verb, twiml.Redirect):
                return verb
            self._reply(verb, url, message)
        return None

    def _reply(self, verb: twiml.Text, url: str, message: Message) -> None:
        now = datetime.now(UTC)
        reply = Message(
            new_sid("MM" if verb.media else "SM"), message.clinic, verb.to or message.person, verb.body,
            Direction.REPLY, Status.QUEUED, now, now, media=verb.media,
            receipts_to=urljoin(url, verb.receipts_to) if verb.receipts_to else "",
        )  # fmt: skip
        self.delivery.send(reply)

    def _form(self, message: Message) -> Form:
        """Return the fields of an incoming text, as recorded. The places are empty: a made-up number has none."""
        form = [
            ("ToCountry", "US"), ("ToState", ""), ("SmsMessageSid", message.sid),
            ("NumMedia", str(len(message.media))), ("ToCity", ""), ("FromZip", ""), ("SmsSid", message.sid),
            ("FromState", ""), ("SmsStatus", "received"), ("FromCity", ""), ("Body", message.body),
            ("FromCountry", "US"), ("To", message.recipient), ("ToZip", ""),
            ("NumSegments", str(segments(message.body))), ("MessageSid", message.sid),
            ("AccountSid", self._config.account_sid), ("From", message.sender), ("ApiVersion", "2010-04-01"),
        ]  # fmt: skip
        if service := self._board.service_of(message.recipient):
            form.append(("MessagingServiceSid", service.sid))
        if message.media and not message.body:
            form.remove(("Body", ""))
        for place, url in enumerate(message.media):
            form += [(f"MediaContentType{place}", "image/jpeg"), (f"MediaUrl{place}", url)]
        return form
