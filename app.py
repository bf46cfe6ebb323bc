"""create_app(): the one place that knows every part and wires it together."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Request, Response, redirect, url_for
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.wrappers import Response as AnyResponse

import commands
import staff
from triage import logs
from triage.environment import Environment, read_environment
from triage.errors import WrongSetting
from triage.runtime import open_runtime, utc_now
from triage.settings import Clinic, read_clinic
from triage.wording import Wording
from webhooks import outbound_legs, probes, sms, text_receipts, voice

MOST_BYTES = 64 * 1024
MOST_FIELDS = 500


class _NoCookieSession(SessionInterface):
    """Staff have sessions of our own and Twilio needs none, so no request opens one."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # noqa: ARG002
        return None

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing."""


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
    app.secret_key = environment.secret_key
    app.session_interface = _NoCookieSession()
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_PARTS=MOST_FIELDS, MAX_FORM_MEMORY_SIZE=MOST_BYTES)
    app.extensions["runtime"] = open_runtime(environment, clinic, Wording(), now)
    for blueprint in (sms.bp, voice.bp, probes.bp, outbound_legs.bp, text_receipts.bp, staff.blueprint):
        app.register_blueprint(blueprint)
    for command in commands.COMMANDS:
        app.cli.add_command(command)

    @app.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("staff.queue"))

    return app
