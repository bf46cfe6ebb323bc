"""The machine's settings: environment variables, checked once; the secrets of the embedded default."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from triage.errors import WrongSetting
from triage.settings import ROOT, first_mistake


class Environment(BaseSettings):
    """The environment variables. Secrets are nowhere else; the embedded default keeps made ones in `instance/`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = ""
    public_base_url: str = "http://127.0.0.1:8000"
    twilio_account_sid: str = Field(pattern=r"^AC[0-9a-f]{32}$")
    twilio_auth_token: str = Field(min_length=8)
    twilio_auth_token_previous: str = ""
    twilio_api_key: str = ""
    twilio_api_secret: str = ""
    twilio_api_base_url: str = ""
    twilio_messaging_service_sid: str = Field(default="", pattern=r"^(MG[0-9a-f]{32})?$")
    clinic_file: Path = ROOT / "clinic.toml"
    secret_key: str = Field(min_length=32)
    data_keys: Annotated[tuple[str, ...], NoDecode] = Field(min_length=1)
    phone_hash_key: str = Field(min_length=32)
    # While the key of the hashes is changed: what was hashed with this one is found as well.
    phone_hash_key_other: str = Field(default="", pattern=r"^(.{32,})?$")
    port: int = Field(default=8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    # For nobody but this machine, with the local phone in Twilio's place: what a clinic may not put off, may wait here.
    rehearsal: bool = False
    # Monitoring from outside: an address that the clock asks every minute, and a word that opens /metrics to others.
    alive_url: str = ""
    metrics_token: str = ""
    # Where staff are told when texts do not go out: addresses of the package apprise, with passwords in them.
    alert_urls: Annotated[tuple[str, ...], NoDecode] = ()
    # Where the head of the audit trail is kept: a file that the database's owner cannot write, or an address.
    audit_head: str = Field(default="", pattern=r"^(/.+|https?://.+)?$")
    # The share of its length that each technical wait of the clock has: 1 but for rehearsals of failures.
    waits_scale: float = Field(default=1.0, ge=0.05, le=1.0)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", url):
            raise ValueError("write sqlite:///path/to/file.db or postgresql://user:password@host/name")
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)

    @field_validator("public_base_url", "twilio_api_base_url")
    @classmethod
    def _bare_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise ValueError("write an address such as https://line.example.org, without query or fragment")
        return url.rstrip("/")

    @field_validator("alert_urls", mode="before")
    @classmethod
    def _listed(cls, written: str | tuple[str, ...]) -> tuple[str, ...]:
        return tuple(u.strip() for u in written.split(",") if u.strip()) if isinstance(written, str) else written

    @field_validator("data_keys", mode="before")
    @classmethod
    def _fernet_keys(cls, written: str | tuple[str, ...]) -> tuple[str, ...]:
        keys = tuple(k.strip() for k in written.split(",") if k.strip()) if isinstance(written, str) else written
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                raise ValueError("write keys made by `flask new-key`, newest first, with commas between") from None
        return keys

    @model_validator(mode="after")
    def _key_and_secret(self) -> Self:
        if bool(self.twilio_api_key) != bool(self.twilio_api_secret):
            raise ValueError("TWILIO_API_KEY and TWILIO_API_SECRET go together: set both or neither")
        return self

    def misplaced(self) -> str:
        """Return what is wrong with where it is to run, in one sentence: empty where nothing is.

        A rehearsal is reached from this machine alone, and everything else over https, by the real Twilio.
        """
        is_local, is_stand_in = is_this_machine(self.public_base_url), is_this_machine(self.twilio_api_base_url)
        if not self.rehearsal:
            if not self.public_base_url.startswith("https://"):
                return (
                    "PUBLIC_BASE_URL: write the https address that Twilio reaches; only a rehearsal (REHEARSAL=1) goes "
                    "without."
                )
            if is_stand_in:
                return "TWILIO_API_BASE_URL: the local phone takes Twilio's place in a rehearsal only (REHEARSAL=1)."
            return ""
        if not is_local:
            return (
                "PUBLIC_BASE_URL: a rehearsal is for this machine alone; write http://127.0.0.1:8000 or end REHEARSAL."
            )
        if not is_this_machine(f"http://{self.host}"):
            return "HOST: a rehearsal is for this machine alone; write 127.0.0.1 or end REHEARSAL."
        if not is_stand_in:
            return "TWILIO_API_BASE_URL: a rehearsal calls nobody; write the local phone's, http://127.0.0.1:8001."
        return ""


