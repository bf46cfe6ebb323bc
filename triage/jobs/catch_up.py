"""Catching up: what the provider has taken for us and no webhook brought goes through the same code, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from triage.errors import DeliveryUnknown
from triage.intake import missed_calls, voicemail
from triage.intake.lost_answers import send_after_all
from triage.model.message import Channel, Inbound
from triage.ports import Inbox, ListedText
from triage.reading.read_message import danger_at_least
from triage.runtime import Runtime
from triage.store import calls, inbox_marks, messages, receipts, recordings, unsettled
from triage.store.engine import NOT_KEPT
from triage.store.inbox_marks import Listed
from triage.store.messages import Unreported
from triage.understanding.safety import Tier

log = structlog.get_logger()

# Where nothing was read before. What is older was for whoever had the number then.
FIRST_LOOK = timedelta(hours=2)

# Lists are read this far back once more: an entry may come late, and no two wall clocks agree.
OVERLAP = timedelta(minutes=10)

# So long the provider may still be bringing a text itself: two posts with their retries, and the fallback's.
STILL_COMING = timedelta(seconds=40)

# A list of many days is read day by day, the oldest first, and each is done with before the next.
AT_A_TIME = timedelta(days=1)

# A mark that lies ahead was made by a wall clock that was wrong.
CLOCK_WAS_WRONG = timedelta(days=2)

# How far the provider's clock and ours may be apart.
CLOCKS_DIFFER = timedelta(minutes=1)

# No call lasts longer: one that is still listed as going on will never end there.
LONGEST_CALL = timedelta(hours=24)


@dataclass(frozen=True)
class Receiver:
    """What catching up needs."""

    runtime: Runtime
    inbox: Inbox


@dataclass(frozen=True)
class Taken:
    """What reading a part of a list came to. `held_at`: from then on it must be read again."""

    count: int
    held_at: datetime | None = None


def take_missing(receiver: Receiver) -> int:
    """Take what is in the provider's lists and not here; returns how many texts, calls and recordings.

    A list that cannot be read does not stop the other, and its mark stays where it was.
    """
    return _read(receiver, Listed.TEXTS, _take_texts) + _read(receiver, Listed.CALLS, _take_calls)


def _read(receiver: Receiver, which: Listed, take: Callable[[Receiver, datetime, datetime], Taken]) -> int:
    """Read a list from its mark on. The mark never moves past what was not read, or could not be taken."""
    runtime = receiver.runtime
    now, scale = runtime.now(), runtime.environment.waits_scale
    with runtime.db.write() as db:
        mark = inbox_marks.begin(db, which, now - FIRST_LOOK, now).read_until
    since = (mark if mark <= now else now - CLOCK_WAS_WRONG) - OVERLAP
    end, count, held = now - STILL_COMING * scale, 0, None
    while since < end:
        until = min(since + AT_A_TIME, end)
        try:
            taken = take(receiver, since, until)
        except DeliveryUnknown as fault:
            log.warning("list_not_read", list=which, fault=str(fault))
            break
        count += taken.count
        held = min((at for at in (held, taken.held_at) if at), default=None)
        reached = min(until, held) if held else until
        with runtime.db.write() as db:
            inbox_marks.move(db, which, mark, reached, runtime.now())
        mark, since = reached, until
    if count:
        log.info("caught_up", list=which, count=count)
    return count


def _take_texts(receiver: Receiver, since: datetime, until: datetime) -> Taken:
    runtime = receiver.runtime
    listed = receiver.inbox.texts(since, until)
    with runtime.db.read() as db:
        known = messages.known(db, [key_of(text) for text in listed])
    missing = [text for text in listed if key_of(text) not in known and text.sender not in runtime.clinic.numbers]
    held = None
    for text in _gravest_first(missing):
        if not _is_taken(text.sid, partial(runtime.intake.take, _inbound(text, runtime.now()))):
            held = min(text.at, held or text.at)
    # Of texts that the provider does not have, nobody was waiting for the answer there.
    found = _find_lost_answers(receiver, since, until, known)
    return Taken(len(missing) + found, held)


def _is_taken(sid: str, take: Callable[[], object]) -> bool:
    """Take one entry of a list; False where that failed for a reason of its own, which stops no other entry."""
    try:
        take()
    except NOT_KEPT:
        raise
    except Exception as fault:
        # Only the kind of fault: its words may hold what a patient said.
        log.error("entry_not_taken", sid=sid, fault=type(fault).__name__)
        return False
    return True


def _find_lost_answers(receiver: Receiver, since: datetime, until: datetime, known: set[str]) -> int:
    """Find the answers that we gave and the provider never took, and send them after all; returns how many texts
    they answer.

    Delivery reports tell of nearly all. Only for the others is the list asked of what went out as a reply.
    """
    runtime = receiver.runtime
    with runtime.db.read() as db:
        unreported = [answer for answer in messages.unreported(db, since, until) if answer.key in known]
    if not unreported:
        return 0
    listed = receiver.inbox.replies(since - OVERLAP, runtime.now())
    with runtime.db.read() as db:
        others = unsettled.known_sids(db, [reply.sid for reply in listed])
    left = [reply for reply in listed if reply.sid not in others]
    lost: dict[str, list[Unreported]] = {}
    for answer in unreported:
        reply = next((one for one in left if _is_same(one, answer)), None)
        if reply is None:
            lost.setdefault(answer.key, []).append(answer)
            continue
        left.remove(reply)
        with runtime.db.write() as db:
            receipts.mark_found(db, answer.ref, reply.sid)
    return sum(send_after_all(runtime.intake, answers, runtime.now()) for answers in lost.values())


def _is_same(reply: ListedText, answer: Unreported) -> bool:
    """Tell whether a reply that is listed may be this answer: their clocks differ, and carriers touch white space."""
    same_words = reply.body.split() == answer.body.split()
    return reply.to == answer.phone and same_words and reply.at >= answer.at - CLOCKS_DIFFER


def key_of(text: ListedText) -> str:
    """Return the key under which a webhook would have kept this text."""
    return f"in:{text.sid}"


def _gravest_first(texts: list[ListedText]) -> list[ListedText]:
    """Sort texts: those of people who write of danger come first, and everybody's own in the order of writing."""
    grave = {text.sender for text in texts if danger_at_least(text.body).tier is Tier.ALARM}
    return sorted(texts, key=lambda text: (text.sender not in grave, text.at))


