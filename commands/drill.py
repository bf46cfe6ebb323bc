"""`flask drill`: rehearsals. `outage`: what a person meets while this program is down, and what comes in afterwards."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import requests
from flask import current_app
from flask.cli import with_appcontext
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException

from commands import hosted_answers
from triage.runtime import Runtime
from triage.settings import ROOT
from triage.store import calls, messages
from webhooks.rest_client import rest_client

group = click.Group("drill", help="Rehearse what should never happen.")

# Where nobody listens: the port for discarded data, which nothing serves.
NOWHERE = "http://127.0.0.1:9/away"
PATIENT = "+16025550199"
TEXT = "This is a drill. Please call me back tomorrow at 10."
SPOKEN = "This is a drill. Please call me back."
TIMEOUT_S = 60
LOOK_S = 2.0


@group.command(
    "outage", help="On the local phone, turn the line away from this program and back; ends with 1 if a step fails."
)
@click.option("--wait", default=180, show_default=True, help="Seconds to wait until what was missed has come in.")
@with_appcontext
def outage(wait: int) -> None:
    runtime: Runtime = current_app.extensions["runtime"]
    act = _rehearse(runtime, wait) if runtime.environment.rehearsal else _by_hand(runtime)
    try:
        steps = list(_tell(act))
    except (TwilioException, RequestException) as fault:
        raise click.ClickException(
            f"The local phone does not answer ({type(fault).__name__}); is `make run` on?"
        ) from None
    except SQLAlchemyError as fault:
        raise click.ClickException(f"The database cannot be opened ({type(fault).__name__}).") from None
    if not all(step.is_ok for step in steps):
        raise SystemExit(1)


@dataclass(frozen=True)
class Step:
    """One thing that was looked at, and what was found."""

    what: str
    is_ok: bool
    found: str = ""


@dataclass(frozen=True)
class Missed:
    """What the provider kept while the program was away: SIDs of texts and calls."""

    texts: frozenset[str]
    calls: frozenset[str]

    def __str__(self) -> str:
        return f"{len(self.texts)} texts, {len(self.calls)} calls"


def _tell(steps: Iterator[Step]) -> Iterator[Step]:
    """Print each step as it comes."""
    for step in steps:
        mark = "ok    " if step.is_ok else "FAILED"
        click.echo(f"{mark}  {step.what}" + (f": {step.found}" if step.found else ""))
        yield step


# --- on the local phone


def _rehearse(runtime: Runtime, wait_s: int) -> Iterator[Step]:
    phone = runtime.environment.twilio_api_base_url
    began = datetime.now(UTC).replace(microsecond=0)
    with _turned_away(runtime):
        yield Step("the line asks nobody, as if the program were down", True)
        yield _text(phone)
        yield from _call(phone)
    yield Step("the line asks this program again", True)
    missed = _kept(runtime, began)
    yield Step("kept by the provider", bool(missed.texts and missed.calls), str(missed))
    fetched, took_s = _fetched(runtime, missed, wait_s)
    yield Step("fetched", fetched == missed, f"{fetched}, within {took_s:.0f} s")


@contextmanager
def _turned_away(runtime: Runtime) -> Iterator[None]:
    """Point the addresses of the clinic's number at nobody, with the hosted answers behind them; then put all back."""
    clinic, phone = runtime.clinic, runtime.environment.twilio_api_base_url
    (number,) = rest_client(runtime.environment).incoming_phone_numbers.list(phone_number=clinic.numbers[0])
    names = ("sms_url", "voice_url", "status_callback", "sms_fallback_url", "voice_fallback_url")
    before = {name: getattr(number, name) for name in names}
    number.update(
        sms_url=NOWHERE,
        voice_url=NOWHERE,
        status_callback=NOWHERE,
        sms_fallback_url=clinic.sms_fallback_url or f"{phone}/bins/text",
        voice_fallback_url=clinic.voice_fallback_url or f"{phone}/bins/voice",
    )
    try:
        yield
    finally:
        number.update(**before)


