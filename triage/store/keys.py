"""The keys of one process: encryption at rest and keyed hashes."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
        """Set the keys of this process. The newest data key comes first: it encrypts, all of them decrypt. The
        hash key must stay the same, or no phone is found again.
        """
        cls._data = tuple((AESGCM(_of_its_own(key)), Fernet(key)) for key in data_keys)
        cls._hash = phone_hash_key.encode()

    @classmethod
    def encrypt(cls, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return SEALED + nonce + cls._known()[0][0].encrypt(nonce, plain, None)

    @classmethod
    def decrypt(cls, sealed: bytes) -> bytes:
        """Decrypt with whichever key opens it. Raises WrongSetting where none does."""
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
        """Return the keyed hash by which an E.164 phone is found: hex, 64 characters."""
        return hmac.new(cls._hash, phone.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @classmethod
    def seal(cls, text: str) -> str:
        """Return a keyed hash that only this program can make, and that is never that of a phone: hex, 64
        characters.
        """
        key = hmac.new(cls._hash, b"seal", hashlib.sha256).digest()
        return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _of_its_own(key: str) -> bytes:
    """Derive the key of one cipher from a data key: no two ciphers may share a key."""
    return hmac.digest(urlsafe_b64decode(key), b"aes-256-gcm", "sha256")


def storable(text: str) -> str:
    """Return text that both databases take: PostgreSQL refuses NUL, both refuse lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
