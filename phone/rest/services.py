"""The Messaging Service of the clinic, under messaging/v1 of Twilio's interface: the service and its numbers."""

from dataclasses import replace

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.config import PhoneConfig
from phone.faults import Faults
from phone.records import Service
from phone.rest import fields
from phone.rest.account import admit_to
from phone.rest.errors import RestError
from phone.rest.resources import service_json, service_number_json


def services_of(config: PhoneConfig, board: Board, faults: Faults) -> Blueprint:
    bp = Blueprint("services", __name__, url_prefix="/v1/Services")
    desk = Services(config, board)

    @bp.before_request
    def admit() -> None:
        admit_to(config, faults)

    @bp.errorhandler(RestError)
    def refuse(error: RestError) -> ResponseReturnValue:
        return error.as_json(), error.status

    bp.add_url_rule("/<sid>", "fetch", desk.fetch, methods=["GET"])
    bp.add_url_rule("/<sid>", "update", desk.update, methods=["POST"])
    bp.add_url_rule("/<sid>/PhoneNumbers", "numbers", desk.numbers, methods=["GET"])
    bp.add_url_rule("/<sid>/PhoneNumbers", "add", desk.add, methods=["POST"])
    bp.add_url_rule("/<sid>/PhoneNumbers/<number>", "remove", desk.remove, methods=["DELETE"])
    return bp


class Services:
    """The one service that there may be."""

    def __init__(self, config: PhoneConfig, board: Board) -> None:
        self._config = config
        self._board = board

    def fetch(self, sid: str) -> ResponseReturnValue:
        return self._shown(self._find(sid))

    def update(self, sid: str) -> ResponseReturnValue:
        service, settings = self._find(sid), fields.read(request.form, fields.SERVICE_UPDATE)
        return self._shown(self._board.change_service(replace(service, settings=service.settings | settings)))

    def numbers(self, sid: str) -> ResponseReturnValue:
        service, _asked = self._find(sid), fields.read(request.args, fields.SERVICE_NUMBER_LIST)
        held = [number for number in self._board.numbers() if number.phone in service.numbers]
        shown = [service_number_json(one, service, self._config.account_sid, request.base_url) for one in held]
        meta = {
            "key": "phone_numbers", "page": 0, "page_size": max(len(shown), 50), "first_page_url": request.base_url,
            "previous_page_url": None, "next_page_url": None, "url": request.base_url,
        }  # fmt: skip
        return {"meta": meta, "phone_numbers": shown}

    def add(self, sid: str) -> ResponseReturnValue:
        service, form = self._find(sid), fields.read(request.form, fields.SERVICE_NUMBER_ADD)
        number = next((one for one in self._board.numbers() if one.sid == form.get("PhoneNumberSid")), None)
        if number is None:
            raise RestError(404, 20404, "The requested resource was not found")
        if number.phone in service.numbers:
            raise RestError(409, 21710, "Phone Number or Short Code is already in the Messaging Service")
        service = self._board.change_service(replace(service, numbers=(*service.numbers, number.phone)))
        return service_number_json(number, service, self._config.account_sid, request.base_url), 201

    def remove(self, sid: str, number: str) -> ResponseReturnValue:
        service = self._find(sid)
        kept = tuple(one.phone for one in self._board.numbers() if one.phone in service.numbers and one.sid != number)
        self._board.change_service(replace(service, numbers=kept))
        return "", 204

    def _shown(self, service: Service) -> ResponseReturnValue:
        return service_json(service, self._config.account_sid, request.base_url)

    def _find(self, sid: str) -> Service:
        service = self._board.service
        if service is None or service.sid != sid:
            raise RestError(404, 20404, f"The requested resource {request.path} was not found")
        return service
