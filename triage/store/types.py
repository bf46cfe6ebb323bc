"""Column types: aware UTC times, text encrypted at rest, JSON encrypted at rest, and the keyed hash of a phone."""

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, Dialect, LargeBinary, SmallInteger, TypeDecorator

from triage.callbacks import Priority
from triage.errors import WrongSetting

SEALED, NONCE = b"\x01", 12  # the first byte of what is encrypted: which way it was written; and the nonce's length


class Keys:
    """The keys of one process. A column type has no constructor call per connection, so they are kept here.

    Data is sealed with AES-256-GCM, a tenth of the time that a Fernet token takes; tokens of before are still opened.
    """

    _data: tuple[tuple[AESGCM, Fernet], ...] = ()
    _hash: bytes = b""

    @classmethod
    def use(cls, data_keys: tuple[str, ...], phone_hash_key: str) -> None:
        """Newest data key first: it encrypts, all of them decrypt. The hash key stays, or no phone is found again."""
        cls._data = tuple((AESGCM(_of_its_own(key)), Fernet(key)) for key in data_keys)
        cls._hash = phone_hash_key.encode()

    @classmethod
    def encrypt(cls, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return SEALED + nonce + cls._known()[0][0].encrypt(nonce, plain, None)

    @classmethod
    def decrypt(cls, sealed: bytes) -> bytes:
        """Raises WrongSetting where no key opens it."""
        for key, of_before in cls._known():
            try:
                if sealed[:1] == SEALED:
                    return key.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], None)
                return of_before.decrypt(sealed)
            except (InvalidTag, InvalidToken, ValueError):
                continue
        raise WrongSetting("DATA_KEYS: none of the keys opens the stored data; add the key it was written with.")

    @classmethod
    def _known(cls) -> tuple[tuple[AESGCM, Fernet], ...]:
        if not cls._data:
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


def _of_its_own(key: str) -> bytes:
    """The key of one cipher must not be that of another, so each data key makes one for AES."""
    return hmac.digest(urlsafe_b64decode(key), b"aes-256-gcm", "sha256")


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
    """Text as encrypted bytes. What no key opens is an error, never an empty text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.encrypt(storable(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else Keys.decrypt(bytes(value)).decode()


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes, encrypted: sound that a caller left."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.decrypt(bytes(value))


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