def _text(phone: str) -> Step:
    """Write to the clinic and read what comes back."""
    sent = _ask(phone, "texts", {"from": PATIENT, "body": TEXT, "wait": True})
    _ask(phone, "settled")
    people = _ask(phone, "state")["people"]
    thread = next(person["thread"] for person in people if person["phone"] == PATIENT)
    after = thread[[text["sid"] for text in thread].index(sent["sid"]) + 1 :]
    words = " ".join(text["body"] for text in after if not text["mine"])
    return Step("a text is answered with 988 and 911", hosted_answers.carries_help(words), words or "nothing came back")


def _call(phone: str) -> Iterator[Step]:
    """Call the clinic, listen, and leave a message."""
    call = _ask(phone, "calls", {"from": PATIENT})
    _ask(phone, "settled")
    call = _ask(phone, f"calls/{call['sid']}")
    words = " ".join(line["text"] for line in call["lines"] if line["kind"] == "say")
    yield Step("a call hears 988 and 911", hosted_answers.carries_help(words), words or "nothing was said")
    takes_message = (call["waits"] or {}).get("kind") == "record"
    if takes_message:
        _ask(phone, f"calls/{call['sid']}/record", {"said": SPOKEN, "seconds": 6, "hangs_up": True})
        _ask(phone, "settled")
    yield Step("the caller can leave a message", takes_message)


def _ask(phone: str, path: str, given: dict[str, Any] | None = None) -> Any:
    """Do what somebody with a phone does: post to the local phone where something is given, else look."""
    method = "GET" if given is None else "POST"
    answer = requests.request(method, f"{phone}/line/{path}", json=given, timeout=TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()


# --- what was missed


def _kept(runtime: Runtime, since: datetime) -> Missed:
    """Ask the provider for the texts and calls to the clinic's numbers since then (aware UTC, whole seconds)."""
    client = rest_client(runtime.environment)
    texts: set[str] = set()
    rung: set[str] = set()
    for number in runtime.clinic.numbers:
        listed = client.messages.list(to=number, date_sent_after=since)
        texts |= {str(one.sid) for one in listed if one.direction == "inbound" and one.date_created >= since}
        came = client.calls.list(to=number, start_time_after=since)
        rung |= {str(one.sid) for one in came if one.direction == "inbound" and one.date_created >= since}
    return Missed(frozenset(texts), frozenset(rung))


def _fetched(runtime: Runtime, missed: Missed, wait_s: int) -> tuple[Missed, float]:
    """Wait until all that was missed is in the database; what is there in the end, and after how many seconds."""
    began = time.monotonic()
    while (there := _there(runtime, missed)) != missed and time.monotonic() - began < wait_s:
        time.sleep(LOOK_S)
    return there, time.monotonic() - began


def _there(runtime: Runtime, missed: Missed) -> Missed:
    with runtime.db.read() as db:
        texts = {sid for sid in missed.texts if messages.stored_reply(db, f"in:{sid}") is not None}
        return Missed(frozenset(texts), frozenset(sid for sid in missed.calls if calls.by_sid(db, sid) is not None))


# --- on a real account


def _by_hand(runtime: Runtime) -> Iterator[Step]:
    """Look at what can be looked at from here, and tell what to do by hand: nobody's line is turned off from here."""
    clinic = runtime.clinic
    for kind, url in (("sms", clinic.sms_fallback_url), ("voice", clinic.voice_fallback_url)):
        trouble = hosted_answers.trouble_of(kind, url) if url else "there is none; `flask doctor` tells how to make it"
        yield Step(f"{kind}_fallback_url answers with 988 and 911", not trouble, trouble)
    number, words = clinic.numbers[0], hosted_answers.words_of(ROOT / "templates" / "hosted" / "text.xml")
    for place, step in enumerate(_INSTRUCTIONS, 1):
        click.echo(f"{place}. {step.format(number=number, words=words)}")


_INSTRUCTIONS = (
    "Stop the web process (not the database), at an hour at which few people write.",
    'Text {number} from your own phone. You should read: "{words}"',
    "Call {number}. You should hear 9 8 8 and 9 1 1 in English and Spanish. Leave a message after the tone.",
    "Start the web process. Within five minutes `flask queue` should show your text and your voicemail.",
    "If it does not, run `flask doctor`, and look for both in Twilio's logs: nothing is lost there.",
)
