"""Logs for machines: one JSON object a line, with ids and codes; never what a patient said nor their number."""

import logging
import sys
from contextlib import suppress
from types import TracebackType
from typing import TextIO, cast

import structlog

MOST_FRAMES = 6


def set_up(level: int = logging.INFO) -> None:
    structlog.configure(
        processors=PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    # What Flask and other libraries log goes the same way; otherwise they would write whole tracebacks by themselves.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class Unfailing:
    """Write to a stream and go on where it takes nothing: a log on a full disk may not keep a text from its answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def without_values(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Keep where a fault happened, not what it said: a traceback may quote a patient's words or number in its last
    line.
    """
    fault = event.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()
    if isinstance(fault, tuple) and fault[0] is not None:
        event["fault"] = fault[0].__name__
        event["at"] = _frames(fault[2])
    return event


class LibraryFormatter(logging.Formatter):
    """The same for the logs of libraries."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have left its own, values and all
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        kind, _, trace = ei if isinstance(ei, tuple) else (None, None, None)
        return f"{kind.__name__ if kind else 'no fault'} at {' '.join(_frames(trace))}"


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return frames[-MOST_FRAMES:]


# One list for the whole process: a logger keeps the one that it was first used with.
PROCESSORS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_values,
    structlog.processors.JSONRenderer(),
]
