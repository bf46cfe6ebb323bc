"""`flask doctor`: what is wrong with this installation, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from flask import current_app
from flask.cli import with_appcontext
from pysqlite3 import dbapi2 as sqlite
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException

from commands import audit, hosted_answers, slow_connections
from triage import migrations, understanding
from triage.errors import HeadNotRead
from triage.migrations import ADVICE
from triage.policy import STAFF_LANG
from triage.runtime import Runtime
from triage.store import database_home, members, unreadable
from triage.team import accounts
from webhooks.apprise_channel import AppriseChannel
from webhooks.rest_client import TRY_AGAIN, rest_client


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice`: what to do, empty where all is well. A warning does not fail the check."""

    what: str
    advice: str = ""
    warning: bool = False

    @property
    def mark(self) -> str:
        return "ok  " if not self.advice else "warn" if self.warning else "FAIL"


@click.command("doctor", help="Check settings, database, staff and the numbers at Twilio; say what to fix.")
@click.option("--fix", is_flag=True, help="Set the numbers' addresses at Twilio to this installation.")
@click.option("--try-alerts", is_flag=True, help="Send a message to each address of ALERT_URLS, and nothing else.")
@with_appcontext
def command(fix: bool, try_alerts: bool) -> None:
    runtime: Runtime = current_app.extensions["runtime"]
    failed = False
    if try_alerts:
        told = [_tell(finding) for finding in _tried(runtime)]
        raise SystemExit(1 if any(told) else 0)
    for check in (_settings, _outside, _database, _line_to_database, _stored, _trail, _staff, _model):
        for finding in check(runtime):
            failed |= _tell(finding)
    for look in (_numbers, _service):
        for finding in look(runtime, fix):
            failed |= _tell(finding)
    if failed:
        raise SystemExit(1)


def _tell(finding: Finding) -> bool:
    click.echo(f"{finding.mark}  {finding.what}" + (f": {finding.advice}" if finding.advice else ""))
    return bool(finding.advice) and not finding.warning


def _settings(runtime: Runtime) -> Iterator[Finding]:
    missing = runtime.clinic.hours_without_crisis_contact()
    advice = f"{len(missing)} hours, first {missing[0]}; add a block under [[crisis_contacts]]" if missing else ""
    yield Finding("every hour of the week has a crisis contact", advice)
    if not runtime.environment.rehearsal:
        yield _buffered(runtime.environment.public_base_url)
        yield from _hosted("sms", "text", runtime.clinic.sms_fallback_url)
        yield from _hosted("voice", "voice", runtime.clinic.voice_fallback_url)


def _buffered(base_url: str) -> Finding:
    """Find a deployment in which slow connections hold what answers patients."""
    advice = slow_connections.trouble_of(base_url)
    if advice:
        advice += "; run `web` as in Procfile, with gunicorn.conf.py, or put a proxy that buffers requests before it"
    return Finding(f"{base_url} answers, with slow connections beside it too", advice)


def _hosted(kind: str, name: str, url: str) -> Iterator[Finding]:
    """Look at the answer that Twilio gives while this program is down."""
    paste = f"paste templates/hosted/{name}.xml into a TwiML Bin and put its address into {kind}_fallback_url"
    trouble = hosted_answers.trouble_of(kind, url) if url else "there is none"
    advice = f"{trouble}; {paste} of the clinic's file" if trouble else ""
    yield Finding(f"a {name} hosted by Twilio answers when this program is down", advice, warning=True)


NO_CHANNEL = "set ALERT_URLS: when the provider takes no texts, nobody is told of a crisis otherwise"


def _outside(runtime: Runtime) -> Iterator[Finding]:
    advice = "" if runtime.environment.alert_urls or runtime.environment.rehearsal else NO_CHANNEL
    yield Finding("alerts have another way out than texts", advice, warning=True)


