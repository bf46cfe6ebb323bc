"""`make check-security`: hostile posts on both databases, then the scanners that are installed; ends with 1 at a
finding.
"""

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from app import create_app
from tests.chaos.__main__ import DATABASES, opened
from tests.conftest import emptied
from tests.processes.running import Running, running
from tests.security import flood
from tests.security.flood import Flooded, p99
from tests.security.routes import openapi
from triage.environment import Environment
from triage.model.member import Role
from triage.runtime import utc_now
from triage.store import members

PARTS = ("floods", "schemathesis", "wapiti", "sqlmap")

# No scanner may take longer, or it counts as a finding.
LONGEST_S = 1800

# p99 beside a flood may be this many times that of a quiet line: two cores serve both.
MOST_TIMES = 10.0
LEAST_S = 0.5


def main() -> int:
    """Run what was asked for and print what was seen."""
    asked = _asked()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    findings: list[str] = []
    for name in asked.on:
        with opened(name) as database, tempfile.TemporaryDirectory() as folder:
            emptied(database)
            with running(database, Path(folder), WEB_CONCURRENCY="2") as line:
                line.start_web()
                if "floods" in asked.only:
                    findings += _floods(line, name, asked)
                if name == asked.on[0]:
                    findings += _scanners(line, Path(folder), asked.only)
                if "Traceback" in line.said():
                    findings.append(f"{name}: the log holds a traceback")
    print("\nNo finding." if not findings else "\nFOUND\n" + "\n".join(findings))
    return 1 if findings else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__)
    parser.add_argument("--on", action="append", choices=DATABASES, help="one database instead of both")
    parser.add_argument("--malformed", type=int, default=10_000)
    parser.add_argument("--forged", type=int, default=5_000)
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts and no others")
    asked = parser.parse_args()
    asked.on = asked.on or list(DATABASES)
    asked.only = asked.only or list(PARTS)
    return asked


def _floods(line: Running, name: str, asked: argparse.Namespace) -> Iterator[str]:
    for kind, many, send in (
        ("malformed", asked.malformed, flood.malformed_posts),
        ("forged", asked.forged, flood.forged_posts),
    ):
        found = send(line, many)
        print(
            f"{name}: {many:,} {kind}: {found.faults} x 500, {found.accepted} accepted; statuses "
            f"{dict(sorted(found.statuses.items()))}; p99 of signed texts {p99(found.quiet_s) * 1000:.0f} ms quiet, "
            f"{p99(found.meanwhile_s) * 1000:.0f} ms meanwhile",
            flush=True,
        )
        yield from _too_much(f"{name}, {kind}", found)


def _too_much(what: str, found: Flooded) -> Iterator[str]:
    if found.faults:
        yield f"{what}: {found.faults} answered with a fault"
    if found.accepted:
        yield f"{what}: {found.accepted} accepted"
    if p99(found.meanwhile_s) > max(LEAST_S, MOST_TIMES * p99(found.quiet_s)):
        yield f"{what}: signed texts waited {p99(found.meanwhile_s):.2f} s"


# --- scanners of others


def _scanners(line: Running, folder: Path, only: list[str]) -> Iterator[str]:
    """Run each scanner that is there against the console with somebody signed in, and against the webhooks."""
    cookie, csrf = _signed_in(line)
    base = line.environment["PUBLIC_BASE_URL"]
    scans: dict[str, Callable[[str], Iterator[str]]] = {
        "schemathesis": lambda program: _schemathesis(program, line, folder, cookie, csrf),
        "wapiti": lambda program: _wapiti(program, base, folder, cookie),
        "sqlmap": lambda program: _sqlmap(program, base, folder, cookie, csrf),
    }
    for name in [one for one in scans if one in only]:
        program = _found(name)
        if program is None:
            print(f"{name}: not installed, skipped", flush=True)
            continue
        try:
            found = list(scans[name](program))
        except subprocess.TimeoutExpired:
            found = [f"{name}: it did not end in {LONGEST_S} s"]
        print(f"{name}: {len(found)} findings", flush=True)
        yield from found


def _app(line: Running) -> Flask:
    given = {
        name.lower(): value for name, value in line.environment.items() if name.lower() in Environment.model_fields
    }
    return create_app(Environment.model_validate(given), line.clinic)


