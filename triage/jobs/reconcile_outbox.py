"""After a restore: what is held is compared with the texts that the provider took since the backup, then released."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from triage.errors import Refused
from triage.jobs.compose_texts import Outbox, name_for_staff, words_for_staff, words_of_bundle
from triage.jobs.send_texts import put_in_thread
from triage.model.notice import Kind
from triage.ports import TakenText
from triage.runtime import Runtime
from triage.store import audit, members, messages, outbox_hold, receipts, requests, unsettled
from triage.store.outbox_hold import Held
from triage.team.alert_codes import without_codes

log = structlog.get_logger()

# The provider lists by days of its own, and the clock of the machine may have been wrong.
LISTED_BEFORE = timedelta(days=1)

TIMEOUT_S = 30.0

# What became of the last attempt was not known when the backup was taken; any other status says that it did not go out.
_IN_DOUBT = ("sending", "unknown")


@dataclass(frozen=True)
class Compared:
    """listed: texts of the provider that the backup does not know. due: notices held whose time has come. marked: those
    of them that were on the list, and are held no more.
    """

    listed: int
    due: int
    marked: int


@dataclass(frozen=True)
class Released:
    """What became of what was held: `marked` as sent by then, `expired` and dropped, `released` to be sent."""

    marked: int
    expired: int
    released: int


class _Unknown:
    """Texts that the provider took and the backup does not know; each answers for one notice, or for a bundle.

    They are compared without the codes of alerts, which are others for each member of staff and day.
    """

    def __init__(self, runtime: Runtime, texts: list[TakenText]) -> None:
        self._runtime, self._texts = runtime, texts
        self._sids: dict[tuple[str, str], list[str]] = {}
        self._bundles: dict[str, dict[int, list[TakenText]]] = {}
        self._used: set[str] = set()
        for text in texts:
            self._sids.setdefault((text.to, without_codes(text.body)), []).append(text.sid)

    def take(self, phones: tuple[str, ...], body: str) -> str | None:
        """Return the SID of a text with these words to one of these phones that answers for no other notice yet."""
        for phone in phones:
            for sid in self._sids.get((phone, without_codes(body)), ()):
                if sid not in self._used:
                    self._used.add(sid)
                    return sid
        return None

    def bundle_with(self, phones: tuple[str, ...], name: str, ref: int) -> TakenText | None:
        """Return a text to one of these phones that told the same of this request among others.

        name: of the words, as `name_for_staff` gives it.
        """
        if name not in self._bundles:
            self._bundles[name] = self._bundles_of(name)
        return next((text for text in self._bundles[name].get(ref, ()) if text.to in phones), None)

    def _bundles_of(self, name: str) -> dict[int, list[TakenText]]:
        most = self._runtime.clinic.alerts.most_in_one_text
        frames = [words_of_bundle(self._runtime, name, count, "\0", "\0").split("\0") for count in range(2, most + 1)]
        found: dict[int, list[TakenText]] = {}
        for text in self._texts:
            for ref in _refs_of_bundle(without_codes(text.body), frames):
                found.setdefault(ref, []).append(text)
        return found


def _refs_of_bundle(body: str, frames: list[list[str]]) -> Iterator[int]:
    for before, after in frames:
        if body.startswith(before) and body.endswith(after):
            refs = body.removeprefix(before).removesuffix(after).split(", ")
            yield from (int(ref) for ref in refs if ref.isdecimal())


def _batched(texts: list[TakenText], size: int) -> Iterator[list[TakenText]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def reconcile(outbox: Outbox) -> Compared:
    """Mark as sent what is held and went out after the backup was taken.

    Raises Refused if nothing is held, DeliveryUnknown when the provider gives no list.
    """
    runtime = outbox.runtime
    with runtime.db.read() as db:
        hold = outbox_hold.current(db)
    if hold is None:
        raise Refused("not_held")
    listed = outbox.messenger.listed(hold.taken_at - LISTED_BEFORE, TIMEOUT_S)
    with runtime.db.read() as db:
        known = {sid for some in _batched(listed, 500) for sid in unsettled.known_sids(db, [text.sid for text in some])}
        due = outbox_hold.held(db, runtime.now())
        phones = tuple(member.phone for member in members.all_staff(db) if member.phone)
    new = [text for text in listed if text.sid not in known]
    unknown = _Unknown(runtime, new)
    # What was claimed has its very words; it is looked for first, so that no other notice uses up its text.
    due.sort(key=lambda notice: notice.attempt == 0)
    marked = sum(_mark(runtime, unknown, notice, phones) for notice in due)
    with runtime.db.write() as db:
        outbox_hold.compared(db, hold.id, marked, runtime.now())
        audit.record(db, "outbox_reconcile", runtime.now(), detail={"listed": len(new), "marked": marked})
    log.info("outbox_compared", listed=len(new), due=len(due), marked=marked)
    return Compared(len(new), len(due), marked)


def _mark(runtime: Runtime, unknown: _Unknown, notice: Held, staff_phones: tuple[str, ...]) -> bool:
    """Mark one notice as sent if the provider has its text."""
    phones = (notice.phone,) if notice.phone else staff_phones
    with runtime.db.read() as db:
        request = requests.get(db, notice.request_id) if notice.request_id else None
        status = messages.status_of(db, notice.ref)
    is_about_request = notice.person_id is None and notice.kind is not Kind.CONFIRM_PHONE
    name = name_for_staff(notice.kind, request) if request and is_about_request else None
    # As written down, else as it would be composed.
    bodies = [notice.body] if notice.body else []
    bodies += [words_for_staff(runtime, name, request, str(request.id))] if name and request else []
    sid, body = next(((sid, body) for body in bodies if (sid := unknown.take(phones, body))), (None, ""))
    if sid is None and name and request and (text := unknown.bundle_with(phones, name, request.id)):
        # The first of a bundle has its SID, as when it was sent.
        sid, body = unknown.take((text.to,), text.body), text.body
    if not body:
        return False
    is_new = notice.attempt == 0 or (notice.person_id is not None and status not in _IN_DOUBT)
    tried = replace(notice, attempt=notice.attempt + 1) if is_new else notice
    now = runtime.now()
    with runtime.db.write() as db:
        if not outbox_hold.went_out(db, notice, sid, tried.attempt, body, now):
            return False
        if is_new and notice.person_id is not None:
            put_in_thread(db, runtime.clinic, tried, notice.person_id, body, now)
        receipts.mark_message(db, tried.ref, "sent")
    return True


def release(runtime: Runtime, anyway: bool) -> Released:
    """Release what is held. Raises Refused if nothing is, or while it was not compared and `anyway` is not given."""
    now = runtime.now()
    with runtime.db.write() as db:
        hold = outbox_hold.current(db)
        if hold is None:
            raise Refused("not_held")
        if hold.listed_at is None and not anyway:
            raise Refused("not_compared")
        counts = outbox_hold.release(db, now)
        audit.record(db, "outbox_release", now, detail={**counts, "marked": hold.marked, "anyway": anyway})
    log.warning("outbox_released", marked=hold.marked, **counts)
    return Released(hold.marked, counts["expired"], counts["released"])
