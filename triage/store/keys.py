"""The keys of one process: encryption at rest and keyed hashes."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from triage.errors import Unopened, WrongSetting

# The first byte of a ciphertext by AES-GCM; a Fernet token never begins with it.
AES_GCM_MARK = b"\x01"
NONCE_BYTES = 12


class Keys:
    """The keys of one process, kept on the class: column types are made at import, before any setting is read.

    Data is encrypted with AES-256-GCM, which takes a tenth of the time of a Fernet token; Fernet tokens written by
    earlier versions are still decrypted.
    """

    _ciphers: tuple[tuple[AESGCM, Fernet], ...] = ()
    _hash_key: bytes = b""

    @classmethod
    def use(cls, data_keys: tuple[str, ...], phone_hash_key: str) -> None:
        """Set the keys of this process.

        data_keys: urlsafe base64, 32 bytes each, the newest first: it encrypts, all of them decrypt. phone_hash_key
        must never change, or no phone is found again.
        """
        cls._ciphers = tuple((AESGCM(_aes_key(key)), Fernet(key)) for key in data_keys)
        cls._hash_key = phone_hash_key.encode()

    @classmethod
    def encrypt(cls, plain: bytes) -> bytes:
        """Encrypt with the newest key. Layout: the mark, the nonce, the ciphertext with its tag."""
        nonce = os.urandom(NONCE_BYTES)
        newest, _ = cls._ciphers_in_use()[0]
        return AES_GCM_MARK + nonce + newest.encrypt(nonce, plain, None)

    @classmethod
    def decrypt(cls, encrypted: bytes) -> bytes:
        """Decrypt with whichever key opens it. Raises Unopened where none does."""
        for aes_gcm, fernet in cls._ciphers_in_use():
            try:
                if encrypted[:1] == AES_GCM_MARK:
                    nonce, ciphertext = encrypted[1 : 1 + NONCE_BYTES], encrypted[1 + NONCE_BYTES :]
                    return aes_gcm.decrypt(nonce, ciphertext, None)
                return fernet.decrypt(encrypted)
            except (InvalidTag, InvalidToken, ValueError):
                continue
        raise Unopened("DATA_KEYS: none of the keys opens the stored data; add the key it was written with.")

    @classmethod
    def newest_opens(cls, encrypted: bytes) -> bool:
        """Tell whether the key that encrypts now opens this."""
        newest = cls._ciphers_in_use()[0][0]
        try:
            newest.decrypt(encrypted[1 : 1 + NONCE_BYTES], encrypted[1 + NONCE_BYTES :], None)
        except (InvalidTag, ValueError):
            return False
        return True

    @classmethod
    def _ciphers_in_use(cls) -> tuple[tuple[AESGCM, Fernet], ...]:
        if not cls._ciphers:
            raise WrongSetting("DATA_KEYS: no key is in use; call Keys.use() before the database is opened.")
        return cls._ciphers

    @classmethod
    def phone_hash(cls, phone: str) -> str:
        """Return the keyed hash by which an E.164 phone is found: hex, 64 characters."""
        return hmac.new(cls._hash_key, phone.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @classmethod
    def seal(cls, text: str) -> str:
        """Return a keyed hash of a text: hex, 64 characters. Its key is another than that of `phone_hash`."""
        key = hmac.new(cls._hash_key, b"seal", hashlib.sha256).digest()
        return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @classmethod
    def is_seal(cls, seal: str, text: str) -> bool:
        """Tell whether this is the seal of a text."""
        return hmac.compare_digest(seal.encode(), cls.seal(text).encode())


def _aes_key(key: str) -> bytes:
    """Derive the AES key from a data key, which is Fernet's: no two ciphers may share a key."""
    return hmac.digest(urlsafe_b64decode(key), b"aes-256-gcm", "sha256")


def storable(text: str) -> str:
    """Return text that both databases can store: without NUL (PostgreSQL refuses it) or lone surrogates (both do)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
