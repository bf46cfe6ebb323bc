"""Telling staff past the provider of texts: of alerts that it does not take, and of what it refuses our account for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from triage.notices.refusals import FOR_OPERATOR
from triage.policy import STAFF_LANG
from triage.ports import OutsideChannel
from triage.runtime import Runtime
from triage.store import notices, outside
from triage.store.outside import Untold

log = structlog.get_logger()

NAMED = 10

# A message that did not go out is tried again so soon; what is wrong with our account is told once an hour.
AGAIN_AFTER_FAULT, REFUSED_AGAIN = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True)
class Message:
    """One message, and what it is about: by that it is known what was told when."""

    title: str
    body: str
    about: tuple[str, ...]


def tell(runtime: Runtime, channel: OutsideChannel) -> int:
    """Send what has to be told by the other channel; returns how many messages went out. Nothing private is in them."""
    if not channel.is_set_up:
        return 0
    now, patience = runtime.now(), runtime.clinic.alerts.outside_after
    with runtime.db.read() as db:
        waiting, codes = outside.untold(db, now, patience), notices.refused_codes(db, FOR_OPERATOR)
    found = (_of_alerts(runtime, waiting, now), *(_of_refusals(runtime, code, now) for code in codes))
    return sum(_send(runtime, channel, message) for message in found if message)


def _of_alerts(runtime: Runtime, waiting: list[Untold], now: datetime) -> Message | None:
    """Tell of all that wait in one message, once a round."""
    if not waiting:
        return None
    alerts, words = runtime.clinic.alerts, runtime.words
    with runtime.db.write() as db:
        due = [
            one
            for one in waiting
            if outside.begin_telling(db, f"request:{one.request_id}", now, now + alerts.pause_outside(one.alert_round))
        ]
    if not due:
        return None
    items = [words.say(f"staff/outside/one_{one.priority}", STAFF_LANG, {"ref": one.request_id}) for one in due[:NAMED]]
    values = {
        "sender": runtime.clinic.sender_name,
        "count": len(due),
        "items": "; ".join(items),
        "link": _link(runtime),
    }
    return Message(
        words.say("staff/outside/alerts_title", STAFF_LANG, values),
        words.say("staff/outside/alerts", STAFF_LANG, values),
        tuple(f"request:{one.request_id}" for one in due),
    )


def _of_refusals(runtime: Runtime, code: int, now: datetime) -> Message | None:
    about = f"refused:{code}"
    with runtime.db.write() as db:
        if not outside.begin_telling(db, about, now, now + REFUSED_AGAIN):
            return None
    values = {"sender": runtime.clinic.sender_name, "code": code, "link": _link(runtime)}
    return Message(
        runtime.words.say("staff/outside/refused_title", STAFF_LANG, values),
        runtime.words.say("staff/outside/refused", STAFF_LANG, values),
        (about,),
    )


def _link(runtime: Runtime) -> str:
    return f"{runtime.environment.public_base_url}/staff/"


def _send(runtime: Runtime, channel: OutsideChannel, message: Message) -> bool:
    if channel.tell(message.title, message.body):
        log.warning("told_outside", about=message.about)
        return True
    log.error("not_told_outside", about=message.about)
    with runtime.db.write() as db:
        for about in message.about:
            outside.tell_again(db, about, runtime.now() + AGAIN_AFTER_FAULT)
    return False
