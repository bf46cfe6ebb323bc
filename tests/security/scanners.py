"""The scanners of others, where they are installed, each for a bounded time, against a line with open requests."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask

from app import create_app
from tests.processes.running import Posted, Running, wait_until
from tests.security.routes import openapi
from triage.environment import Environment
from triage.model.member import Role
from triage.runtime import utc_now
from triage.store import members

# What each may take by its own clock, and for how long it is waited beyond that before it counts as a finding.
SCHEMATHESIS_S, WAPITI_S, WAPITI_MODULE_S, SQLMAP_S = 240, 180, 40, 90
GRACE_S, BUSY_S = 300, 120

# Requests to scan with: each of these makes one.
SAID = ("I want to kill myself", "please call me tomorrow at 3, Dana Whitfield", "i took all my pills")

# Of wapiti only what asks nobody but us: `ssrf` and its like need a host outside that listens.
WAPITI_MODULES = "exec,file,sql,xss,permanentxss,redirect,crlf,csp,http_headers,cookieflags"
# Only over https can these be met; tests/web/test_security.py holds them there.
OVER_HTTP = ("Secure Flag cookie", "HTTP Strict Transport Security (HSTS)", "Unencrypted Channels")
# What would end the session with which the rest is asked; a crawler is kept from more, for it follows each link.
SIGNS_OUT = "^/staff/(sign-out|lock|account/password)$"
ENDING = ("/staff/sign-out", "/staff/lock", "/staff/account/*", "/staff/members/*", "/staff/second-step*")


@dataclass(frozen=True)
class Scan:
    """What every scanner is given."""

    program: str
    line: Running
    folder: Path
    cookie: str
    csrf: str

    @property
    def base(self) -> str:
        return self.line.environment["PUBLIC_BASE_URL"]


def scan(line: Running, folder: Path, only: list[str]) -> Iterator[str]:
    """Run each scanner that is wanted and there, and yield what it found; print what it covered."""
    wanted = [name for name in SCANNERS if name in only]
    if wanted:
        clock = line.begin_clock()  # or health tells, with a 503, that reminders do not run
        wait_until(lambda: f'"pid": {clock.pid}' in line.said(), "the clock has started", BUSY_S)
    for number, said in enumerate(SAID if wanted else ()):
        line.deliver(Posted(f"SMscan{number}", f"+1602555014{number}", said))
    for name in wanted:
        program = _found(name)
        if program is None:
            print(f"{name}: not installed, skipped", flush=True)
            continue
        given = Scan(program, line, folder, *_signed_in(line))
        try:
            found = list(SCANNERS[name](given))
        except subprocess.TimeoutExpired as late:
            found = [f"{name}: it did not end in {late.timeout:.0f} s"]
        if not _is_in(given):
            found.append(f"{name}: its session has ended before it, so that it saw the sign-in page alone")
        print(f"{name}: {len(found)} findings", flush=True)
        yield from found


def _found(name: str) -> str | None:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def _signed_in(line: Running) -> tuple[str, str]:
    now = utc_now()
    with line.database.write() as db:
        known = members.by_login(db, "boss")
        boss = known.id if known else members.add(db, "boss", "Boss", Role.ADMIN, "no hash", None, now)
        members.set_password(db, boss, "no hash")
        return members.start_session(db, boss, now, line.clinic.console.session_life, second_step=True)


def _is_in(given: Scan) -> bool:
    """Tell whether the session still opens the queue: a locked page holds no search."""
    connection = HTTPConnection("127.0.0.1", given.line.port, timeout=20)
    try:
        connection.request("GET", "/staff/", headers={"Cookie": f"session={given.cookie}"})
        answer = connection.getresponse()
        return answer.status == 200 and b'action="/staff/search"' in answer.read()
    finally:
        connection.close()


def _run(given: Scan, seconds: float, *options: str, **more: str) -> str:
    """Run a scanner where whatever it leaves behind goes away with the folder, and return what it said."""
    done = subprocess.run(
        (given.program, *options), cwd=given.folder, env=os.environ | more, timeout=seconds + GRACE_S,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    return done.stdout + done.stderr


# --- schemathesis: every route of the program's own map


def _schemathesis(given: Scan) -> Iterator[str]:
    described = given.folder / "routes.json"
    described.write_text(json.dumps(openapi(_app(given.line), given.base)))
    environment = {
        "SCHEMATHESIS_HOOKS": "tests.security.scanner_hooks",
        "PUBLIC_BASE_URL": given.base,
        "TWILIO_AUTH_TOKEN": given.line.environment["TWILIO_AUTH_TOKEN"],
        "STAFF_SESSION": given.cookie,
        "STAFF_CSRF": given.csrf,
        "PYTHONPATH": os.getcwd(),
    }
    said = _run(
        given, SCHEMATHESIS_S, "run", str(described), "--url", given.base, "--checks", "not_a_server_error",
        "--phases", "coverage,fuzzing", "--max-time", str(SCHEMATHESIS_S), "--suppress-health-check", "all",
        "--exclude-path-regex", SIGNS_OUT, "--continue-on-failure", "--warnings", "off", "--no-color",
        **environment,
    )  # fmt: skip
    if "Server error" in said or " failed" in said:
        yield f"schemathesis: a server error\n{said[-4000:]}"
    told = [
        re.search(pattern, said)
        for pattern in (r"Selected: (\d+)", r"Tested: (\d+)", r"Test cases:\s+([\d,]+) generated")
    ]
    if not all(told):
        yield f"schemathesis: it did not run\n{said[-2000:]}"
        return
    selected, tested, cases = (found[1] for found in told if found)
    print(f"schemathesis: {tested} of {selected} routes, {cases} requests")
    if selected != tested:
        yield f"schemathesis: it has not reached {int(selected) - int(tested)} routes\n{said[-4000:]}"


def _app(line: Running) -> Flask:
    given = {
        name.lower(): value for name, value in line.environment.items() if name.lower() in Environment.model_fields
    }
    return create_app(Environment.model_validate(given), line.clinic)


# --- wapiti: what a crawler finds from the queue on


def _wapiti(given: Scan) -> Iterator[str]:
    report = given.folder / "wapiti.json"
    left_out = [part for path in ENDING for part in ("-x", given.base + path)]
    said = _run(
        given, WAPITI_S + WAPITI_MODULE_S * len(WAPITI_MODULES.split(",")), "-u", f"{given.base}/staff/",
        "--scope", "domain", "-f", "json", "-o", str(report), "-H", f"Cookie: session={given.cookie}", "-m",
        WAPITI_MODULES, "-d", "3", "--max-scan-time", str(WAPITI_S), "--max-attack-time", str(WAPITI_MODULE_S),
        "--flush-session", "--no-bugreport", "--store-session", str(given.folder / "wapiti"), *left_out,
    )  # fmt: skip
    if not report.exists():
        yield f"wapiti: it gave no report\n{said[-2000:]}"
        return
    told = json.loads(report.read_text())
    print(f"wapiti: {told['infos'].get('crawled_pages_nbr', 0)} pages, modules {WAPITI_MODULES}")
    for kind, found in (told["vulnerabilities"] | told["anomalies"]).items():
        for one in found:
            if kind not in OVER_HTTP:
                yield f"wapiti: {kind}: {one.get('method')} {one.get('path')}: {one.get('info')}"


# --- sqlmap: where words of others come near to SQL


def _sqlmap(given: Scan) -> Iterator[str]:
    base, csrf = given.base, given.csrf
    for address, data in (
        (f"{base}/staff/?show=1&who=mine&topic=tms", ""),
        (f"{base}/staff/trail?request=1&before=9", ""),
        (f"{base}/staff/search", f"csrf={csrf}&q=dana&below=9"),
        (f"{base}/staff/requests/1/correct", f"csrf={csrf}&name=Dana&topic=tms&priority=crisis"),
    ):
        form = ("--data", data) if data else ()
        said = _run(
            given, SQLMAP_S, "-u", address, *form, "--cookie", f"session={given.cookie}", "--batch", "--level", "1",
            "--risk", "1", "--technique", "BEU", "--smart", "--time-limit", str(SQLMAP_S), "--timeout", "10",
            "--retries", "0", "--skip", "csrf", "--output-dir", str(given.folder / "sqlmap"), "--disable-coloring",
            "--ignore-code", "400,401,403",
        )  # fmt: skip
        tried = re.findall(r"testing if (?:GET|POST) parameter '(\w+)' is dynamic|parameter '(\w+)'", said)
        names = sorted({name for pair in tried for name in pair if name})
        print(f"sqlmap: {address.removeprefix(base)} {data and '(form)'}: {', '.join(names) or 'nothing tried'}")
        if not names:
            yield f"sqlmap: {address}: it did not run\n{said[-1000:]}"
        if "is vulnerable" in said or "identified the following injection point" in said:
            yield f"sqlmap: {address}\n{said[-2000:]}"


SCANNERS: dict[str, Callable[[Scan], Iterator[str]]] = {
    "schemathesis": _schemathesis,
    "wapiti": _wapiti,
    "sqlmap": _sqlmap,
}
