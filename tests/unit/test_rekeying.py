"""Keys are changed while the program runs: read before, while and after, and bound to their places for good."""

import os
from threading import Event, Thread

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary, func, select, type_coerce, update

from tests.builders import Line
from tests.conftest import use_new_keys
from triage.environment import kept_elsewhere, read_environment
from triage.errors import DatabaseBusy, WrongSetting
from triage.jobs import rekeying, upkeep
from triage.model.message import Channel, Inbound
from triage.store import audit, audit_chain, finding, key_canary, messages, people, rekey
from triage.store import sign_ins as guesses
from triage.store.column_types import Unreadable
from triage.store.keys import BOUND_MARK, Keys
from triage.store.tables import callback_requests, conversations, key_canaries, metadata, sign_ins
from triage.store.tables import people as people_table
from triage.store.unreadable import encrypted_columns
from triage.team.authenticator import recovery_hash, recovery_hashes

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
OLD_HASH, NEW_HASH = "the first key for hashes of the tests", "the second key for hashes of the tests"
PHONES = [f"+160255501{number:02}" for number in range(1, 10)]


@pytest.fixture(autouse=True)
def keys_of_the_test():
    yield
    use_new_keys()


@pytest.fixture
def line(database):
    """Nine people with a request and a draft, written with the old keys by a program that bound nothing."""
    Keys.use((OLD,), OLD_HASH)
    Keys.bind_to_places(False)
    line = Line(database, "2026-11-24 10:00")
    for number, phone in enumerate(PHONES):
        line.has_request(phone)
        texts(line, phone, number, f"please call me, my name is Dana Whitfield, about TMS, room {number}")
    key_canary.check(database)
    return line


def texts(line, phone, number, body):
    return line.line.intake.take(Inbound(f"in:{number}", Channel.SMS, phone, "+16025550100", body, line.now))


def stored(database):
    """Every encrypted value as it is stored, with its place."""
    with database.read() as db:
        for table in metadata.sorted_tables:
            for column in encrypted_columns(table):
                for sealed in db.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None))):
                    yield str(column), bytes(sealed)


def everybody_is_known(database):
    with database.read() as db:
        for number, phone in enumerate(PHONES):
            person = people.by_phone(db, phone)
            assert person is not None
            assert person.phone == phone
            thread = messages.thread(db, person.id)
            assert thread[0].body.endswith(f"room {number}")
            assert finding.of_phone(db, phone, 100, 5)
        assert db.scalar(select(func.count()).select_from(people_table)) == len(PHONES)
        drafts = db.scalars(select(conversations.c.draft)).all()
    assert len(drafts) == len(PHONES)
    assert not any(isinstance(draft, Unreadable) for draft in drafts)


def test_keys_are_changed_while_texts_come_in_and_the_old_ones_are_needed_no_more(line, database):
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    key_canary.check(database)
    everybody_is_known(database)
    over, faults, more = Event(), [], []

    def people_write():
        number = 100
        while not over.is_set() or number < 103:
            try:
                answer = texts(line, PHONES[number % len(PHONES)], number, "how long does a session take?")
                more.append(answer.texts)
                everybody_is_known(database)
            except BaseException as fault:
                faults.append(fault)
                return
            number += 1

    writing = Thread(target=people_write)
    writing.start()
    done = rekeying.run(line.line, None, step=2)
    over.set()
    writing.join()
    assert (faults, done.damaged, done.doubled) == ([], 0, 0)
    assert done.rows >= 3 * len(PHONES)
    assert all(more)
    assert rekeying.run(line.line, None).rows == 0
    Keys.use((NEW,), NEW_HASH)
    key_canary.check(database)
    everybody_is_known(database)
    assert all(sealed[:1] == BOUND_MARK for _, sealed in stored(database))


def test_who_was_found_by_last_digits_is_found_after_the_key_of_hashes_has_changed(line, database):
    Keys.use((OLD,), OLD_HASH)
    texts(line, PHONES[0], 60, "please call me")
    upkeep.index_names(database)
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    rekeying.run(line.line, None, step=2)
    Keys.use((NEW,), NEW_HASH)
    upkeep.index_names(database)
    with database.read() as db:
        assert finding.with_last_digits(db, PHONES[0][-4:], 100, 5)


