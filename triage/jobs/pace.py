"""How fast each kind of notice is sent, given up as lost, looked for and sent again."""

from dataclasses import dataclass, replace
from datetime import timedelta

from triage.model.notice import Kind


@dataclass(frozen=True)
class Pace:
    """The waits of some kinds of notices.

    lease: how long one clock may hold a claimed notice; it outlasts the time-out, or a live send would count as lost.
    wait: before the second try of a send that was refused; it doubles from try to try.
    looks: after an ambiguous send, the waits before the provider is asked whether the text went out.
    blind_after: so long after a send in doubt it is sent again though the provider gives no list, since a second copy
    does less harm than none; None: never.
    late_look, give_up_after: while the provider gives no list, how often it is asked again about a text to a patient,
    and for how long, before staff are told that nobody can say.
    together: how many are sent at once, so that one slow answer does not hold up all the others.
    ahead: for how long the number that sends may be busy already when one more is handed over; None: however long.
    """

    kinds: frozenset[Kind]
    lease: timedelta
    timeout_s: float
    wait: timedelta
    wait_after_fault: timedelta
    looks: tuple[timedelta, ...]
    blind_after: timedelta | None
    late_look: timedelta = timedelta(seconds=15)
    give_up_after: timedelta = timedelta(minutes=30)
    together: int = 1
    ahead: timedelta | None = timedelta(seconds=30)

    def scaled(self, scale: float) -> "Pace":
        """Return the same with every wait at this share of its length, as a rehearsal of failures wants it."""
        return replace(
            self,
            lease=self.lease * scale,
            timeout_s=self.timeout_s * scale,
            wait=self.wait * scale,
            wait_after_fault=self.wait_after_fault * scale,
            looks=tuple(wait * scale for wait in self.looks),
            late_look=self.late_look * scale,
            blind_after=self.blind_after * scale if self.blind_after is not None else None,
        )


def _seconds(*waits: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=wait) for wait in waits)


_TO_PATIENTS = frozenset(
    {
        Kind.TRIED_TO_REACH, Kind.NEW_PROMISE, Kind.STAFF_TEXT, Kind.CALL_CONFIRMED, Kind.YOU_CALLED, Kind.MISSED_CALL,
        Kind.LATE_CONFIRMATION, Kind.LATE_ANSWER,
    }
)  # fmt: skip

# A crisis alert, and 988 to who is in danger, is sent again once its first send is in doubt: a double does no harm.
CRISIS = Pace(
    kinds=frozenset({Kind.ALERT, Kind.LATE_ALARM}),
    lease=timedelta(seconds=10),
    timeout_s=5,
    wait=timedelta(seconds=1),
    wait_after_fault=timedelta(seconds=10),
    looks=_seconds(1, 4),
    blind_after=timedelta(),
    together=6,
    ahead=None,
)

TO_STAFF = Pace(
    kinds=frozenset(Kind) - CRISIS.kinds - _TO_PATIENTS,
    lease=timedelta(seconds=60),
    timeout_s=10,
    wait=timedelta(seconds=5),
    wait_after_fault=timedelta(minutes=10),
    looks=_seconds(3, 7, 10, 10, 10, 10, 8),
    blind_after=timedelta(seconds=55),
)

# They leave room for those to staff.
TO_PATIENTS = replace(TO_STAFF, kinds=_TO_PATIENTS, blind_after=None, ahead=timedelta(seconds=10))
