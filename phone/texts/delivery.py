"""From the clinic to a person: a text arrives or does not, and the clinic is told by receipts."""

import time
from datetime import UTC, datetime

from phone.background import Background
from phone.board import Board
from phone.config import PhoneConfig
from phone.receipts import Receipt, Receipts
from phone.records import Message, Status
from phone.webhook import Form

OPTED_OUT = 21610

LANDLINE = 30006

QUEUE_FULL = 30001


class Delivery:
    """Brings the clinic's texts to their people in the background."""

    def __init__(self, config: PhoneConfig, board: Board, receipts: Receipts, background: Background) -> None:
        self._config = config
        self._board = board
        self._receipts = receipts
        self._background = background

    def send(self, message: Message) -> None:
        self._board.add(message)
        self._background.start(self._background.receipts, self._deliver, message)

    def _deliver(self, message: Message) -> None:
        """Deliver a text, unless its owner opted out since it was taken: the carrier asks at the last moment."""
        if self._board.is_opted_out(message.clinic, message.person):
            self._becomes(message, status=Status.FAILED, error_code=OPTED_OUT)
            return
        time.sleep(self._config.delivery_s / 2)
        if message.is_crowded:
            self._becomes(message, status=Status.FAILED, error_code=QUEUE_FULL)
            return
        self._becomes(message, status=Status.SENT, sent_at=datetime.now(UTC))
        time.sleep(self._config.delivery_s / 2)
        person = self._board.person(message.person)
        if person is not None and person.landline:
            self._becomes(message, status=Status.UNDELIVERED, error_code=LANDLINE)
        else:
            self._becomes(message, status=Status.DELIVERED)

    def _becomes(self, message: Message, **changes: object) -> None:
        changed = self._board.change(message.sid, **changes)
        if changed is not None and changed.receipts_to:
            self._receipts.send(Receipt(changed.sid, changed.receipts_to, self._receipt(changed)))

    def _receipt(self, message: Message) -> Form:
        form = [
            ("MessageStatus", message.status.value), ("ApiVersion", "2010-04-01"), ("SmsSid", message.sid),
            ("SmsStatus", message.status.value), ("To", message.recipient), ("From", message.sender),
            ("MessageSid", message.sid), ("AccountSid", self._config.account_sid),
        ]  # fmt: skip
        if message.service_sid:
            form.append(("MessagingServiceSid", message.service_sid))
        if message.error_code:
            form.append(("ErrorCode", str(message.error_code)))
        return form
