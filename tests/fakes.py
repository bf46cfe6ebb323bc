"""Stand-ins at the ports, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


class SetClock:
    """`now` for the parts that ask for the time themselves; it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True)
class SentText:
    to: str
    body: str
    ref: str
    validity_s: int
    timeout_s: float


@dataclass
class FakeMessenger:
    """Keeps what was sent. `answers` are taken in turn: an exception is raised, a function called."""

    sent: list[SentText] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        self.sent.append(SentText(to, body, ref, validity_s, timeout_s))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer()
        return f"SM{ref.encode().hex():0>32}"

    def to(self, phone: str) -> list[str]:
        return [text.body for text in self.sent if text.to == phone]

    def take(self) -> list[SentText]:
        """What was sent since the last look."""
        taken, self.sent = self.sent, []
        return taken
