"""Misbehaviour on request: what a bad day at the provider looks like."""

import enum
import random
import threading


class Fault(enum.StrEnum):
    """A new fault is a name here and a question `faults.strikes(...)` where it bites."""

    DUPLICATE_WEBHOOKS = "duplicate_webhooks"
    DROP_RECEIPTS = "drop_receipts"
    DELAY_RECEIPTS = "delay_receipts"
    DUPLICATE_RECEIPTS = "duplicate_receipts"
    REORDER_RECEIPTS = "reorder_receipts"
    AUDIO_NOT_READY = "audio_not_ready"
    FAIL_REST = "fail_rest"
    HANG_REST = "hang_rest"
    THROTTLE_REST = "throttle_rest"
    CUT_REST = "cut_rest"
    FULL_QUEUE = "full_queue"


class Faults:
    """Which faults are on, and how often they still strike: -1 until switched off, 0 not at all, 0.2 once in five."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[Fault, float] = dict.fromkeys(Fault, 0)

    def set(self, fault: Fault, times: float) -> None:
        with self._lock:
            self._left[fault] = times

    def strikes(self, fault: Fault) -> bool:
        """Tell whether it strikes now. Asking uses up one time, but none of a share."""
        with self._lock:
            left = self._left[fault]
            if 0 < left < 1:
                return random.random() < left
            self._left[fault] = left - 1 if left > 0 else left
            return left != 0

    def left(self) -> dict[Fault, float]:
        with self._lock:
            return dict(self._left)
