"""What is kept of a person is damaged, or the keys are wrong: whoever writes or calls is answered, kept and alerted.

facts/compliance.md 4: the danger screen is never held back. ASVS 16.5.2, 16.5.3: a fault is handled and opens nothing.
"""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, func, select, type_coerce, update

from app import create_app
from tests.builders import a_clinic, local
from tests.conftest import emptied, use_new_keys
from tests.web.calling import CALLER, Caller
from tests.web.texting import DANA, a_text, texting, texts_in
from triage.errors import WrongSetting
from triage.intake import inbound_calls, inbound_texts
from triage.jobs import health
from triage.model.member import Role
from triage.model.notice import Kind, Planned
from triage.model.request import Flag, Priority
from triage.store import key_canary, members, notices, unreadable
from triage.store.keys import Keys
from triage.store.tables import callback_requests, conversations, messages, metadata, people, set_aside

CRISIS = "i do not want to live any more"

COLUMNS = [column for table in metadata.sorted_tables for column in unreadable.encrypted_columns(table)]


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


def is_filled(clinic):
    """Two persons with an open request, a draft, notices and calls, of whom one has called; and one of staff."""
    clinic.post(a_text(1, "please call me, my name is Dana Whitfield, tomorrow at 10 am about TMS"))
    clinic.post(a_text(2, "yes"))
    clinic.post(a_text(3, "call me at another time"))
    clinic.post(a_text(4, "call me please", sender=CALLER))
    caller = Caller(clinic).rings()
    caller.presses("2")
    with clinic.database.write() as db:
        staff_id = members.add(db, "mia", "Mia Lindqvist", Role.FRONT_DESK, "no hash", "+16025550177", clinic.clock())
        request_id = db.scalar(select(callback_requests.c.id).limit(1))
        person_id = db.scalar(select(people.c.id).limit(1))
        due = clinic.clock() - timedelta(minutes=1)
        planned = Planned(Kind.STAFF_TEXT, "staff_text:1", due, request_id, person_id, body="We call you at ten.")
        notices.plan(db, planned, clinic.clock())
        db.execute(update(people).values(name="Dana Whitfield"))
    return caller, staff_id


def flip(database, column, bit, everywhere=True):
    """Flip one bit of a column in all its rows; returns how many there were."""
    key = list(column.table.primary_key.columns)
    with database.write() as db:
        rows = db.execute(select(*key, type_coerce(column, LargeBinary)).where(column.is_not(None))).all()
        for *ids, sealed in rows:
            damaged = bytearray(sealed)
            damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
            which = [one == value for one, value in zip(key, ids, strict=True)]
            db.execute(update(column.table).where(*which).values({column: type_coerce(bytes(damaged), LargeBinary)}))
    return len(rows)


def everybody_is_heard(clinic, caller):
    """Ordinary texts, words of crisis by text and by phone: each answered, kept and, where it must be, alerted."""
    for number, sender in enumerate((DANA, CALLER, "+16025550144")):
        answer = clinic.post(a_text(20 + number, "What is TMS?", sender=sender))
        assert answer.status_code == 200
        assert texts_in(answer)
        before = clinic.count(messages, messages.c.direction == "in")
        for path in ("/webhooks/sms", "/webhooks/sms/fallback"):
            answer = clinic.post(a_text(30 + number, CRISIS, sender=sender), path)
            assert answer.status_code == 200
            assert "988" in " ".join(texts_in(answer))
        assert clinic.count(messages, messages.c.direction == "in") == before + 1
    caller.says(CRISIS)
    assert "9 8 8" in caller.heard
    caller.again()
    assert "9 8 8" in Caller(clinic, number=7).rings().says(CRISIS).heard
    assert caller.hangs_up() == 204
    with clinic.database.read() as db:
        alerted = callback_requests.c.next_alert_at.is_not(None)
        grave = select(func.count()).where(callback_requests.c.priority == Priority.CRISIS, alerted)
        assert db.scalar(grave) == 3


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_one_damaged_column_silences_nobody(clinic, column):
    caller, _ = is_filled(clinic)
    flip(clinic.database, column, 201)
    everybody_is_heard(clinic, caller)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bits=st.dictionaries(st.sampled_from(COLUMNS), st.integers(0, 4000), min_size=1))
