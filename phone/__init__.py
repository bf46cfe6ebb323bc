"""The local phone: a stand-in for Twilio on this machine. Between it and the clinic there is only HTTP."""

import os

from flask import Flask

from phone.board import Board
from phone.config import PhoneConfig, from_environment
from phone.faults import Faults
from phone.line import Line
from phone.page import page_of
from phone.rest import rest_of

__all__ = ["PhoneConfig", "create_phone"]


def create_phone(config: PhoneConfig | None = None) -> Flask:
    """The phone as a web application; without a config it is read from the environment.

    All its memory is in this one process: serve it with one worker and several threads.
    """
    config = config or from_environment(os.environ)
    board, faults = Board(config.people, config.clinic_number, config.number_settings), Faults()
    line = Line(config, board, faults)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(rest_of(config, board, line.delivery, faults))
    app.register_blueprint(page_of(config, board, line, faults))
    app.extensions["line"] = line
    return app
