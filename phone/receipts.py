"""Reports to the clinic of what became of a text or a call: best effort, and worse on request."""

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime

from phone.background import Background
from phone.board import Board
from phone.faults import Fault, Faults
from phone.records import Post
from phone.webhook import Answer, Attempted, Courier, Form


@dataclass(frozen=True)
class Receipt:
    """One report about the text or call `sid`."""

    sid: str
    url: str
    form: Form
    method: str = "POST"


class Receipts:
    """Posts them in the background, those of one text or call in the order in which they came about.

    A late one, or one that should change places and has no other to change with, goes out after `late_s` seconds or
    on `release()`.
    """

    def __init__(self, board: Board, faults: Faults, courier: Courier, background: Background, late_s: float) -> None:
        self._board = board
        self._faults = faults
        self._courier = courier
        self._background = background
        self._late_s = late_s
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Receipt]] = defaultdict(deque)
        self._late: list[Receipt] = []
        self._overtaken: dict[str, Receipt] = {}

    def send(self, receipt: Receipt) -> None:
        if self._faults.strikes(Fault.DROP_RECEIPTS):
            return
        if self._faults.strikes(Fault.DELAY_RECEIPTS):
            self._hold(receipt)
        elif receipt.sid not in self._overtaken and self._faults.strikes(Fault.REORDER_RECEIPTS):
            self._hold(receipt)
            self._overtaken[receipt.sid] = receipt
        else:
            self._queue(receipt)
            if earlier := self._overtaken.pop(receipt.sid, None):
                self._release(earlier)

    def release(self) -> None:
        """Post what was held back."""
        for receipt in list(self._late):
            self._release(receipt)

    def _hold(self, receipt: Receipt) -> None:
        with self._lock:
            self._late.append(receipt)
        if self._late_s:
            self._background.start(self._background.receipts, self._release_later, receipt)

    def _release_later(self, receipt: Receipt) -> None:
        time.sleep(self._late_s)
        self._release(receipt)

    def _release(self, receipt: Receipt) -> None:
        with self._lock:
            if receipt not in self._late:
                return
            self._late.remove(receipt)
            if self._overtaken.get(receipt.sid) is receipt:
                del self._overtaken[receipt.sid]
        self._queue(receipt)

    def _queue(self, receipt: Receipt) -> None:
        copies = 2 if self._faults.strikes(Fault.DUPLICATE_RECEIPTS) else 1
        with self._lock:
            queue = self._queues[receipt.sid]
            is_idle = not queue
            queue.extend([receipt] * copies)
        if is_idle:
            self._background.start(self._background.receipts, self._empty, receipt.sid)

    def _empty(self, sid: str) -> None:
        """Post one after the other; each stays in the queue until it is out, so that nobody else starts on it."""
        queue = self._queues[sid]
        while True:
            receipt = queue[0]
            self._courier.post(receipt.url, receipt.form, noting(self._board, sid), receipt.method)
            with self._lock:
                queue.popleft()
                if not queue:
                    del self._queues[sid]
                    return


def noting(board: Board, sid: str) -> Attempted:
    """Write every attempt to post about one text or call on the board."""

    def attempted(url: str, attempt: int, answer: Answer) -> None:
        outcome = str(answer.status or answer.outcome)
        board.note(Post(datetime.now(UTC), sid, url, attempt, outcome, answer.body.decode(errors="replace")))

    return attempted
