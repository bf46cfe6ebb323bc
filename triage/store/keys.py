"""The keys of one process: encryption at rest and keyed hashes."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from triage.errors import Unopened, WrongSetting

# The first byte of a ciphertext by AES-GCM; a Fernet token never begins with one of them.
AES_GCM_MARK = b"\x01"
BOUND_MARK = b"\x02"  # bound to its place: it opens in its own table and column only
NONCE_BYTES = 12


class Keys:
    """The keys of one process, kept on the class: column types are made at import, before any setting is read.

    Data is encrypted with AES-256-GCM, which takes a tenth of the time of a Fernet token, and bound to its place.
    What earlier versions wrote, Fernet tokens and values without a place, is still decrypted.
    """

    _ciphers: tuple[tuple[AESGCM, Fernet], ...] = ()
    _hash_keys: tuple[bytes, ...] = (b"",)
    _binds = True

    @classmethod
    def use(cls, data_keys: tuple[str, ...], phone_hash_key: str, other_hash_key: str = "") -> None:
        """Set the keys of this process.

        data_keys: urlsafe base64, 32 bytes each, the newest first: it encrypts, all of them decrypt. phone_hash_key
        hashes what is written; what was hashed with the other one is found as well.
        """
        cls._ciphers = tuple((AESGCM(_aes_key(key)), Fernet(key)) for key in data_keys)
        cls._hash_keys = tuple(dict.fromkeys(key.encode() for key in (phone_hash_key, other_hash_key) if key))
        cls._binds = True

    @classmethod
    def bind_to_places(cls, binds: bool) -> None:
        """Say whether what is written is bound to its place: not while programs run that cannot read it so."""
        cls._binds = binds

    @classmethod
    def encrypt(cls, plain: bytes, place: str = "") -> bytes:
        """Encrypt with the newest key. Layout: the mark, the nonce, the ciphertext with its tag.

        place: the table and column, "people.name". Without it the value opens anywhere.
        """
        nonce = os.urandom(NONCE_BYTES)
        newest, _ = cls._ciphers_in_use()[0]
        if place and cls._binds:
            return BOUND_MARK + nonce + newest.encrypt(nonce, plain, place.encode())
        return AES_GCM_MARK + nonce + newest.encrypt(nonce, plain, None)

    @classmethod
    def decrypt(cls, encrypted: bytes, *places: str) -> bytes:
        """Decrypt with whichever key opens it, at one of these places. Raises Unopened where none does."""
        mark, nonce, sealed = _parts(encrypted)
        bound_to = [place.encode() for place in places] if mark == BOUND_MARK else [None]
        for aes_gcm, fernet in cls._ciphers_in_use():
            if mark not in (AES_GCM_MARK, BOUND_MARK):
                try:
                    return fernet.decrypt(encrypted)
                except (InvalidToken, ValueError):
                    continue
            for place in bound_to:
                try:
                    return aes_gcm.decrypt(nonce, sealed, place)
                except (InvalidTag, ValueError):
                    continue
        raise Unopened("DATA_KEYS: none of the keys opens the stored data; add the key it was written with.")

    @classmethod
    def is_newest(cls, encrypted: bytes, place: str) -> bool:
        """Tell whether this is written as it would be now: with the key that encrypts, and bound to its place."""
        mark, nonce, sealed = _parts(encrypted)
        if mark != (BOUND_MARK if place and cls._binds else AES_GCM_MARK):
            return False
        try:
            cls._ciphers_in_use()[0][0].decrypt(nonce, sealed, place.encode() if mark == BOUND_MARK else None)
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
        """Return the keyed hash under which an E.164 phone is kept: hex, 64 characters."""
        return cls.phone_hashes(phone)[0]

    @classmethod
    def phone_hashes(cls, phone: str) -> tuple[str, ...]:
        """Return the hashes under which a phone may be kept, one or two; that of `phone_hash` first."""
        return tuple(_hashed(key, phone) for key in cls._hash_keys)

    @classmethod
    def either_hash(cls, phone: str) -> dict[str, str]:
        """Return the hashes of a phone as the two values of a statement that is compiled once."""
        known = cls.phone_hashes(phone)
        return {"hash": known[0], "other": known[-1]}

    @classmethod
    def seal(cls, text: str) -> str:
        """Return a keyed hash of a text: hex, 64 characters. Its key is another than that of `phone_hash`."""
        return _hashed(_key_for(b"seal", cls._hash_keys[0]), text)

    @classmethod
    def is_seal(cls, seal: str, text: str) -> bool:
        """Tell whether this is the seal of a text, by any of the keys."""
        return any(hmac.compare_digest(seal, _hashed(_key_for(b"seal", key), text)) for key in cls._hash_keys)


def _parts(encrypted: bytes) -> tuple[bytes, bytes, bytes]:
    return encrypted[:1], encrypted[1 : 1 + NONCE_BYTES], encrypted[1 + NONCE_BYTES :]


def _hashed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _key_for(purpose: bytes, key: bytes) -> bytes:
    """Derive the key of a purpose, so that the same text hashed for two of them gives two hashes."""
    return hmac.new(key, purpose, hashlib.sha256).digest()


def _aes_key(key: str) -> bytes:
    """Derive the AES key from a data key, which is Fernet's: no two ciphers may share a key."""
    return hmac.digest(urlsafe_b64decode(key), b"aes-256-gcm", "sha256")


def storable(text: str) -> str:
    """Return text that both databases can store: without NUL (PostgreSQL refuses it) or lone surrogates (both do)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
