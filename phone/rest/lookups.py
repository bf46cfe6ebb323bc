"""Twilio Lookup, under v2 of its interface: what kind of line a number is."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.config import PhoneConfig, read_number
from phone.faults import Faults
from phone.rest.account import admit_to
from phone.rest.errors import RestError

TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")


def lookups_of(config: PhoneConfig, board: Board, faults: Faults) -> Blueprint:
    bp = Blueprint("lookups", __name__, url_prefix="/v2/PhoneNumbers")

    @bp.before_request
    def admit() -> None:
        admit_to(config, faults)

    @bp.errorhandler(RestError)
    def refuse(error: RestError) -> ResponseReturnValue:
        return error.as_json(), error.status

    @bp.get("/<written>")
    def fetch(written: str) -> ResponseReturnValue:
        phone = read_number(written)
        if phone is None:
            raise RestError(404, 20404, f"The requested resource {request.path} was not found")
        asks = "line_type_intelligence" in request.args.get("Fields", "").split(",")
        return {
            "calling_country_code": "1", "country_code": "US", "phone_number": phone, "national_format": phone[2:],
            "valid": True, "validation_errors": [], "url": request.base_url,
            "line_type_intelligence": _line(board, phone) if asks else None,
        }  # fmt: skip

    return bp


def _line(board: Board, phone: str) -> dict[str, object]:
    person = board.person(phone)
    is_landline = person is not None and person.landline
    kind = "tollFree" if phone.startswith(TOLL_FREE) else "landline" if is_landline else "mobile"
    return {
        "carrier_name": "Local", "mobile_country_code": None, "mobile_network_code": None, "type": kind,
        "error_code": None,
    }  # fmt: skip
