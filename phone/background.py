"""Work that goes on while the caller has its answer already."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

log = logging.getLogger(__name__)


class Background:
    """Two bounded pools. Texts and receipts are kept apart: a clinic that is slow to answer texts must not hold up
    the receipts it waits for.
    """

    def __init__(self) -> None:
        self.texts = ThreadPoolExecutor(8, "texts")
        self.receipts = ThreadPoolExecutor(16, "receipts")
        self._busy = 0
        self._idle = threading.Condition()

    def start(self, pool: ThreadPoolExecutor, work: Callable[..., object], *given: object) -> Future[object]:
        with self._idle:
            self._busy += 1
        future = pool.submit(work, *given)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[object]) -> None:
        """Log a fault of our own, which must not vanish in a thread; the line goes on."""
        if wrong := future.exception():
            log.error("the line stumbled", exc_info=wrong)
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def catch_up(self) -> None:
        """Wait until receipts of what was before are out, also where nothing runs beside it: a call goes on."""

    def settle(self, within_s: float = 20.0) -> bool:
        """Wait until nothing is under way any more; False if something still is."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, within_s)


class AtOnce(Background):
    """No threads: what is started waits until somebody settles it or asks for its result. For tests in one process."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[ThreadPoolExecutor, deque[Callable[[], None]]] = {
            self.texts: deque(),
            self.receipts: deque(),
        }

    def start(self, pool: ThreadPoolExecutor, work: Callable[..., object], *given: object) -> Future[object]:
        future: Future[object] = _Settled(self.settle)
        self._waiting[pool].append(lambda: future.set_result(work(*given)))
        return future

    def catch_up(self) -> None:
        receipts = self._waiting[self.receipts]
        while receipts:
            receipts.popleft()()

    def settle(self, _within_s: float = 20.0) -> bool:
        while any(self._waiting.values()):
            self.catch_up()
            if texts := self._waiting[self.texts]:
                texts.popleft()()
        return True


class _Settled(Future[object]):
    def __init__(self, settle: Callable[[], bool]) -> None:
        super().__init__()
        self._settle = settle

    def result(self, timeout: float | None = None) -> object:
        self._settle()
        return super().result(timeout)