def test_no_transaction_writes_more_rows_than_it_was_told(line, database, monkeypatch):
    """Else what comes in would wait for the end of a table."""
    sizes, some = [], rekey.some

    def measured(db, table, after, limit):
        batch = some(db, table, after, limit)
        sizes.append(batch.written)
        return batch

    monkeypatch.setattr(rekey, "some", measured)
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    done = rekeying.run(line.line, None, step=2)
    assert max(sizes) == 2
    assert sum(sizes) == done.rows >= 3 * len(PHONES)


def test_what_somebody_writes_into_a_row_while_it_is_written_anew_is_not_lost(line, database):
    with database.write() as db:
        one = people.by_phone(db, PHONES[0])
        people.change(db, one.id, {"name": "Dana Whitfield"})
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    begun, go_on = Event(), Event()

    def somebody_writes():
        with database.write() as db:
            people.change(db, one.id, {"name": "Dana Whitlock"})
            begun.set()
            go_on.wait(5)

    writing, changing = Thread(target=somebody_writes), Thread(target=rekeying.run, args=(line.line, None))
    writing.start()
    begun.wait(5)
    changing.start()
    changing.join(0.5)
    go_on.set()
    writing.join()
    changing.join()
    with database.read() as db:
        assert people.get(db, one.id).name == "Dana Whitlock"


def test_what_is_in_the_way_for_a_moment_is_tried_again_and_what_stays_ends_it(line, monkeypatch):
    tries, some = [], rekey.some

    def hindered(*given):
        tries.append(given)
        if len(tries) < 3:
            raise DatabaseBusy
        return some(*given)

    monkeypatch.setattr(rekeying, "PAUSE_S", 0)
    monkeypatch.setattr(rekey, "some", hindered)
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    assert rekeying.run(line.line, None).rows >= 3 * len(PHONES)
    monkeypatch.setattr(rekey, "some", lambda *_: [][0])
    with pytest.raises(IndexError):
        rekeying.run(line.line, None)


def test_a_value_that_no_key_opens_stays_as_it_is_and_the_rest_is_written_anew(line, database):
    lost = b"\x02" + os.urandom(60)
    with database.write() as db:
        one = people.by_phone(db, PHONES[0])
        mine = people_table.c.id == one.id
        db.execute(update(people_table).where(mine).values(name=type_coerce(lost, LargeBinary)))
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    assert rekeying.run(line.line, None, step=2).damaged == 1
    Keys.use((NEW,), NEW_HASH)
    key_canary.check(database)
    everybody_is_known(database)
    with database.read() as db:
        assert bytes(db.scalar(select(type_coerce(people_table.c.name, LargeBinary)).where(mine))) == lost


def test_of_a_person_who_was_met_under_both_keys_both_stay(line, database):
    """So it is where a program ran with the new key of hashes alone: nobody was found by the old one."""
    Keys.use((OLD,), NEW_HASH)
    with database.write() as db:
        people.meet(db, PHONES[0], "en", line.now)
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    assert rekeying.run(line.line, None, step=2).doubled == 1
    with database.read() as db:
        phones = db.scalars(select(people_table.c.phone)).all()
    assert sorted(phones) == sorted([*PHONES, PHONES[0]])


def test_a_change_of_keys_stands_in_the_trail_with_who_made_it(line, database):
    done = rekeying.run(line.line, line.staff["boss"])
    with database.read() as db:
        newest = audit.newest(db, 2**31 - 1)[0]
    assert (newest.action, newest.by) == ("rekey", "boss")
    assert newest.detail == {"rows": done.rows, "damaged": 0, "doubled": 0}
    assert done.rows


def test_without_the_new_keys_nothing_starts_afterwards(line, database):
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    rekeying.run(line.line, None)
    Keys.use((OLD,), NEW_HASH)
    with pytest.raises(WrongSetting, match="DATA_KEYS"):
        key_canary.check(database)
    Keys.use((NEW,), OLD_HASH)
    with pytest.raises(WrongSetting, match="PHONE_HASH_KEY"):
        key_canary.check(database)
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(key_canaries)) == 1


def test_nothing_is_bound_while_older_programs_may_read_it(line, database):
    """They could not open it, and would set it aside. `flask rekey` says that they are gone."""
    for _ in range(2):
        Keys.use((OLD,), OLD_HASH)
        key_canary.check(database)
        texts(line, "+16025550150", 50, "hello")
        assert not any(sealed[:1] == BOUND_MARK for _, sealed in stored(database))
    rekeying.run(line.line, None)
    Keys.use((OLD,), OLD_HASH)
    key_canary.check(database)
    texts(line, "+16025550151", 51, "hello")
    assert all(sealed[:1] == BOUND_MARK for _, sealed in stored(database))


