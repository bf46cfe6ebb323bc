"""Proof that the keys are those of the data: a word under each key, opened at every start before anything is read."""

from sqlalchemy import LargeBinary, insert, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import Unopened, WrongSetting
from triage.store.engine import NOT_KEPT, Database
from triage.store.keys import Keys
from triage.store.tables import key_canaries, people

# What it holds tells the key of the hashes: by another one nobody is found again.
_WORD = "the keys are those of the data"

# Where no canary is yet, so many of the newest persons are asked: one damaged row says nothing of the keys.
PERSONS_ASKED = 5

WRONG_DATA_KEYS = "DATA_KEYS: no key in it opens the data of DATABASE_URL; put back the keys it was written with."
WRONG_HASH_KEY = "PHONE_HASH_KEY: it is another than the data of DATABASE_URL was written with; put that one back."


def check(database: Database) -> None:
    """Raise WrongSetting, in one sentence, where the keys are not those of the data; leave a word for a new key.

    Does nothing where the database is away or not migrated yet: `health` tells that.
    """
    try:
        with database.read() as db:
            sealed = [bytes(one) for one in db.scalars(select(key_canaries.c.sealed))]
            phones = select(type_coerce(people.c.phone, LargeBinary)).order_by(people.c.id.desc()).limit(PERSONS_ASKED)
            data = [] if sealed else [bytes(one) for one in db.scalars(phones)]
    except NOT_KEPT:
        return
    words = [_opened(one) for one in sealed]
    if None in words or (data and not any(map(_opened, data))):
        raise WrongSetting(WRONG_DATA_KEYS)
    word = Keys.seal(_WORD)
    if any(one != word.encode() for one in words):
        raise WrongSetting(WRONG_HASH_KEY)
    if any(map(Keys.newest_opens, sealed)):
        return
    try:
        with database.write() as db:
            db.execute(insert(key_canaries).values(sealed=Keys.encrypt(word.encode())))
    except (SQLAlchemyError, *NOT_KEPT):
        return  # the next start leaves it


def _opened(sealed: bytes) -> bytes | None:
    try:
        return Keys.decrypt(sealed)
    except Unopened:
        return None
