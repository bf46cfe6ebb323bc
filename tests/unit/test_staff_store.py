"""Members of staff in the database: whose phone it is, who is told, how a sign-in finds its account."""

from datetime import UTC, datetime

import pytest

from triage.model.member import Role
from triage.policy import GUESSES_WITHIN, MOST_GUESSES
from triage.store import members, sign_ins
from triage.store.sign_ins import Counter

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PHONE = "+16025550161"


def added(db, login, phone=None):
    return members.add(db, login, login.capitalize(), Role.FRONT_DESK, f"hash of {login}", phone, NOW)


def test_a_phone_is_found_by_its_number_until_its_owner_is_disabled(database):
    with database.write() as db:
        rosa = added(db, "rosa", PHONE)
        assert members.by_phone(db, PHONE).login == "rosa"
        members.disable(db, rosa, NOW)
        assert members.by_phone(db, PHONE) is None
        assert members.get(db, rosa).disabled_at == NOW
        added(db, "mia", PHONE)
        assert members.by_phone(db, PHONE).login == "mia"


def test_a_phone_counts_as_confirmed_once_its_code_came_back(database):
    with database.write() as db:
        rosa = added(db, "rosa", PHONE)
        members.set_phone_code(db, rosa, "hash of a code")
        assert members.get(db, rosa).phone_confirmed_at is None
        members.confirm_phone(db, rosa, NOW)
        assert members.get(db, rosa).phone_confirmed_at == NOW
        assert members.phone_code_hash_of(db, rosa) is None


def test_those_who_are_told_come_in_the_order_named_and_without_the_disabled(database):
    with database.write() as db:
        for login in ("ada", "ben", "cleo"):
            added(db, login)
        members.disable(db, members.by_login(db, "ben").id, NOW)
        told = members.with_logins(db, ["cleo", "nobody", "ben", "ada", "cleo"])
        assert [member.login for member in told] == ["cleo", "ada"]


@pytest.mark.parametrize(
    ("typed", "found"), [("Rosa", "Rosa"), ("rosa", "Rosa"), ("MIA", "mia"), ("%", None), ("", None)]
)
def test_a_login_is_found_in_any_case_of_letters(database, typed, found):
    with database.write() as db:
        added(db, "Rosa")
        added(db, "mia")
        known = members.password_hash_of(db, typed)
        assert (known and known[0].login) == found


def test_of_two_logins_that_differ_in_case_the_exact_one_is_meant(database):
    with database.write() as db:
        added(db, "Rosa")
        added(db, "rosa")
        assert members.password_hash_of(db, "rosa")[1] == "hash of rosa"
        assert members.password_hash_of(db, "Rosa")[1] == "hash of Rosa"


ROSA, MIA = Counter(("sign_in", "rosa")), Counter(("sign_in", "mia"))


def test_guesses_are_counted_and_forgotten_after_a_while(database):
    with database.write() as db:
        for _ in range(MOST_GUESSES):
            assert sign_ins.begin(db, [ROSA], NOW) is not None
        assert sign_ins.begin(db, [ROSA], NOW) is None
        assert sign_ins.begin(db, [MIA], NOW) is not None
        assert sign_ins.begin(db, [MIA, ROSA], NOW) is None, "any counter that is full shuts it"
        assert sign_ins.begin(db, [ROSA], NOW + GUESSES_WITHIN) is not None


def test_nothing_that_is_typed_makes_a_counter_of_another_purpose():
    keys = [("sign_in", "boss|account"), ("sign_in", "boss", "account"), ("account", "boss"), ('sign_in", "boss',)]
    assert len({Counter(key).hashed for key in keys}) == 4


def test_sign_ins_that_succeeded_are_no_guesses(database):
    with database.write() as db:
        for _ in range(MOST_GUESSES + 1):
            attempt = sign_ins.begin(db, [ROSA, MIA], NOW)
            assert attempt is not None
            sign_ins.succeeded(db, attempt)
