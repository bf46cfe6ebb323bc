"""Twilio's REST interface, as far as the clinic uses it: who may ask, the account, the numbers."""

import hmac
import socket
import time
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.calls.switchboard import Switchboard
from phone.config import PhoneConfig
from phone.faults import Fault, Faults
from phone.records import ClinicNumber
from phone.rest import fields
from phone.rest.calls import Calls, Recordings
from phone.rest.errors import RestError
from phone.rest.messages import Texts
from phone.rest.resources import account_json, number_json, page_json
from phone.texts.delivery import Delivery


def rest_of(
    config: PhoneConfig, board: Board, delivery: Delivery, switchboard: Switchboard, faults: Faults
) -> Blueprint:
    """Return the routes, each behind the account's own credentials."""
    bp = Blueprint("rest", __name__, url_prefix="/2010-04-01/Accounts")
    desk, texts = Desk(config, board), Texts(config, board, delivery, faults)
    calls, recordings = Calls(config, board, switchboard), Recordings(config, switchboard.book, faults)

    @bp.url_value_preprocessor
    def set_account_aside(_endpoint: str | None, values: MutableMapping[str, str] | None) -> None:
        g.account = (values or {}).pop("account", config.account_sid)

    @bp.before_request
    def admit() -> None:
        if request.endpoint == "rest.picture":  # Twilio's media are public unless the account locks them
            return
        admit_to(config, faults)
        if g.account != config.account_sid:
            raise RestError(404, 20404, f"The requested resource {request.path} was not found")

    @bp.after_request
    def cut(response: Response) -> Response:
        """Do what was asked for under the fault, and cut the line before the answer."""
        if request.method == "POST" and response.status_code < 400 and faults.strikes(Fault.CUT_REST):
            _cut_the_line()
        return response

    @bp.errorhandler(RestError)
    def refuse(error: RestError) -> ResponseReturnValue:
        return error.as_json(), error.status

    routes: list[tuple[str, str, Callable[..., ResponseReturnValue], str]] = [
        ("/<account>.json", "account", desk.account, "GET"),
        ("/<account>/IncomingPhoneNumbers.json", "numbers", desk.numbers, "GET"),
        ("/<account>/IncomingPhoneNumbers/<sid>.json", "number", desk.number, "GET"),
        ("/<account>/IncomingPhoneNumbers/<sid>.json", "set_number", desk.set_number, "POST"),
        ("/<account>/Messages.json", "create", texts.create, "POST"),
        ("/<account>/Messages.json", "list", texts.list, "GET"),
        ("/<account>/Messages/<sid>.json", "fetch", texts.fetch, "GET"),
        ("/<account>/Messages/<sid>.json", "update", texts.update, "POST"),
        ("/<account>/Messages/<sid>.json", "delete", texts.delete, "DELETE"),
        ("/<account>/Messages/<sid>/Media.json", "media", texts.media, "GET"),
        ("/<account>/Messages/<sid>/Media/<media>", "picture", texts.picture, "GET"),
        ("/<account>/Calls.json", "call", calls.create, "POST"),
        ("/<account>/Calls.json", "list_calls", calls.list, "GET"),
        ("/<account>/Calls/<sid>.json", "fetch_call", calls.fetch, "GET"),
        ("/<account>/Calls/<sid>.json", "update_call", calls.update, "POST"),
        ("/<account>/Calls/<sid>.json", "delete_call", calls.delete, "DELETE"),
        ("/<account>/Calls/<call>/Recordings.json", "list_recordings_of", recordings.list_of, "GET"),
        ("/<account>/Recordings.json", "list_recordings", recordings.list, "GET"),
        ("/<account>/Recordings/<sid>.json", "fetch_recording", recordings.fetch, "GET"),
        ("/<account>/Recordings/<sid>.json", "delete_recording", recordings.delete, "DELETE"),
        ("/<account>/Recordings/<name>", "audio", recordings.audio, "GET"),
        ("/<account>/Recordings/<sid>/Transcriptions.json", "transcriptions_of", recordings.transcriptions, "GET"),
        ("/<account>/Transcriptions/<sid>.json", "fetch_transcription", recordings.transcription, "GET"),
        ("/<account>/Transcriptions/<sid>.json", "delete_transcription", recordings.forget, "DELETE"),
        ("/<path:anything>", "nothing", nothing_here, "GET"),
        ("/<path:anything>", "nothing_to_post", nothing_here, "POST"),
    ]
    for rule, name, view, method in routes:
        bp.add_url_rule(rule, name, view, methods=[method])
    return bp


def admit_to(config: PhoneConfig, faults: Faults) -> None:
    """Check the account with its token, or an API key with its secret, unless a fault strikes before."""
    if faults.strikes(Fault.FAIL_REST):
        raise RestError(500, 20500, "Internal Server Error")
    if faults.strikes(Fault.HANG_REST):
        time.sleep(config.hang_s)
        _cut_the_line()
        raise RestError(503, 20503, "Service unavailable")
    if faults.strikes(Fault.THROTTLE_REST):
        raise RestError(429, 20429, "Too Many Requests")
    auth = request.authorization
    given = f"{auth.username}:{auth.password}" if auth is not None else ""
    pairs = [f"{config.account_sid}:{config.auth_token}"]
    if config.api_key:
        pairs.append(f"{config.api_key}:{config.api_secret}")
    if not any(hmac.compare_digest(given.encode(), pair.encode()) for pair in pairs):
        raise RestError(401, 20003, "Authenticate")


def _cut_the_line() -> None:
    """Write the answer to a connection that is no more; the caller never learns what became of it."""
    connection = request.environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError
    connection.shutdown(socket.SHUT_RDWR)


def nothing_here(anything: str) -> ResponseReturnValue:
    raise RestError(404, 20404, f"The requested resource /{anything} was not found")


class Desk:
    """The account and its numbers."""

    def __init__(self, config: PhoneConfig, board: Board) -> None:
        self._config = config
        self._board = board
        self._started_at = datetime.now(UTC)

    def account(self) -> ResponseReturnValue:
        return account_json(self._config.account_sid, self._config.auth_token, self._started_at)

    def numbers(self) -> ResponseReturnValue:
        asked = fields.read(request.args, fields.NUMBER_LIST)
        found = [number for number in self._board.numbers() if _is_asked_for(number, asked)]
        shown = [number_json(number, self._config.account_sid) for number in found]
        return page_json("incoming_phone_numbers", shown, request.path, asked)

    def number(self, sid: str) -> ResponseReturnValue:
        return number_json(self._find(sid), self._config.account_sid)

    def set_number(self, sid: str) -> ResponseReturnValue:
        number = self._find(sid)
        settings = fields.read(request.form, fields.NUMBER_UPDATE)
        return number_json(self._board.configure(number, settings), self._config.account_sid)

    def _find(self, sid: str) -> ClinicNumber:
        for number in self._board.numbers():
            if number.sid == sid:
                return number
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")


def _is_asked_for(number: ClinicNumber, asked: Mapping[str, str]) -> bool:
    """Tell whether a number is asked for: Twilio finds one by any part of it."""
    name = number.settings.get("FriendlyName", number.phone)
    return asked.get("PhoneNumber", "") in number.phone and asked.get("FriendlyName", name) == name
