"""The local phone: a stand-in for Twilio on this machine. Between it and the clinic there is only HTTP."""

import os
from urllib.parse import urlsplit

from flask import Flask, Response, request

from phone.background import AtOnce, Background
from phone.bins import bins_of
from phone.board import Board
from phone.calls.call_book import CallBook
from phone.calls.exchange import Exchange
from phone.calls.handset import Handset
from phone.calls.switchboard import Switchboard
from phone.config import PhoneConfig, from_environment
from phone.faults import Faults
from phone.page.calling import calls_of
from phone.page.texting import page_of
from phone.receipts import Receipts
from phone.rest.account import rest_of
from phone.rest.lookups import lookups_of
from phone.rest.services import services_of
from phone.texts.line import Line
from phone.webhook import Courier, Transport

__all__ = ["PhoneConfig", "create_phone"]


ONLY_HERE = "The local phone is for this machine alone. Open it as http://127.0.0.1 or http://localhost.\n"


def refuse_from_elsewhere() -> Response | None:
    """Answer nobody who has it under another name: a page of a stranger could have had one made that leads here."""
    try:
        name = urlsplit(f"http://{request.headers.get('Host', '')}").hostname
    except ValueError:
        name = None
    is_here = name in ("127.0.0.1", "localhost", "::1")
    return None if is_here else Response(ONLY_HERE, 403, content_type="text/plain")


def create_phone(config: PhoneConfig | None = None, transport: Transport | None = None) -> Flask:
    """Build the phone as a web application; without a config it is read from the environment.

    All its memory is in this one process: serve it with one worker and several threads. With a `transport` it stays
    in one thread and reaches the clinic through that instead of over HTTP: what is to happen later then happens when
    /line/settled is asked.
    """
    config = config or from_environment(os.environ)
    numbers = (config.clinic_number, *config.more_numbers)
    board, faults = Board(config.people, numbers, config.number_settings, config.service_sid), Faults()
    background = AtOnce() if transport else Background()
    courier = Courier(config.auth_token, config.retry_pause_s, transport)
    receipts = Receipts(board, faults, courier, background, config.late_s)
    line = Line(config, board, faults, courier, receipts, background)
    exchange = Exchange(config, board, faults, courier, receipts, background)
    switchboard = Switchboard(config, board, CallBook(board), exchange, background)
    handset = Handset(config, switchboard, faults)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(refuse_from_elsewhere)
    app.register_blueprint(rest_of(config, board, line.delivery, switchboard, faults))
    app.register_blueprint(services_of(config, board, faults))
    app.register_blueprint(lookups_of(config, board, faults))
    app.register_blueprint(page_of(config, board, line, switchboard.book, faults))
    app.register_blueprint(calls_of(config, board, switchboard, handset, receipts))
    app.register_blueprint(bins_of())
    app.extensions["line"], app.extensions["board"] = line, board
    return app