def test_whatever_bits_are_flipped_words_of_crisis_are_answered_kept_and_alerted(clinic, bits):
    emptied(clinic.database)
    caller, _ = is_filled(clinic)
    for column, bit in bits.items():
        flip(clinic.database, column, bit)
    everybody_is_heard(clinic, caller)


def test_wrong_keys_in_a_running_program_silence_nobody(clinic):
    caller, _ = is_filled(clinic)
    use_new_keys()
    everybody_is_heard(clinic, caller)


def test_an_unreadable_draft_is_kept_aside_and_staff_see_it_on_the_request(clinic):
    clinic.post(a_text(1, "please call me, my name is Dana Whitfield"))
    with clinic.database.read() as db:
        sealed = db.scalar(select(type_coerce(conversations.c.draft, LargeBinary)))
    flip(clinic.database, conversations.c.draft, 300)
    clinic.post(a_text(2, "What is TMS?"))
    with clinic.database.read() as db:
        kept = db.execute(select(set_aside.c.place, set_aside.c.sealed)).all()
        flags = db.scalar(select(callback_requests.c.flags))
    assert [place for place, _ in kept] == ["conversations.draft"]
    assert len(kept[0].sealed) == len(sealed)
    assert {Flag.UNREADABLE, Flag.NEEDS_PERSON} <= set(flags)
    assert health.Concern.SET_ASIDE in health.look(clinic.line).warnings or not health.look(clinic.line).is_ready


def test_a_damaged_number_of_who_writes_is_known_again(clinic):
    clinic.post(a_text(1, "please call me"))
    flip(clinic.database, people.c.phone, 300)
    clinic.post(a_text(2, "What is TMS?"))
    with clinic.database.read() as db:
        assert db.scalar(select(people.c.phone)) == DANA
        assert db.scalar(select(set_aside.c.place)) == "people.phone"


@pytest.mark.parametrize("layer", ["situation", "_safe_turn", "_take_new"])
def test_a_fault_in_any_layer_keeps_the_words_and_alerts(clinic, monkeypatch, layer):
    def a_fault(*_args, **_kwargs):
        raise RuntimeError("a rule that throws")

    is_filled(clinic)
    monkeypatch.setattr(inbound_texts.Intake, layer, a_fault)
    answer = clinic.post(a_text(50, CRISIS))
    assert answer.status_code == 200
    assert "988" in " ".join(texts_in(answer))
    assert clinic.post(a_text(50, CRISIS)).data == answer.data
    with clinic.database.read() as db:
        assert db.scalar(select(messages.c.label).order_by(messages.c.id.desc()).limit(1)) in (None, "crisis")
        grave = (callback_requests.c.priority == Priority.CRISIS) & callback_requests.c.next_alert_at.is_not(None)
        assert db.scalar(select(func.count()).where(grave)) == 1


@pytest.mark.parametrize("layer", ["_take_new", "_safe_turn", "_take"])
def test_a_fault_in_any_layer_of_a_call_keeps_the_words_and_alerts(clinic, monkeypatch, layer):
    def a_fault(*_args, **_kwargs):
        raise RuntimeError("a rule that throws")

    caller = Caller(clinic).rings()
    monkeypatch.setattr(inbound_calls.CallIntake, layer, a_fault)
    if layer == "_safe_turn":
        monkeypatch.setattr(inbound_calls.CallIntake, "_turn", a_fault)
    assert "9 8 8" in caller.says(CRISIS).heard
    with clinic.database.read() as db:
        assert CRISIS in db.scalars(select(messages.c.body)).all()
        grave = (callback_requests.c.priority == Priority.CRISIS) & callback_requests.c.next_alert_at.is_not(None)
        assert db.scalar(select(func.count()).where(grave)) == 1