def is_this_machine(url: str) -> bool:
    """Tell whether an address names the machine that it is used on."""
    try:
        return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def read_environment(instance: Path = ROOT / "instance") -> Environment:
    """Read the environment over what KEYS_FROM gives and `made.env` keeps. Raises WrongSetting with one sentence.

    Without DATABASE_URL this is the embedded default: SQLite in `instance/`, and every secret that is not given is made
    once and kept there, or in the folder of KEYS_FROM. Without TWILIO_ACCOUNT_SID that is a rehearsal, with the local
    phone in Twilio's place.
    """
    place = os.environ.get("KEYS_FROM", "")
    given = {name: value for name in Environment.model_fields if (value := os.environ.get(name.upper(), ""))}
    given = kept_elsewhere(place) | given
    if "database_url" not in given:
        folder = instance if not place or place.startswith(DESCRIPTOR) else Path(place)
        instance.mkdir(mode=0o700, exist_ok=True)
        made = _made_once(folder / "made.env", stand_in="twilio_account_sid" not in given)
        given = made | given | {"database_url": f"sqlite:///{instance / 'clinic.db'}"}
    try:
        environment = Environment.model_validate(given)
    except ValidationError as problem:
        raise WrongSetting(first_mistake(problem, "Environment", upper=True)) from None
    if wrong := environment.misplaced():
        raise WrongSetting(f"Environment: {wrong}")
    return environment


DESCRIPTOR = "fd:"


def kept_elsewhere(place: str) -> dict[str, str]:
    """Return the settings that KEYS_FROM names: a folder with a file for each (`DATA_KEYS`), or a descriptor ("fd:3")
    from which lines such as `DATA_KEYS=...` are read, once. Raises WrongSetting.
    """
    if not place:
        return {}
    try:
        if place.startswith(DESCRIPTOR):
            with os.fdopen(int(place.removeprefix(DESCRIPTOR)), "r", encoding="utf-8") as given:
                lines = dict(line.strip().split("=", 1) for line in given if "=" in line)
        else:
            files = [file for file in Path(place).iterdir() if file.name.lower() in Environment.model_fields]
            lines = {file.name: file.read_text("utf-8").strip() for file in files}
    except (OSError, ValueError) as fault:
        raise WrongSetting(
            f"KEYS_FROM: it cannot be read ({type(fault).__name__}); name a folder with a file for each key, or fd:3."
        ) from None
    return {name.lower(): value for name, value in lines.items() if name.lower() in Environment.model_fields and value}


def _made_once(path: Path, stand_in: bool) -> dict[str, Any]:
    """Return the secrets of the embedded default, made at the first start and read ever after."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        # Written aside and linked in: of two processes that start together one wins, and nobody reads half a file.
        aside = path.with_suffix(f".{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text("".join(f"{name}={value}\n" for name, value in _new_secrets().items()))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    lines = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    made = {name.lower(): value for name, value in lines}
    if stand_in:
        return made
    return {name: value for name, value in made.items() if not name.startswith(("twilio_", "rehearsal"))}


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATA_KEYS": Fernet.generate_key().decode(),
        "PHONE_HASH_KEY": secrets.token_urlsafe(48),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_BASE_URL": "http://127.0.0.1:8001",
        "REHEARSAL": "1",
    }
