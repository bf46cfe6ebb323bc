"""What every part of one process shares; made by `create_app` and by the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from triage.conversation.answer_reviews import read_register
from triage.environment import Environment
from triage.intake.inbound_texts import Intake
from triage.ports import Words
from triage.settings import ROOT, Clinic
from triage.store.engine import Database
from triage.store.keys import Keys


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """`now` gives aware UTC; tests and rehearsals move it. `ending` is set when the process has been asked to end: what
    is under way is finished, and nothing new is begun.
    """

    environment: Environment
    clinic: Clinic
    db: Database
    words: Words
    intake: Intake
    now: Callable[[], datetime]
    ending: Event = field(default_factory=Event)


def open_runtime(
    environment: Environment, clinic: Clinic, words: Words, now: Callable[[], datetime] = utc_now
) -> Runtime:
    """Open the shared parts, with this environment's keys in use and its database ready to be opened."""
    Keys.use(environment.data_keys, environment.phone_hash_key, environment.phone_hash_key_other)
    database = Database(environment.database_url)
    intake = Intake(database, clinic, words, read_register(ROOT / "templates" / "answers.toml"))
    return Runtime(environment, clinic, database, words, intake, now)
