"""create_app(): the one place that knows every part and wires it together."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import structlog
from flask import Flask, Request, Response, redirect, request, url_for
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.wrappers import Response as AnyResponse

import commands
import staff
from staff.pages import HSTS
from triage import logs, migrations
from triage.environment import Environment, is_this_machine, read_environment
from triage.errors import WrongSetting
from triage.jobs import safe_mode
from triage.migrations import ADVICE
from triage.runtime import Runtime, open_runtime, utc_now
from triage.settings import Clinic, read_clinic
from triage.store import key_canary
from triage.store.engine import NOT_KEPT
from triage.wording import Wording
from webhooks import outbound_legs, own_voice, probes, sms, text_receipts, voice

log = structlog.get_logger()

MOST_BYTES = 64 * 1024
MOST_FIELDS = 500


class SchemaGate:
    """Answers 503, and what to do, while this program cannot work on the database as it stands.

    It is asked until it can, and never again by this process: nobody takes migrations back while it runs.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._works = runtime, False

    def __call__(self) -> Response | None:
        if self._works or request.blueprint == probes.bp.name:
            return None
        try:
            standing = migrations.standing(self._runtime.db)
        except NOT_KEPT:
            return None  # it is away: each route says so in its own way
        self._works = standing.works
        if self._works:
            return None
        log.error("other_schema", advice=ADVICE[standing])
        return Response(f"{ADVICE[standing]}\n", 503, content_type="text/plain")


class _NoCookieSession(SessionInterface):
    """Staff have sessions of our own and Twilio needs none, so no request opens one."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # noqa: ARG002
        return None

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing."""


# On every answer, whoever gives it; the console says more of itself (`staff/pages.py`).
ON_EVERY_ANSWER = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


ONLY_HERE = "This is a rehearsal, for this machine alone. Open it as http://127.0.0.1 or http://localhost.\n"


def refuse_from_elsewhere() -> Response | None:
    """Answer nobody who reached a rehearsal under another name than this machine's own."""
    here = is_this_machine(f"http://{request.headers.get('Host', '')}")
    return None if here else Response(ONLY_HERE, 403, content_type="text/plain")


def guarded(response: Response, on_every_answer: dict[str, str]) -> Response:
    """Add what every answer says to browsers. A redirect names a path of ours alone: the host may have been made up."""
    for name, value in on_every_answer.items():
        response.headers.setdefault(name, value)
    if to := response.headers.get("Location"):
        parts = urlsplit(to)
        response.headers["Location"] = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
    return response


def create_app(
    environment: Environment | None = None,
    clinic: Clinic | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """Build the web application. Ends with one sentence where a setting cannot be used."""
    logs.set_up()
    try:
        environment = environment or read_environment()
        clinic = clinic or read_clinic(environment.clinic_file)
    except WrongSetting as wrong:
        raise SystemExit(str(wrong)) from None

    app = Flask(__name__)
    app.debug = False  # FLASK_DEBUG would have a fault logged with what it said
    app.secret_key = environment.secret_key
    app.session_interface = _NoCookieSession()
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_PARTS=MOST_FIELDS, MAX_FORM_MEMORY_SIZE=MOST_BYTES)
    runtime = open_runtime(environment, clinic, Wording(), now)
    app.extensions["runtime"] = runtime
    try:
        key_canary.check(runtime.db)
    except WrongSetting as wrong:
        raise SystemExit(str(wrong)) from None
    safe_mode.enter_if_restored(runtime)
    runtime.db.close()  # workers are forked from here, and share no connection
    if environment.rehearsal:
        app.before_request(refuse_from_elsewhere)
    app.before_request(SchemaGate(runtime))
    for blueprint in (sms.bp, voice.bp, own_voice.bp, probes.bp, outbound_legs.bp, text_receipts.bp, staff.blueprint):
        app.register_blueprint(blueprint)
    is_https = environment.public_base_url.startswith("https://")
    on_every_answer = ON_EVERY_ANSWER | ({"Strict-Transport-Security": HSTS} if is_https else {})
    app.extensions["on_every_answer"] = on_every_answer  # the server itself answers what is no request
    app.after_request(lambda response: guarded(response, on_every_answer))
    for command in commands.COMMANDS:
        app.cli.add_command(command)

    @app.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("staff.queue"))

    return app
