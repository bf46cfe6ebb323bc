"""A call as JSON, for the page and for tests."""

from phone.calls.legs import Dialling, Leg, Way
from phone.calls.verbs import Enqueue, Gather, Record
from phone.config import pretty
from phone.rest.resources import Json

LINES_SHOWN = 200


def leg_json(leg: Leg, lines_shown: int = LINES_SHOWN) -> Json:
    """Show one call as its handset shows it; `from` and `to` are those of the call, `with` is who is at the other
    end.
    """
    other = leg.recipient if leg.way is Way.INBOUND else leg.sender
    return {
        "sid": leg.sid,
        "phone": leg.owner,
        "with": pretty(other),
        "from": leg.sender,
        "to": leg.recipient,
        "way": leg.way.value,
        "parent": leg.parent.sid if leg.parent else None,
        "status": leg.status.value,
        "open": leg.is_open,
        "rings_here": leg.is_ringing_here,
        "by_machine": leg.is_machine,
        "waits": waits_json(leg),
        "connected": leg.other is not None,
        "seconds": leg.duration_s,
        "at": leg.created_at.isoformat(),
        "count": len(leg.lines),
        "lines": [vars(line) for line in leg.lines[-lines_shown:]] if lines_shown else [],
    }


def waits_json(leg: Leg) -> Json | None:
    match leg.waits:
        case Gather() as gather:
            return {
                "kind": "gather", "keys": gather.keys, "speech": gather.speech, "digits": leg.digits,
                "num_digits": gather.num_digits, "finish_on": gather.finish_on, "timeout_s": gather.timeout_s,
                "language": gather.language,
            }  # fmt: skip
        case Record() as record:
            return {"kind": "record", "finish_on": record.finish_on, "max_length_s": record.max_length_s}
        case Enqueue() if leg.other is None:
            return {"kind": "queue"}
        case Dialling() as dialling:
            return {"kind": "dial", "numbers": [child.owner for child in dialling.legs]}
        case _:
            return None
