"""The product's own processes, web and clock, on free ports and a database of their own, beside the local phone."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import psutil
from cryptography.fernet import Fernet
from twilio.request_validator import RequestValidator

from tests.phone_line import ACCOUNT, CLINIC, TOKEN, Listener, RunningPhone, running_phone
from triage.model.member import Role
from triage.runtime import utc_now
from triage.settings import Clinic, read_clinic
from triage.store import members
from triage.store.engine import Database
from triage.store.keys import Keys

ROOT = Path(__file__).parents[2]
CLINIC_FILE = Path(__file__).with_name("clinic.toml")
STAFF = {"front": "+16025550161", "lead": "+16025550162"}
PATIENCE_S = 30.0


def wait_until(holds: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Look again and again, for a bounded time. Fails with `what` was waited for."""
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends, f"waited in vain: {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Posted:
    """One text as Twilio would post it, as often as it is answered with a fault."""

    sid: str
    sender: str
    body: str


@dataclass
class Running:
    """What is running. `phone` stands in for Twilio; what the processes say goes to `log`."""

    database: Database
    phone: RunningPhone
    clinic: Clinic
    port: int
    environment: dict[str, str]
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_web(self, *options: str) -> subprocess.Popen[bytes]:
        """Start gunicorn as in production, or with other options than its configuration has."""
        web = self._start("-m", "gunicorn", "--log-level", "warning", *options, "app:create_app()")
        wait_until(lambda: self._ask("GET", "/health/live")[0] == 200, "the web process answers")
        return web

    def start_clock(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a clock, by another command where it is to be started in a special way, and wait until it runs."""
        started = self.begin_clock(*command)
        wait_until(lambda: f'"pid": {started.pid}' in self.said(), "the clock has started")
        return started

    def begin_clock(self, *command: str) -> subprocess.Popen[bytes]:
        return self._start(*(command or ("clock.py",)))

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def workers(self, web: subprocess.Popen[bytes]) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()]

    def post(self, text: Posted) -> tuple[int, bytes]:
        """Deliver a text once; (0, b"") where the line broke before an answer."""
        form = {"MessageSid": text.sid, "From": text.sender, "To": CLINIC, "Body": text.body, "NumMedia": "0"}
        return self.post_form("/webhooks/sms", form)

    def post_form(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Post a webhook, signed; (0, b"") where the line broke before an answer."""
        url = self.environment["PUBLIC_BASE_URL"] + path
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
        }
        return self._ask("POST", path, urlencode(form), headers)

    def deliver(self, text: Posted) -> bytes:
        """Post until it is answered, as with `#rc` in the webhook's address."""
        ends = time.monotonic() + PATIENCE_S
        while True:
            status, answer = self.post(text)
            if status == 200:
                return answer
            assert status in (0, 503), f"{text.sid}: {status}"
            assert time.monotonic() < ends, f"{text.sid} was never answered"
            time.sleep(0.1)

    def _ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()

    def ended(self) -> int:
        """How many of the processes that were started are no more."""
        return sum(process.poll() is not None for process in self.processes)

    def alerts(self) -> Counter[str]:
        """What reached the phones of staff, and how often."""
        self.phone.settle()
        return Counter(text["body"] for phone in STAFF.values() for text in self.phone.thread(phone))

    def stop(self) -> list[int]:
        """Ask every process to end; their exit codes."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(PATIENCE_S) for process in self.processes]

    def kill_all(self) -> None:
        """Kill every process with its workers: those that a killed master leaves behind still hold its port."""
        for process in self.processes:
            left = []
            with contextlib.suppress(psutil.NoSuchProcess):
                left = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
            for worker in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()
                    worker.wait()


@contextmanager
def running(
    database: Database, folder: Path, listener: Listener | None = None, hang_s: float = 2.0, **settings: str
) -> Iterator[Running]:
    """A phone and an environment; web and clock are started by the test and ended here whatever happens.

    listener, hang_s: of the phone. settings: environment variables of the processes.
    """
    port = _free_port()
    with running_phone(f"http://127.0.0.1:{port}", listener, hang_s=hang_s) as phone:
        environment = _environment(database, port, phone.url) | settings
        Keys.use((environment["DATA_KEYS"],), environment["PHONE_HASH_KEY"])
        with database.write() as db:
            for login, number in STAFF.items():
                members.confirm_phone(
                    db, members.add(db, login, login, Role.FRONT_DESK, "no hash", number, utc_now()), utc_now()
                )
        here = Running(database, phone, read_clinic(CLINIC_FILE), port, environment, folder / "said.txt")
        here.log.touch()
        try:
            yield here
        finally:
            here.kill_all()


def _environment(database: Database, port: int, phone_url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_BASE_URL": phone_url,
        "REHEARSAL": "1",
        "CLINIC_FILE": str(CLINIC_FILE),
        "SECRET_KEY": "a secret that only the tests use, long enough",
        "DATA_KEYS": Fernet.generate_key().decode(),
        "PHONE_HASH_KEY": "a key for hashes that only the tests use",
        # Processes are proved here, not meanings; without the encoder they start and answer at once.
        "TRIAGE_ENCODER": "ngrams",
        # What a killed clock held is taken up after six seconds instead of sixty.
        "WAITS_SCALE": "0.1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
