"""Which of a person's words a request is about: staff read those before anything else."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.model.request import ALARMS, Request

# A talk that led to a request may have begun so long before it.
TALK_BEFORE = timedelta(days=1)

# What says nothing of why somebody wants a call.
BARE = frozenset(
    {
        "greeting",
        "filled",
        "confirmed",
        "affirmed",
        "thanks",
        "reaction",
        "automatic",
        "repeated",
        "language",
        "menu",
        "slow",
        "quiet",
        "number_piece",
        "name_skipped",
        "silence",
        "hung_up",
        "connected",
        "not_connected",
        "no_message",
    }
)

Heard = tuple[int, str | None, datetime]


def chosen(heard: Sequence[Heard], one: Request) -> int | None:
    """Return the id of the words to show: (id, labels, time) of what came in, oldest first; None if nothing did.

    Where people are alerted, the newest words of danger. Else the first of this talk that say more than a
    name or a yes.
    """
    labelled = [(key, frozenset((labels or "").split(",")), at) for key, labels, at in heard]
    if one.priority in ALARMS.values():
        grave = [key for key, labels, _at in labelled if labels & ALARMS.keys()]
        if grave:
            return grave[-1]
    ours = [(key, labels) for key, labels, at in labelled if at >= one.created_at - TALK_BEFORE] or [
        (key, labels) for key, labels, _at in labelled[-1:]
    ]
    telling = [key for key, labels in ours if not labels & BARE]
    return telling[0] if telling else ours[0][0] if ours else None