def _signed_in(line: Running) -> tuple[str, str]:
    now = utc_now()
    with line.database.write() as db:
        boss = members.add(db, "boss", "Boss", Role.ADMIN, "no hash", None, now)
        members.set_password(db, boss, "no hash")
        return members.start_session(db, boss, now, line.clinic.console.session_life, second_step=True)


def _found(name: str) -> str | None:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def _run(*command: str, **more: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LONGEST_S, env=os.environ | more, stdin=subprocess.DEVNULL
    )  # fmt: skip
    return done.stdout + done.stderr


def _schemathesis(program: str, line: Running, folder: Path, cookie: str, csrf: str) -> Iterator[str]:
    described = folder / "routes.json"
    described.write_text(json.dumps(openapi(_app(line), line.environment["PUBLIC_BASE_URL"])))
    environment = {
        "SCHEMATHESIS_HOOKS": "tests.security.scanner_hooks",
        "PUBLIC_BASE_URL": line.environment["PUBLIC_BASE_URL"],
        "TWILIO_AUTH_TOKEN": line.environment["TWILIO_AUTH_TOKEN"],
        "STAFF_SESSION": cookie,
        "STAFF_CSRF": csrf,
        "PYTHONPATH": os.getcwd(),
    }
    said = _run(
        program, "run", str(described), "--url", environment["PUBLIC_BASE_URL"], "--checks",
        "not_a_server_error", "--phases", "coverage,fuzzing", "--max-examples", "10", "--continue-on-failure",
        "--warnings", "off", "--no-color", **environment,
    )  # fmt: skip
    if "Server error" in said or "server_error" in said.lower().replace("not_a_server_error", ""):
        yield f"schemathesis: a server error\n{said[-4000:]}"
    if "Test cases" not in said and "passed" not in said:
        yield f"schemathesis: it did not run\n{said[-2000:]}"
    print("\n".join(said.strip().splitlines()[-8:]))


def _wapiti(program: str, base: str, folder: Path, cookie: str) -> Iterator[str]:
    report = folder / "wapiti.json"
    _run(
        program, "-u", f"{base}/staff/", "--scope", "domain", "-f", "json", "-o", str(report), "-H",
        f"Cookie: session={cookie}", "-m", WAPITI_MODULES,
        "--max-scan-time", "600", "--flush-session", "--no-bugreport", "-x", f"{base}/staff/sign-out",
    )  # fmt: skip
    if not report.exists():
        yield "wapiti: it gave no report"
        return
    told = json.loads(report.read_text())
    for kind, found in (told["vulnerabilities"] | told["anomalies"]).items():
        for one in found:
            if kind not in OVER_HTTP:
                yield f"wapiti: {kind}: {one.get('method')} {one.get('path')}: {one.get('info')}"


WAPITI_MODULES = "exec,file,sql,ssrf,xss,permanentxss,redirect,crlf,csp,http_headers,cookieflags"

# Only over https can these be met; tests/web/test_security.py holds them there.
OVER_HTTP = ("Secure Flag cookie", "HTTP Strict Transport Security (HSTS)", "Unencrypted Channels")


def _sqlmap(program: str, base: str, folder: Path, cookie: str, csrf: str) -> Iterator[str]:
    for address, data in (
        (f"{base}/staff/?show=1&who=mine&topic=tms", ""),
        (f"{base}/staff/trail?request=1&before=9", ""),
        (f"{base}/staff/search", f"csrf={csrf}&q=dana&below=9"),
        (f"{base}/staff/sign-in", "login=boss&password=x"),
    ):
        form = ("--data", data) if data else ()
        said = _run(
            program, "-u", address, *form, "--cookie", f"session={cookie}", "--batch", "--level", "2",
            "--risk", "2", "--smart", "--output-dir", str(folder / "sqlmap"), "--disable-coloring", "--ignore-code",
            "400,401,403",
        )  # fmt: skip
        if "all tested parameters do not appear" not in said and "skipping" not in said:
            yield f"sqlmap: {address}: it did not run\n{said[-1000:]}"
        if "is vulnerable" in said or "identified the following injection point" in said:
            yield f"sqlmap: {address}\n{said[-2000:]}"


if __name__ == "__main__":
    sys.exit(main())
