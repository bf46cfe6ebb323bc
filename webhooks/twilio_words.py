"""Translates Twilio's error codes into reasons of our own, and names its statuses. Source: Twilio's error pages."""

from triage.errors import Refusal

CODES = {
    Refusal.BAD_NUMBER: (21211, 21217, 21265, 21635, 30004, 30005),
    Refusal.LANDLINE: (30006, 21614),
    Refusal.OPTED_OUT: (21610,),
    Refusal.SETUP: (20003, 21408, 21606, 21608, 30002, 30024, 30032, 30034),
    Refusal.LATER: (20429, 20500, 20503, 14107, 21611, 30001, 30022, 30410),
    Refusal.OUT_OF_REACH: (30003, 30008),
    Refusal.CONTENT: (30007,),
    Refusal.DAILY_CAP: (30023,),
}

_REFUSALS = {code: refusal for refusal, codes in CODES.items() for code in codes}

TOO_MANY_REQUESTS = 20429

# The statuses of a call that is over.
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


def refusal_of(code: int | None) -> Refusal:
    """Return what an error code of a text or a call means for it."""
    return _REFUSALS.get(code or 0, Refusal.OTHER)
