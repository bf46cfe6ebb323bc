"""Recordings are brought home whatever the provider does, and its copy goes."""

import pytest

from tests.builders import Line, a_clinic, local
from triage.jobs import upkeep
from triage.jobs.fetch_recordings import MOST_TRIES
from triage.model.call import Fetch
from triage.store import recordings
from triage.store.tables import recordings as table


@pytest.fixture
def line(database):
    return Line(database, "2026-11-24 10:00")


def left(line, sid="RE1", **values):
    with line.database.write() as db:
        return recordings.keep_and_fetch(db, sid, {"call_sid": "CA1", "of": "voicemail", **values}, line.now).id


def found(line, recording_id):
    with line.database.read() as db:
        return recordings.get(db, recording_id), recordings.audio(db, recording_id)


def test_a_recording_is_fetched_kept_encrypted_and_deleted_at_the_provider(line):
    line.recorder.sounds["RE1"] = b"sound of a voice"
    recording_id = left(line)
    upkeep.fetch_recordings(line.fetcher)
    upkeep.fetch_recordings(line.fetcher)
    recording, audio = found(line, recording_id)
    assert (recording.state, audio) == (Fetch.ALONE, b"sound of a voice")
    assert line.recorder.forgotten == ["RE1"]
    with line.database.read() as db:
        raw = db.exec_driver_sql(f"SELECT audio FROM {table.name}").scalar()
    assert b"sound of a voice" not in bytes(raw)
    assert upkeep.fetch_recordings(line.fetcher) == 0


def test_the_providers_copy_stays_where_the_clinic_says_so(database):
    line = Line(database, "2026-11-24 10:00", a_clinic(calls={"delete_recordings": False}))
    line.recorder.sounds["RE1"] = b"sound"
    recording_id = left(line)
    for _ in range(2):
        upkeep.fetch_recordings(line.fetcher)
    assert found(line, recording_id)[0].state is Fetch.KEPT
    assert line.recorder.forgotten == []


def test_a_recording_that_is_not_there_yet_is_fetched_later(line):
    recording_id = left(line)
    upkeep.fetch_recordings(line.fetcher)
    assert found(line, recording_id)[0].state is Fetch.WAITING
    line.recorder.sounds["RE1"] = b"sound"
    assert upkeep.fetch_recordings(line.fetcher) == 0  # not at once again
    line.clock.at = local("2026-11-24 10:05")
    upkeep.fetch_recordings(line.fetcher)
    assert found(line, recording_id)[1] == b"sound"


def test_a_recording_that_stays_away_is_given_up_in_the_end(line):
    recording_id = left(line)
    for _ in range(MOST_TRIES + 1):
        upkeep.fetch_recordings(line.fetcher)
        line.clock.move(hours=1)
    assert found(line, recording_id)[0].state is Fetch.LOST
    assert upkeep.fetch_recordings(line.fetcher) == 0


def test_a_recording_reported_twice_is_one(line):
    assert left(line) == left(line, duration_s=12)
    with line.database.read() as db:
        recording = recordings.by_sid(db, "RE1")
    assert (recording.of, recording.duration_s) == ("voicemail", 12)
