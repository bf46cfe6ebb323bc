"""Settling ambiguous sends: ask the provider whether a text went out, then mark it sent or send it again."""

from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from triage.errors import DatabaseBusy, DeliveryUnknown
from triage.jobs.compose_texts import Outbox
from triage.jobs.pace import Pace
from triage.model.request import Flag
from triage.ports import Listing, Messenger
from triage.store import notices, receipts, requests, unsettled
from triage.store.unsettled import Unsettled

log = structlog.get_logger()

AT_ONCE = 20

# The provider lists by days of its own, and our clock may have been wrong when we sent.
LISTED_SINCE = timedelta(days=2)


def lose_leases(outbox: Outbox, pace: Pace) -> int:
    """Put what a dead clock had claimed up for settlement; returns how many notices."""
    runtime = outbox.runtime
    with runtime.db.read() as db:
        if not notices.any_lease_lost(db, pace.kinds, pace.lease, runtime.now()):
            return 0
    with runtime.db.write() as db:
        lost = notices.lose_leases(db, pace.kinds, pace.lease, len(pace.looks) - 1, runtime.now())
        for notice in lost:
            receipts.mark_message(db, notice.ref, "unknown")
    log.warning("leases_lost", notices=[notice.id for notice in lost])
    return len(lost)


def settle(outbox: Outbox, pace: Pace) -> int:
    """Look for the ambiguous sends whose look is due, at most AT_ONCE; returns how many looks were made."""
    with outbox.runtime.db.read() as db:
        ids = unsettled.due(db, pace.kinds, outbox.runtime.now(), AT_ONCE)
    made, lists = 0, ListsOfPhones(outbox.messenger, pace.timeout_s)
    for notice_id in ids:
        try:
            made += _look(outbox, pace, notice_id, lists)
        except (DatabaseBusy, OperationalError):
            raise
        except Exception as fault:
            # The look has moved its own time on, so one that throws does not stop the others.
            log.error("look_fault", notice=notice_id, fault=type(fault).__name__)
    return made


class ListsOfPhones:
    """The provider's lists, each asked for once in a round: a crowd of alerts goes to one phone."""

    def __init__(self, messenger: Messenger, timeout_s: float) -> None:
        self._messenger, self._timeout_s = messenger, timeout_s
        self._asked: dict[tuple[str, date], Listing | None] = {}

    def sids_of(self, notice: Unsettled) -> list[str] | None:
        """Return the provider's texts with the words of this notice to its phone; None if it gave no list that tells.

        All that is looked for in a round was sent before the round began, so a list of it is never too old.
        """
        since = notice.attempted_at - LISTED_SINCE
        key = (notice.to, since.date())
        if key not in self._asked:
            try:
                self._asked[key] = self._messenger.listed_to(notice.to, since, self._timeout_s)
            except DeliveryUnknown:
                self._asked[key] = None
        listing = self._asked[key]
        return listing.sids_of(notice.body) if listing else None


def _look(outbox: Outbox, pace: Pace, notice_id: int, lists: ListsOfPhones) -> bool:
    runtime = outbox.runtime
    if runtime.ending.is_set():
        return False
    now = runtime.now()
    with runtime.db.write() as db:
        notice = unsettled.begin_look(db, notice_id, now, now + pace.lease)
    if notice is None:
        return False
    _conclude(outbox, pace, notice, lists.sids_of(notice))
    return True


def _may_go_blindly(pace: Pace, notice: Unsettled, now: datetime) -> bool:
    return pace.blind_after is not None and now - notice.attempted_at >= pace.blind_after


def _conclude(outbox: Outbox, pace: Pace, notice: Unsettled, sids: list[str] | None) -> None:
    """Act on the provider's answer. `sids`: its texts with these words to this phone, None if it gave no list."""
    runtime = outbox.runtime
    now = runtime.now()
    with runtime.db.write() as db:
        mine = [sid for sid in sids or () if sid not in unsettled.known_sids(db, sids or ())]
        if mine:
            if unsettled.went_out(db, notice, mine[0], now):
                receipts.mark_message(db, notice.ref, "sent")
            return
        if notice.looks < len(pace.looks):
            unsettled.look_later(db, notice, now + pace.looks[notice.looks])
        elif sids is not None or _may_go_blindly(pace, notice, now):
            if unsettled.send_again(db, notice, now):
                receipts.mark_message(db, notice.ref, "failed")
                log.warning("sent_again", notice=notice.id, kind=notice.kind, listed=sids is not None)
        elif now - notice.attempted_at < pace.give_up_after:
            unsettled.look_later(db, notice, now + pace.late_look)
        elif unsettled.give_up(db, notice, now):
            log.error("unsettled", notice=notice.id, kind=notice.kind)
            request = requests.get(db, notice.request_id) if notice.request_id else None
            if request is not None and request.is_open:
                requests.change(db, request.id, {"flags": request.flags | {Flag.NEEDS_PERSON}}, now)
