"""Calling a person back from the console: the phone of who clicks rings first, a key there connects."""

from contextlib import suppress

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import REQUEST, bp, me, right_now, runtime
from staff.once import TakenBefore, taking_once
from staff.request.request_page import request_page
from triage.model.call import Leg, Purpose
from triage.model.member import May
from triage.ringing import call_back
from triage.ringing.call_back import CannotCall
from triage.store import legs

SHOWN = 6


@bp.post(f"{REQUEST}/call")
@needs(May.WORK)
def call(request_id: int) -> AnyResponse:
    begun: Leg | CannotCall | None = None
    with suppress(TakenBefore), taking_once() as db:
        begun = call_back.begin(db, request_id, me(), right_now())
    if isinstance(begun, CannotCall):
        return request_page(request_id, problem=f"cannot_call_{begun}", code=409)
    return redirect(url_for("staff.one", request_id=request_id, said="ringing"), 303)


@bp.app_template_global("calls_of")
def calls_of(request_id: int) -> list[Leg]:
    """Return the newest phones that were rung for a request; alerts have their own place on the page."""
    with runtime().db.read() as db:
        found = legs.of_request(db, request_id)
    return [leg for leg in found if leg.purpose is not Purpose.ALERT or leg.ended_at is None][:SHOWN]
