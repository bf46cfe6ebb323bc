"""What is encrypted at rest: opened by every key that is known, never by another, never changed unseen."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from tests.conftest import use_new_keys
from triage.errors import WrongSetting
from triage.store.column_types import EncryptedText
from triage.store.keys import Keys, storable

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def keys_of_the_test():
    yield
    use_new_keys()


def use(*data_keys: str) -> None:
    Keys.use(data_keys, "a key for hashes that only the tests use")


def test_after_a_rotation_what_was_written_before_is_still_opened():
    use(OLD)
    before = Keys.encrypt(b"Dana")
    use(NEW, OLD)
    assert Keys.decrypt(before) == b"Dana"
    after = Keys.encrypt(b"Dana")
    use(NEW)
    assert Keys.decrypt(after) == b"Dana"


def test_without_its_key_nothing_is_opened_and_the_error_names_the_setting():
    use(OLD)
    before = Keys.encrypt(b"Dana")
    use(NEW)
    with pytest.raises(WrongSetting, match="DATA_KEYS"):
        Keys.decrypt(before)


def test_the_same_text_for_two_purposes_gives_two_hashes():
    """What is hashed as one thing is found as no other: a seal is no phone, whatever is written there."""
    use(NEW)
    assert Keys.seal("+16025550101") != Keys.phone_hash("+16025550101")
    assert Keys.is_seal(Keys.seal("+16025550101"), "+16025550101")
    assert not Keys.is_seal(Keys.phone_hash("+16025550101"), "+16025550101")


def test_fernet_tokens_of_before_are_still_opened():
    use(NEW, OLD)
    assert Keys.decrypt(Fernet(OLD).encrypt(b"Dana")) == b"Dana"


def test_the_same_words_are_never_written_alike_and_never_readable():
    use(NEW)
    once, again = Keys.encrypt(b"i want to die"), Keys.encrypt(b"i want to die")
    assert once != again
    assert b"die" not in once


@given(st.binary(min_size=1), st.data())
def test_a_changed_byte_is_an_error_and_no_text(plain, data):
    use(NEW)
    sealed = bytearray(Keys.encrypt(plain))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises(WrongSetting):
        Keys.decrypt(bytes(sealed))


@given(st.text())
def test_any_text_comes_back_as_it_can_be_stored(text):
    use(NEW)
    column, dialect = EncryptedText(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(text, dialect), dialect) == storable(text)