def test_a_value_that_was_moved_to_another_column_or_table_does_not_open(database):
    line = Line(database, "2026-11-24 10:00")
    line.has_request(PHONES[0])
    with database.write() as db:
        phone = db.scalar(select(type_coerce(people_table.c.phone, LargeBinary)))
        db.execute(update(callback_requests).values(name=type_coerce(phone, LargeBinary)))
        db.execute(update(people_table).values(name=type_coerce(phone, LargeBinary)))
    with database.read() as db:
        assert isinstance(db.scalar(select(callback_requests.c.name)), Unreadable)
        assert isinstance(db.scalar(select(people_table.c.name)), Unreadable)
        assert not finding.fits(finding.unindexed(db, 100, 10)[0].name, ["6"])


def test_who_opted_out_and_is_a_hash_alone_is_known_by_the_older_key(line, database):
    with database.write() as db:
        gone = people.by_phone(db, PHONES[0])
        people.change(db, gone.id, {"opted_out_at": line.now})
        db.execute(update(people_table).where(people_table.c.id == gone.id).values(phone=type_coerce(b"", LargeBinary)))
    Keys.use((NEW, OLD), NEW_HASH, OLD_HASH)
    assert rekeying.run(line.line, None).hash_alone == 1
    with database.write() as db:
        assert people.meet(db, PHONES[0], "en", line.now)[0].id == gone.id
        assert rekey.known_by_hash_alone(db) == 0


def test_the_trail_codes_and_guesses_outlive_a_change_of_the_key_of_hashes(line, database):
    code = recovery_hash("abcd-efgh-jkmn")
    with database.write() as db:
        audit.record(db, "claim", line.now)
    Keys.use((OLD,), NEW_HASH, OLD_HASH)
    assert code in recovery_hashes("ABCD EFGH JKMN")
    with database.write() as db:
        audit.record(db, "claim", line.now)
    with database.snapshot() as db:
        assert audit_chain.verify(db).broken is None


def test_what_is_typed_at_the_sign_in_has_no_hash_in_common_with_a_phone(database):
    """People type their number into that field: whoever has both tables must not find it."""
    line = Line(database, "2026-11-24 10:00")
    with database.write() as db:
        people.meet(db, PHONES[0], "en", line.now)
        guesses.begin(db, [guesses.Counter((PHONES[0],))], line.now)
    with database.read() as db:
        known = set(db.scalars(select(people_table.c.phone_hash)))
        assert db.scalars(select(sign_ins.c.login_hash)).all()
        assert known.isdisjoint(db.scalars(select(sign_ins.c.login_hash)))


# --- where the keys are


@pytest.fixture
def environ(monkeypatch):
    for name in ("DATABASE_URL", "DATA_KEYS", "PHONE_HASH_KEY", "SECRET_KEY", "TWILIO_ACCOUNT_SID", "KEYS_FROM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_keys_come_from_a_folder_elsewhere_and_none_stays_beside_the_data(environ, tmp_path):
    keys, instance = tmp_path / "keys", tmp_path / "instance"
    keys.mkdir(mode=0o700)
    environ.setenv("KEYS_FROM", str(keys))
    made = read_environment(instance)
    assert made.database_url.endswith("instance/clinic.db")
    assert list(instance.iterdir()) == []
    assert (keys / "made.env").stat().st_mode & 0o077 == 0
    (keys / "DATA_KEYS").write_text(f"{NEW}, {made.data_keys[0]}\n")
    assert read_environment(instance).data_keys == (NEW, made.data_keys[0])
    environ.setenv("DATA_KEYS", OLD)
    assert read_environment(instance).data_keys == (OLD,)


def test_keys_come_through_a_descriptor_and_touch_no_disk():
    reader, writer = os.pipe()
    os.write(writer, f"DATA_KEYS={NEW}\nPHONE_HASH_KEY={NEW_HASH}\nPATH=/nowhere\n".encode())
    os.close(writer)
    assert kept_elsewhere(f"fd:{reader}") == {"data_keys": NEW, "phone_hash_key": NEW_HASH}


@pytest.mark.parametrize("place", ["/nowhere/at/all", "fd:x", "fd:4095"])
def test_keys_that_cannot_be_read_stop_the_start_with_one_sentence(environ, tmp_path, place):
    environ.setenv("KEYS_FROM", place)
    with pytest.raises(WrongSetting, match=r"^KEYS_FROM: [^\n]+\.$"):
        read_environment(tmp_path)
