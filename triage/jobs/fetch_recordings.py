"""Bringing recordings home: fetched with authentication, kept encrypted, and the provider's copy deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from triage.errors import DeliveryFailed, DeliveryUnknown
from triage.model.call import Fetch, Recording
from triage.ports import Recorder
from triage.runtime import Runtime
from triage.store import recordings

log = structlog.get_logger()

AT_ONCE = 5

MOST_TRIES = 12

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Fetcher:
    """What fetching needs."""

    runtime: Runtime
    recorder: Recorder


def fetch_due(fetcher: Fetcher) -> int:
    """Fetch what is with the provider, and delete what is here as well; returns how many were tried."""
    runtime = fetcher.runtime
    with runtime.db.read() as db:
        due = recordings.to_fetch(db, runtime.now(), AT_ONCE)
    for recording in due:
        if runtime.ending.is_set():
            break
        try:
            values = (
                _brought(fetcher, recording) if recording.state is Fetch.WAITING else _forgotten(fetcher, recording)
            )
        except (DeliveryFailed, DeliveryUnknown) as failure:
            values = _again(recording, runtime.now())
            log.warning("recording_not_fetched", recording=recording.id, fault=type(failure).__name__)
        with runtime.db.write() as db:
            recordings.change(db, recording.id, **values)
    return len(due)


def _brought(fetcher: Fetcher, recording: Recording) -> dict[str, object]:
    audio, content_type = fetcher.recorder.fetch(recording.sid, TIMEOUT_S)
    runtime = fetcher.runtime
    deletes = runtime.now() if runtime.clinic.calls.delete_recordings else None
    return {"audio": audio, "content_type": content_type, "state": Fetch.KEPT, "tries": 1, "next_try_at": deletes}


def _forgotten(fetcher: Fetcher, recording: Recording) -> dict[str, object]:
    fetcher.recorder.forget(recording.sid, TIMEOUT_S)
    return {"state": Fetch.ALONE, "next_try_at": None}


def _again(recording: Recording, now: datetime) -> dict[str, object]:
    """Schedule the next attempt; give up after 12, and staff see a message without sound."""
    if recording.tries >= MOST_TRIES:
        lost = {"state": Fetch.LOST} if recording.state is Fetch.WAITING else {}
        return {**lost, "next_try_at": None}
    wait = min(FIRST_WAIT * 2**recording.tries, LONGEST_WAIT)
    return {"tries": recording.tries + 1, "next_try_at": now + wait}
