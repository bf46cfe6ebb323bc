"""Proof that the keys are those of the data: a word under each key, opened at every start before anything is read."""

from sqlalchemy import Connection, LargeBinary, delete, func, insert, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import Unopened, WrongSetting
from triage.store.engine import NOT_KEPT, Database
from triage.store.keys import BOUND_MARK, Keys
from triage.store.tables import key_canaries, people

# What it holds tells the key of the hashes: by another one nobody is found again.
_WORD = "the keys are those of the data"

PLACE = "key_canaries.sealed"

# Where no canary is yet, so many of the newest persons are asked: one damaged row says nothing of the keys.
PERSONS_ASKED = 5

WRONG_DATA_KEYS = "DATA_KEYS: no key in it opens the data of DATABASE_URL; put back the keys it was written with."
WRONG_HASH_KEY = "PHONE_HASH_KEY: it is another than the data of DATABASE_URL was written with; put that one back."


def check(database: Database) -> None:
    """Raise WrongSetting, in one sentence, where the keys are not those of the data; leave a word for a new key.

    From the words it is also told whether values are bound to their places: not before `flask rekey` has said so, since
    older programs that run beside this one could not read them. Does nothing where the database is away or not
    migrated yet: `health` tells that.
    """
    try:
        with database.read() as db:
            sealed = _sealed(db)
            phones = select(type_coerce(people.c.phone, LargeBinary)).order_by(people.c.id.desc()).limit(PERSONS_ASKED)
            data = [] if sealed else [bytes(one) for one in db.scalars(phones) if one]
    except NOT_KEPT:
        return
    words = [_opened(one, PLACE) for one in sealed]
    if None in words or (data and not any(_opened(one, str(people.c.phone)) for one in data)):
        raise WrongSetting(WRONG_DATA_KEYS)
    if not all(Keys.is_seal((word or b"").decode(), _WORD) for word in words):
        raise WrongSetting(WRONG_HASH_KEY)
    Keys.bind_to_places(any(one[:1] == BOUND_MARK for one in sealed) if sealed else not data)
    if any(Keys.is_newest(one, PLACE) for one in sealed):
        return
    try:
        with database.write() as db:
            _leave(db)
    except (SQLAlchemyError, *NOT_KEPT):
        return  # the next start leaves it


def begin_anew(db: Connection) -> None:
    """Leave a word that is bound to its place: from now on, and at every start to come, so is all that is written."""
    Keys.bind_to_places(True)
    _leave(db)


def retire_old(db: Connection) -> None:
    """Delete the words of older keys, so that a start asks for those keys no more. The newest one stays."""
    newest = db.scalar(select(func.max(key_canaries.c.id)))
    db.execute(delete(key_canaries).where(key_canaries.c.id != newest))


def _leave(db: Connection) -> None:
    db.execute(insert(key_canaries).values(sealed=Keys.encrypt(Keys.seal(_WORD).encode(), PLACE)))


def _sealed(db: Connection) -> list[bytes]:
    return [bytes(one) for one in db.scalars(select(key_canaries.c.sealed))]


def _opened(sealed: bytes, place: str) -> bytes | None:
    try:
        return Keys.decrypt(sealed, place)
    except Unopened:
        return None
