"""A running local phone for tests, and a clinic that answers it by a script. Both on free ports of this machine."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Request, Response, request
from twilio.rest import Client
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from phone import create_phone
from phone.board import Board
from phone.config import PhoneConfig
from phone.texts.line import Line

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "local-token"
CLINIC = "+16025550100"
DANA = "+16025550132"
# Texts arrive at once, retries do not pause, and nothing happens because time has passed.
QUICK: dict[str, Any] = {"delivery_s": 0.0, "retry_pause_s": 0.0, "late_s": 0.0, "rings_out": False}


@dataclass(frozen=True)
class Heard:
    """One request that reached the scripted clinic."""

    path: str
    method: str
    form: list[tuple[str, str]]
    headers: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return dict(self.form)[name]


Script = Callable[[Heard], "Response | str | tuple[str, int]"]


@dataclass
class ScriptedClinic:
    """Answers as `script` says; a str is TwiML. What it heard is in `heard`."""

    url: str = ""
    script: Script = lambda heard: "<Response/>"
    heard: list[Heard] = field(default_factory=list)

    def at(self, path: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.path == path]

    def answer(self) -> Response:
        form = list(request.form.items(multi=True))
        heard = Heard(request.full_path.rstrip("?"), request.method, form, dict(request.headers))
        self.heard.append(heard)
        answer = self.script(heard)
        if isinstance(answer, Response):
            return answer
        body, status = answer if isinstance(answer, tuple) else (answer, 200)
        return Response(body, status, mimetype="text/xml")


@dataclass(frozen=True)
class RunningPhone:
    """The phone's address, and the things one does with a phone."""

    url: str
    line: Line
    board: Board

    def post(self, path: str, given: object) -> Any:
        asked = urllib.request.Request(
            self.url + path, json.dumps(given).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer) if answer.status == 200 else None

    def text(self, body: str, sender: str = DANA, **more: object) -> Any:
        """Write to the clinic and wait until its answer, receipts included, has come."""
        sent = self.post("/line/texts", {"from": sender, "body": body, "wait": True, **more})
        self.settle()
        return sent

    def settle(self) -> None:
        assert self.line.background.settle(), "something was still under way"

    def thread(self, phone: str = DANA) -> list[Any]:
        people = self.get("/line/state")["people"]
        return next((person["thread"] for person in people if person["phone"] == phone), [])

    def received(self, phone: str = DANA) -> list[str]:
        """The bodies that reached somebody, oldest first."""
        return [text["body"] for text in self.thread(phone) if not text["mine"] and text["state"] == "delivered"]

    def client(self, username: str = ACCOUNT, password: str = TOKEN, account: str = ACCOUNT) -> Client:
        """The real Twilio client with its base address turned here."""
        client = Client(username, password, account)
        client.api.base_url = self.url
        return client


@contextmanager
def served(app: Flask, request_handler: type[WSGIRequestHandler] | None = None) -> Iterator[str]:
    """Serve an application on a free port for as long as the block lasts; its address."""
    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True, request_handler=request_handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def scripted_clinic() -> Iterator[ScriptedClinic]:
    clinic, app = ScriptedClinic(), Flask("clinic")
    app.add_url_rule("/<path:anything>", "answer", lambda anything: clinic.answer(), methods=["GET", "POST"])
    with served(app) as clinic.url:
        yield clinic


# Asked with "before" and "after" (the phone has acted, its answer is not out yet), and with what the clinic posted.
Listener = Callable[[str, Request], None]


@contextmanager
def running_phone(clinic_url: str, listener: Listener | None = None, **settings: Any) -> Iterator[RunningPhone]:
    """A phone served on a free port. `listener` hears of every REST request of the clinic, in its thread."""
    config = PhoneConfig(ACCOUNT, TOKEN, clinic_number=CLINIC, clinic_url=clinic_url, **QUICK | settings)
    app = create_phone(config)
    if listener:
        _let_listen(app, listener)
    with served(app) as url:
        yield RunningPhone(url, app.extensions["line"], app.extensions["board"])


def _let_listen(app: Flask, listener: Listener) -> None:
    def before() -> None:
        listener("before", request)

    def after(response: Response) -> Response:
        if response.status_code < 300:
            listener("after", request)
        return response

    # The one that is added last is asked first: the listener hears of it before a fault cuts the line.
    app.before_request_funcs.setdefault("rest", []).append(before)
    app.after_request_funcs.setdefault("rest", []).append(after)


def messages(*bodies: str) -> str:
    """TwiML that answers with these texts."""
    return f"<Response>{''.join(f'<Message>{body}</Message>' for body in bodies)}</Response>"


def in_turn(answers: Sequence["Response | str | tuple[str, int]"]) -> Script:
    """A script that gives one answer after the other, and the last for ever."""
    left = list(answers)
    return lambda heard: left.pop(0) if len(left) > 1 else left[0]