def _tried(runtime: Runtime) -> Iterator[Finding]:
    """Send a message to each address. They hold passwords, so each is named by its place in the list."""
    values = {"sender": runtime.clinic.sender_name, "link": f"{runtime.environment.public_base_url}/staff/"}
    title, body = (runtime.words.say(f"staff/outside/{key}", STAFF_LANG, values) for key in ("trial_title", "trial"))
    told = AppriseChannel(runtime.environment).tell_each(title, body)
    if not told:
        yield Finding("alerts have another way out than texts", NO_CHANNEL)
    for number, took in told.items():
        advice = "" if took else "it did not: check how it is written, its password, and whether it can be reached"
        yield Finding(f"address {number} of ALERT_URLS takes a message", advice)


def _database(runtime: Runtime) -> Iterator[Finding]:
    name = f"SQLite {sqlite.sqlite_version}" if runtime.db.is_sqlite else "PostgreSQL"
    try:
        standing = migrations.standing(runtime.db)
        finding = Finding(f"the database is up to date ({name})", ADVICE.get(standing, ""), warning=standing.works)
    except SQLAlchemyError as fault:
        finding = Finding(f"the database can be opened ({name})", f"{type(fault).__name__}; check DATABASE_URL")
    yield finding


def _stored(runtime: Runtime) -> Iterator[Finding]:
    """Look for what no key opens. That the keys are wrong altogether stops this program before it comes here."""
    try:
        with runtime.db.read() as db:
            places = unreadable.counts(db)
    except SQLAlchemyError:
        return
    found = ", ".join(f"{count} in {place}" for place, count in sorted(places.items()))
    advice = f"{found}; damaged values are kept in set_aside: look at the disk, and into a backup" if found else ""
    yield Finding("all that is stored can be read", advice, warning=True)


LOCAL = ("", "localhost", "127.0.0.1", "::1")


def _line_to_database(runtime: Runtime) -> Iterator[Finding]:
    """Look whether what goes to a PostgreSQL on another machine can be read on the way."""
    if runtime.db.is_sqlite:
        return
    url = runtime.db.url
    host = str(url.host or url.query.get("host", ""))
    try:
        with runtime.db.read() as db:
            is_safe = database_home.line_is_encrypted(db)
    except SQLAlchemyError:
        return
    is_local = host in LOCAL or host.startswith("/")
    advice = "" if is_safe or is_local else "it is not: add ?sslmode=verify-full to DATABASE_URL"
    yield Finding("the line to PostgreSQL is encrypted, or stays on this machine", advice)


NO_HEAD = "set AUDIT_HEAD to a file on another machine's disk, or an address: a trail that is cut off looks whole"


def _trail(runtime: Runtime) -> Iterator[Finding]:
    """Verify the audit trail, against the head that is kept elsewhere where there is one."""
    if not runtime.environment.audit_head and not runtime.environment.rehearsal:
        yield Finding("the head of the audit trail is kept elsewhere", NO_HEAD, warning=True)
    try:
        verdict = audit.verdict_of(runtime)
    except SQLAlchemyError:
        return
    except HeadNotRead as fault:
        yield Finding("the head of the audit trail can be compared", f"AUDIT_HEAD: {fault}")
        return
    yield Finding("the audit trail is whole", audit.sentence(verdict) if verdict.broken else "")


def _staff(runtime: Runtime) -> Iterator[Finding]:
    try:
        with runtime.db.read() as db:
            known = {member.login: member for member in members.with_logins(db, runtime.clinic.logins())}
            bare = ", ".join(accounts.without_second_step(db))
    except SQLAlchemyError:
        return
    advice = f"{bare}: they set it up when they sign in next" if bare else ""
    yield Finding("everybody with a password of their own has a second step", advice, warning=True)
    for login in sorted(runtime.clinic.logins()):
        member = known.get(login)
        if member is None:
            advice = f"add them with `flask staff add {login}` or take them out of the clinic's file"
        elif member.phone is None or member.phone_confirmed_at is None:
            advice = "their phone is not confirmed, so no alert reaches them; they reply with the code that was texted"
        elif member.alerts_refused is not None:
            advice = f"an alert did not reach their phone ({member.alerts_refused}); give them another, or see why"
        else:
            advice = ""
        yield Finding(f"{login}, named in the clinic's file, can be alerted", advice)


