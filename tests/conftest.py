"""What all tests share: a database of their own, made new for each test."""

import pytest
from cryptography.fernet import Fernet

from triage.store.engine import Database
from triage.store.tables import metadata
from triage.store.types import Keys


@pytest.fixture
def database(tmp_path):
    Keys.use((Fernet.generate_key().decode(),), "a key for hashes that only the tests use")
    database = Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    with database.write() as db:
        metadata.create_all(db)
    yield database
    database.close()
