"""Column types: aware UTC times, text encrypted at rest, JSON encrypted at rest, and the keyed hash of a phone."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import DateTime, Dialect, LargeBinary, SmallInteger, TypeDecorator

from triage.callbacks import Priority
from triage.errors import WrongSetting


class Keys:
    """The keys of one process. A column type has no constructor call per connection, so they are kept here."""

    _data: MultiFernet | None = None
    _hash: bytes = b""

    @classmethod
    def use(cls, data_keys: tuple[str, ...], phone_hash_key: str) -> None:
        """Newest data key first: it encrypts, all of them decrypt. The hash key stays, or no phone is found again."""
        cls._data = MultiFernet([Fernet(key) for key in data_keys])
        cls._hash = phone_hash_key.encode()

    @classmethod
    def data(cls) -> MultiFernet:
        if cls._data is None:
            raise WrongSetting("DATA_KEYS: no key is in use; call Keys.use() before the database is opened.")
        return cls._data

    @classmethod
    def phone_hash(cls, phone: str) -> str:
        """The keyed hash by which an E.164 phone is found; hex, 64 characters."""
        return hmac.new(cls._hash, phone.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @classmethod
    def seal(cls, text: str) -> str:
        """A keyed hash that only this program makes; never that of a phone, hex, 64 characters."""
        key = hmac.new(cls._hash, b"seal", hashlib.sha256).digest()
        return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def storable(text: str) -> str:
    """PostgreSQL refuses NUL and both databases refuse lone surrogates; neither may cost us a patient's text."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite forgets the zone, so a naive value is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text as a Fernet token. A token that no key opens is an error, never an empty text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.data().encrypt(storable(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        try:
            return Keys.data().decrypt(bytes(value)).decode()
        except InvalidToken:
            raise WrongSetting(
                "DATA_KEYS: none of the keys opens the stored data; add the key it was written with."
            ) from None


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes as a Fernet token: sound that a caller left."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.data().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        try:
            return Keys.data().decrypt(bytes(value))
        except InvalidToken:
            raise WrongSetting(
                "DATA_KEYS: none of the keys opens the stored data; add the key it was written with."
            ) from None


class EncryptedJson(TypeDecorator[Any]):
    """JSON through EncryptedText: what was heard, drafts, values of texts."""

    impl = EncryptedText
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


class PriorityColumn(TypeDecorator[Priority]):
    """A priority as its rank, so that an index can put the queue in order."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Priority | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else list(Priority).index(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Priority | None:  # noqa: ARG002
        return None if value is None else list(Priority)[value]
