"""The applications that are measured: a bare route, ours with everything on but the encoder, and ours as it is run."""

import os
from functools import cache
from unittest.mock import patch

from flask import Flask, Response

from bench.traffic import BODIES
from triage.reading import read_message
from triage.understanding.reading import screen, understand

CONSTANT = '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Thank you for your message.</Message></Response>'


def bare() -> Flask:
    """Build the least that Flask can do for a text."""
    app = Flask("bare")
    app.extensions["on_every_answer"] = {}  # what the worker asks of an application

    @app.post("/webhooks/sms")
    def answered() -> Response:
        return Response(CONSTANT, content_type="text/xml; charset=utf-8")

    return app


def whole() -> Flask:
    """Build the clinic line as it is served, the meaning of each text of the traffic known beforehand."""
    # Texts within a minute are also screened joined, which the first round of a run adds to what is remembered.
    remembered = cache(understand)
    for body in BODIES:
        remembered(body)
    patch.object(read_message, "understand", remembered).start()
    patch.object(read_message, "screen", cache(screen)).start()
    return as_run()


def as_run() -> Flask:
    """Build the clinic line as it is served."""
    from app import create_app

    return create_app()


application = {"bare": bare, "whole": whole, "as_run": as_run}[os.environ["BENCHED"]]()
