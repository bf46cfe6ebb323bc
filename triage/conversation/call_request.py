"""The request that a draft makes, and its promise in words."""

from datetime import datetime
from typing import Any

from triage.conversation.draft import ASK_LATER, Draft, Field
from triage.conversation.state import Put, PutBack, Situation
from triage.hours.promises import Promise, promise
from triage.hours.window import Window
from triage.model.message import Channel, Say
from triage.model.phone import zone_of
from triage.model.request import Flag, Priority, Request


def stored_window(start: datetime | None, end: datetime | None, situation: Situation) -> Window | None:
    zone = situation.clinic.zone
    return Window(start.astimezone(zone), end.astimezone(zone)) if start and end else None


def is_ready(draft: Draft, situation: Situation) -> bool:
    """Tell whether wish, name, number and time are known, or have been asked often enough."""
    # Where a number was meant that cannot be read, the one they write from is not it.
    sender = None if draft.number_tried else situation.callable_sender
    number = draft.phone or sender or not draft.asks_for(Field.NUMBER)
    return bool(draft.wish and number and not draft.asks_for(Field.NAME) and not draft.asks_for(Field.TIME))


def promise_of(draft: Draft, situation: Situation, priority: Priority) -> Promise:
    clinic = situation.clinic
    if draft.agreed and not priority.pages and priority is not Priority.URGENT and draft.agreed.end > situation.now:
        return Promise(draft.agreed, draft.agreed.end)
    return promise(priority, draft.window, situation.now, clinic.opening, clinic.targets)


def nearest(draft: Draft, situation: Situation) -> Window:
    """Return what can be offered where the wish lies outside opening hours."""
    assert draft.window is not None
    return situation.clinic.opening.nearest(draft.window, situation.now)


def put(draft: Draft, situation: Situation, priority: Priority = Priority.ROUTINE, **more: Any) -> Put:
    """Make the request of this draft. A promise that stands is not made anew; what names no time leaves it as it is."""
    request = situation.open_request
    priority = min(priority, request.priority, key=lambda p: p.rank) if request else priority
    # Who is in danger is called on the number they gave last, though that request is over.
    phone = draft.phone or (situation.phone if priority is Priority.ROUTINE else situation.number_known)
    made = promise_of(draft, situation, priority)
    wish = (request.window_start, request.window_end) if request else (None, None)
    window = (draft.window.start, draft.window.end) if draft.window else wish
    stands = request is not None and request.promised and request.priority is priority and wish == window
    stands = stands and request is not None and (not draft.agreed or draft.agreed.start == request.promised_start)
    complete = is_ready(draft, situation)
    kept = draft.asks | ({Flag.NO_FIT} if not made.fits and not stands else frozenset())
    gone = frozenset(ASK_LATER.values()) - draft.asks if complete else frozenset()
    if complete:
        gone |= {Flag.INCOMPLETE}
    if made.fits and not stands:
        gone |= {Flag.NO_FIT}
    return Put(
        priority=priority,
        name=draft.name,
        phone=phone,
        topic=draft.topic,
        window=draft.window,
        said=draft.said,
        promise=None if stands else made,
        promised=None if stands else in_words(made, phone, situation),
        add=kept | more.pop("add", frozenset()),
        drop=gone,
        **more,
    )


def to_read(situation: Situation, phone: str | None = None, **more: Any) -> Put:
    """Make what somebody has to look at, with the name and number that are known, and no call that could be promised.

    phone: the number that was given just now, which the one they write from does not replace.
    """
    name = None if situation.open_request else situation.name_known
    return Put(Priority.ROUTINE, name=name, phone=phone or situation.number_known, **more)


def in_words(made: Promise, phone: str | None, situation: Situation) -> Say:
    """Word the promise: a window, a day's end, or at once; with the zone where the phone's differs."""
    zone = situation.clinic.zone
    if made.window:
        when = Say("when/between", {"window": made.window})
    elif made.at_once or made.due_at <= situation.now:
        when = Say("when/at_once")
    else:
        when = Say("when/by", {"at": made.due_at.astimezone(zone)})
    theirs = zone_of(phone) if phone else None
    moment = made.due_at
    if theirs and moment.astimezone(theirs).utcoffset() != moment.astimezone(zone).utcoffset():
        return Say("when/in_zone", {"when": when, "zone": zone})
    return when


def move(situation: Situation, window: Window, said: str | None) -> Put:
    """Make the open request anew with another window."""
    return put(Draft(wish=True, window=window, said=said), situation)


def put_back(before: Request, situation: Situation) -> PutBack:
    """Give a request back what it had. What it was promised is promised again, unless that time is gone."""
    if before.due_at > situation.now:
        window = _promised_window(before, situation)
        return PutBack(before, Promise(window, before.due_at, at_once=before.priority.pages))
    opening, targets = situation.clinic.opening, situation.clinic.targets
    made = promise(before.priority, None, situation.now, opening, targets)
    return PutBack(before, made, in_words(made, before.phone, situation))


def is_late(request: Request, now: datetime) -> bool:
    """Tell whether a call that was promised should have come by now."""
    return bool(request.promised) and not request.priority.pages and request.due_at <= now


def repeats(window: Window | None, request: Request) -> bool:
    """Tell whether a window is the one that the person wished for, or the one that they were promised."""
    return window is not None and (window.start, window.end) in _spans(request)


def lies_in(window: Window | None, request: Request) -> bool:
    """Tell whether a window lies in one of those."""
    return window is not None and any(
        start and end and start <= window.start and window.end <= end for start, end in _spans(request)
    )


def _spans(request: Request) -> tuple[tuple[datetime | None, datetime | None], ...]:
    return (request.window_start, request.window_end), (request.promised_start, request.promised_end)


def promised(request: Request, situation: Situation) -> Say | str:
    """Word what a request was promised: hours in the language of now, "as soon as we can" as it was written then,
    since what is due may have been drawn nearer for staff; "" where nothing was promised.
    """
    if not request.promised or (situation.channel is Channel.SMS and not request.promised_start):
        return request.promised or ""
    made = Promise(_promised_window(request, situation), request.due_at, at_once=request.priority.pages)
    return in_words(made, request.phone, situation)


def _promised_window(request: Request, situation: Situation) -> Window | None:
    return stored_window(request.promised_start, request.promised_end, situation)
