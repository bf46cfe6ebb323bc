"""Twilio's REST interface, as far as the clinic uses it: who may ask, the account, the numbers."""

import hmac
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from phone import fields
from phone.board import Board
from phone.config import PhoneConfig
from phone.delivery import Delivery
from phone.errors import RestError
from phone.faults import Fault, Faults
from phone.records import ClinicNumber
from phone.resources import account_json, number_json, page_json
from phone.texts import Texts


def rest_of(config: PhoneConfig, board: Board, delivery: Delivery, faults: Faults) -> Blueprint:
    """The routes, each behind the account's own credentials."""
    bp = Blueprint("rest", __name__, url_prefix="/2010-04-01/Accounts")
    desk, texts = Desk(config, board), Texts(config, board, delivery)

    @bp.url_value_preprocessor
    def set_account_aside(_endpoint: str | None, values: MutableMapping[str, str] | None) -> None:
        g.account = (values or {}).pop("account", config.account_sid)

    @bp.before_request
    def admit() -> None:
        if request.endpoint == "rest.picture":  # Twilio's media are public unless the account locks them
            return
        if faults.strikes(Fault.FAIL_REST):
            raise RestError(500, 20500, "Internal Server Error")
        _check_credentials(config)

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
        ("/<path:anything>", "nothing", nothing_here, "GET"),
        ("/<path:anything>", "nothing_to_post", nothing_here, "POST"),
    ]
    for rule, name, view, method in routes:
        bp.add_url_rule(rule, name, view, methods=[method])
    return bp


def _check_credentials(config: PhoneConfig) -> None:
    """The account with its token, or an API key with its secret; then only the account's own resources."""
    auth = request.authorization
    given = f"{auth.username}:{auth.password}" if auth is not None else ""
    pairs = [f"{config.account_sid}:{config.auth_token}"]
    if config.api_key:
        pairs.append(f"{config.api_key}:{config.api_secret}")
    if not any(hmac.compare_digest(given.encode(), pair.encode()) for pair in pairs):
        raise RestError(401, 20003, "Authenticate")
    if g.account != config.account_sid:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")


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
    """Twilio finds a number by any part of it."""
    name = number.settings.get("FriendlyName", number.phone)
    return asked.get("PhoneNumber", "") in number.phone and asked.get("FriendlyName", name) == name