@pytest.mark.parametrize("layer", ["hear", "apply", "_situation_of", "recordings.keep"])
@pytest.mark.parametrize("names_the_caller", [True, False])
def test_a_fault_in_any_layer_of_a_transcript_keeps_the_words_and_alerts(clinic, monkeypatch, layer, names_the_caller):
    """It was answered 204 and lost: words of crisis on a voicemail alerted nobody."""

    def a_fault(*_args, **_kwargs):
        raise RuntimeError("a rule that throws")

    caller = Caller(clinic).rings().presses("5").records("RE1")
    monkeypatch.setattr(f"triage.intake.voicemail.{layer}", a_fault)
    form = [("CallSid", caller.sid), ("RecordingSid", "RE1"), ("TranscriptionText", CRISIS)]
    form += [("From", CALLER)] if names_the_caller else []
    for _ in range(2):
        assert clinic.post(form, "/webhooks/voice/transcripts").status_code == 204
    with clinic.database.read() as db:
        assert db.scalars(select(messages.c.body).where(messages.c.dedupe_key == "transcript:RE1")).all() == [CRISIS]
        grave = (callback_requests.c.priority == Priority.CRISIS) & callback_requests.c.next_alert_at.is_not(None)
        assert db.scalar(select(func.count()).where(grave)) == 1
        assert db.scalar(select(func.count()).select_from(people)) == 1


def test_when_nothing_works_texts_and_calls_still_hear_988(clinic, monkeypatch):
    def a_fault(*_args, **_kwargs):
        raise RuntimeError("all is lost")

    monkeypatch.setattr(inbound_texts.Intake, "take", a_fault)
    monkeypatch.setattr("webhooks.voice.CallIntake.take", a_fault)
    monkeypatch.setattr(type(clinic.line.words), "say", a_fault)
    for path in ("/webhooks/sms", "/webhooks/sms/fallback"):
        answer = clinic.post(a_text(1, CRISIS), path)
        assert answer.status_code == 200
        assert "988" in " ".join(texts_in(answer))
    assert "9 8 8" in Caller(clinic).rings().heard
    assert clinic.post_raw(b"Body=x", "/webhooks/sms").status_code == 403


# --- the keys at the start


def other(environment, **values):
    return environment.model_copy(update=values)


def test_wrong_keys_stop_a_start_with_one_sentence(clinic):
    is_filled(clinic)
    wrong = other(clinic.environment, data_keys=(Fernet.generate_key().decode(),))
    with pytest.raises(SystemExit, match=r"^DATA_KEYS: [^\n]+\.$"):
        create_app(wrong, a_clinic(), clinic.clock)
    unlike = other(clinic.environment, phone_hash_key="another key for hashes, long enough")
    with pytest.raises(SystemExit, match=r"^PHONE_HASH_KEY: [^\n]+\.$"):
        create_app(unlike, a_clinic(), clinic.clock)


def test_a_new_key_in_front_of_the_old_one_starts_and_taking_either_away_does_not(clinic):
    old, new = clinic.environment.data_keys[0], Fernet.generate_key().decode()
    create_app(other(clinic.environment, data_keys=(new, old)), a_clinic(), clinic.clock)
    for keys in ((new,), (old,)):
        with pytest.raises(SystemExit, match="DATA_KEYS"):
            create_app(other(clinic.environment, data_keys=keys), a_clinic(), clinic.clock)


def test_data_from_before_there_were_canaries_tells_wrong_keys_as_well(database):
    with database.write() as db:
        db.execute(people.insert().values(phone=DANA, phone_hash="x", lang="en", created_at=local("2026-11-24 10:00")))
    use_new_keys()
    with pytest.raises(WrongSetting, match="DATA_KEYS"):
        key_canary.check(database)


def test_the_doctor_says_so_without_a_traceback(clinic, monkeypatch, capsys):
    assert Keys.decrypt(Keys.encrypt(b"x")) == b"x"
    is_filled(clinic)
    flip(clinic.database, conversations.c.draft, 300)
    clinic.post(a_text(60, "What is TMS?"))
    told = clinic.app.test_cli_runner().invoke(args=["doctor"])
    assert "set_aside" in told.output
    assert "Traceback" not in told.output
