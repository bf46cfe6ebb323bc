"""Whatever happens to a text, neither its words nor its sender are in a log."""

import errno
import io
import json
import logging

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from tests.web.texting import SMS, STATUS, a_text, sid, texting
from triage import logs
from triage.intake import inbound_texts
from triage.store import messages
from webhooks import sms

NAME, NUMBER, WORDS = "Zebulon Quist", "+16025550187", "marzipan"
BODY = f"my name is {NAME}, call me tomorrow at noon about {WORDS}"


@pytest.fixture
def clinic(sqlite_database, monkeypatch):
    with texting(sqlite_database, monkeypatch) as clinic:
        yield clinic


@pytest.fixture
def logged(caplog, clinic):
    """All that is logged, as it would be written; called at the end of a test."""
    caplog.handler.setFormatter(logs.LibraryFormatter())
    with structlog.testing.capture_logs(processors=[logs.without_values]) as events:
        yield lambda: caplog.text + "".join(map(str, events))


def raises(fault):
    def act(*_args, **_kwargs):
        raise fault

    return act


def assert_private(written):
    assert not [word for word in (*NAME.split(), NUMBER, NUMBER[2:], WORDS, "noon") if word in written]


def a_fault():
    return ValueError(f"{NAME} {NUMBER} said {BODY}")


def no_database():
    return OperationalError("INSERT", {"body": BODY, "sender": NUMBER}, a_fault())


FAULTS = {
    "the rules": (inbound_texts, "respond", a_fault, 200, "rules_failed"),
    "the database": (messages, "keep", no_database, 503, "text_not_kept"),
    "the form": (sms, "_media", a_fault, 200, "webhook_failed"),
}


@pytest.mark.parametrize("where", FAULTS)
def test_a_fault_is_logged_with_where_it_happened_and_not_with_what_it_said(clinic, logged, monkeypatch, where):
    module, name, fault, status, says = FAULTS[where]
    monkeypatch.setattr(module, name, raises(fault()))
    assert clinic.post(a_text(body=BODY, sender=NUMBER)).status_code == status
    assert says in logged()
    assert_private(logged())


def test_what_goes_well_or_is_forged_tells_nothing_private(clinic, logged):
    for number, body in enumerate((BODY, "1", f"I want to die {WORDS}", "STOP")):
        assert clinic.post(a_text(number, body, NUMBER)).status_code == 200
    assert clinic.post(a_text(9, BODY, NUMBER), signature="x" * 28).status_code == 403
    assert clinic.post([("MessageSid", sid(1)), ("MessageStatus", WORDS), ("To", NUMBER)], STATUS).status_code == 204
    assert clinic.client.get(f"{SMS}?Body={WORDS}").status_code == 405
    assert "unsigned_webhook" in logged()
    assert_private(logged())


def test_a_library_s_traceback_is_its_places_only():
    try:
        raise a_fault()
    except ValueError as fault:
        fault_info = (ValueError, fault, fault.__traceback__)
        record = logging.LogRecord("lib", logging.ERROR, __file__, 1, "broken", (), fault_info)
    written = logs.LibraryFormatter().format(record)
    assert "ValueError at test_logs.py:" in written
    assert_private(written)


def test_whatever_is_logged_is_one_object_on_one_line():
    """ASVS 16.4.1: nobody writes a line of their own by what they send."""
    out = io.StringIO()
    log = structlog.wrap_logger(structlog.WriteLogger(out), processors=logs.PROCESSORS)
    log.warning("unsigned_webhook", path='/a\n{"event": "sign_in"}\r\u2028\x1b[2J')
    (line,) = out.getvalue().splitlines()
    assert json.loads(line)["path"].startswith("/a\n{")
    assert "\x1b" not in line


class FullDisk(io.StringIO):
    def write(self, _line):
        raise OSError(errno.ENOSPC, "no space left on device")


def test_a_log_that_takes_nothing_keeps_no_text_from_its_answer(clinic, monkeypatch):
    """A full disk often holds the log, too. Before, its error became a 500, and the safe turn was never reached."""
    factory = structlog.WriteLoggerFactory(file=logs.Unfailing(FullDisk()))
    monkeypatch.setattr(inbound_texts, "log", structlog.wrap_logger(factory()))
    monkeypatch.setattr(inbound_texts, "respond", raises(RuntimeError("a rule that throws")))
    answer = clinic.post(a_text())
    assert answer.status_code == 200
    assert "988" in answer.text