def _inbound(text: ListedText, now: datetime) -> Inbound:
    # The list tells how many pictures came, not of which kind.
    media = ("unknown",) * text.media
    return Inbound(key_of(text), Channel.SMS, text.sender, text.to, text.body, text.at, media, found_at=now)


def _take_calls(receiver: Receiver, since: datetime, until: datetime) -> Taken:
    """Take calls that are over, then what was left at their end. From a call that goes on the list is read again."""
    runtime = receiver.runtime
    listed = receiver.inbox.calls(since, until)
    left = receiver.inbox.recordings(since, until)
    with runtime.db.read() as db:
        ended = calls.ended_by_sid(db, [call.sid for call in listed])
    count, held = 0, None
    for call in listed:
        if call.sender in runtime.clinic.numbers or ended.get(call.sid):
            continue
        is_over = call.ended_at is not None and call.ended_at <= until
        if is_over and _is_taken(call.sid, partial(missed_calls.over, runtime.intake, call)):
            count += call.sid not in ended
        elif until - call.started_at < LONGEST_CALL:
            held = min(call.started_at, held or call.started_at)
    with runtime.db.read() as db:
        known = calls.ended_by_sid(db, [recording.call_sid for recording in left])
        settled = recordings.settled(db, [recording.sid for recording in left])
    for recording in left:
        # Of calls that are not ours, or go on, nothing is known here; those that go on hold the mark.
        if recording.call_sid not in known or recording.sid in settled:
            continue
        reported = partial(
            voicemail.reported, runtime.intake, recording.sid, recording.call_sid, recording.duration_s, recording.at
        )
        if _is_taken(recording.sid, reported):
            count += 1
        else:
            held = min(recording.at, held or recording.at)
    return Taken(count, held)