def _model(_line: Runtime) -> Iterator[Finding]:
    encoder = understanding.understand("is everything in place").encoder
    advice = "the sentence encoder could not be loaded; the plain one answers less" if encoder != "e5" else ""
    yield Finding(f"messages are understood with the encoder {encoder}", advice, warning=True)


METHODS = dict.fromkeys(
    ("sms_method", "sms_fallback_method", "voice_method", "voice_fallback_method", "status_callback_method"), "POST"
)


def _addresses(runtime: Runtime) -> dict[str, str]:
    """Return what each number should be set to at Twilio: where texts, calls and the ends of calls are posted."""
    base = runtime.environment.public_base_url
    return {
        "sms_url": f"{base}/webhooks/sms{TRY_AGAIN}",
        "sms_fallback_url": runtime.clinic.sms_fallback_url or f"{base}/webhooks/sms/fallback{TRY_AGAIN}",
        "voice_url": f"{base}/webhooks/voice{TRY_AGAIN}",
        "voice_fallback_url": runtime.clinic.voice_fallback_url or f"{base}/webhooks/voice/fallback{TRY_AGAIN}",
        "status_callback": f"{base}/webhooks/voice/status{TRY_AGAIN}",
    }


def _numbers(runtime: Runtime, fix: bool) -> Iterator[Finding]:
    wanted = _addresses(runtime)
    try:
        owned = {n.phone_number: n for n in rest_client(runtime.environment).incoming_phone_numbers.list(limit=200)}
    except (TwilioException, RequestException) as fault:
        yield Finding("Twilio answers", f"it did not ({type(fault).__name__}); check TWILIO_ACCOUNT_SID and its token")
        return
    for number in runtime.clinic.numbers:
        found = owned.get(number)
        if found is None:
            yield Finding(
                f"{number} is a number of this account", "buy it there or correct numbers in the clinic's file"
            )
            continue
        wrong = {name: url for name, url in wanted.items() if getattr(found, name) != url}
        if wrong and fix:
            found.update(**wrong, **METHODS)
            click.echo(f"set   {number}: {', '.join(sorted(wrong))}")
            wrong = {}
        for name, url in wanted.items():
            advice = "run `flask doctor --fix`" if name in wrong else ""
            yield Finding(f"{number} {name} is {url}", advice)


# What a service must do with its numbers: else texts go to an address of its own, or a talk changes its number.
SERVICE = {
    "use_inbound_webhook_on_number": "hands texts to the addresses of its numbers",
    "sticky_sender": "keeps to one number for each person",
}


def _service(runtime: Runtime, fix: bool) -> Iterator[Finding]:
    """Look at the Messaging Service that sends our texts, if there is one."""
    sid = runtime.environment.twilio_messaging_service_sid
    if not sid:
        return
    resource = rest_client(runtime.environment).messaging.v1.services(sid)
    try:
        service, held = resource.fetch(), {one.phone_number for one in resource.phone_numbers.list(limit=400)}
    except (TwilioException, RequestException) as fault:
        advice = f"it was not found ({type(fault).__name__}); check TWILIO_MESSAGING_SERVICE_SID"
        yield Finding(f"{sid} is a Messaging Service of this account", advice)
        return
    wrong = [name for name in SERVICE if not getattr(service, name)]
    if wrong and fix:
        resource.update(**dict.fromkeys(wrong, True))
        click.echo(f"set   {sid}: {', '.join(wrong)}")
        wrong = []
    for name, what in SERVICE.items():
        yield Finding(f"{sid} {what}", "run `flask doctor --fix`" if name in wrong else "")
    for number in runtime.clinic.numbers:
        advice = "" if number in held else "add it to the sender pool of the service, or texts come from another number"
        yield Finding(f"{number} is in {sid}", advice)
