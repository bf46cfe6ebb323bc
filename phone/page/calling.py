"""The JSON behind the calling phones of the page. Tests drive calls here too."""

import base64
import binascii
from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.calls.handset import Handset, NotNow
from phone.calls.legs import Leg
from phone.calls.switchboard import Switchboard
from phone.config import PhoneConfig
from phone.page.call_view import leg_json
from phone.page.texting import Refused, given, writable
from phone.receipts import Receipts
from phone.rest.resources import Json

LARGEST_RECORDING = 6 * 1024 * 1024

# Odd callers may come with these; nothing else is posted that a test thinks up.
EXTRA = ("StirVerstat", "ForwardedFrom", "CallerName")


def calls_of(
    config: PhoneConfig, board: Board, switchboard: Switchboard, handset: Handset, receipts: Receipts
) -> Blueprint:
    bp = Blueprint("calls", __name__, url_prefix="/line")
    page = CallPage(config, board, switchboard, handset, receipts)
    routes: list[tuple[str, Callable[..., ResponseReturnValue], str]] = [
        ("/calls", page.call, "POST"),
        ("/calls", page.list, "GET"),
        ("/calls/<sid>", page.show, "GET"),
        ("/calls/<sid>/<act>", page.act, "POST"),
        ("/late", page.release, "POST"),
    ]
    for rule, view, method in routes:
        bp.add_url_rule(rule, view.__name__, view, methods=[method])

    @bp.errorhandler(Refused)
    def refuse(refused: Refused) -> ResponseReturnValue:
        return {"error": str(refused)}, 400

    @bp.errorhandler(NotNow)
    def too_early(not_now: NotNow) -> ResponseReturnValue:
        return {"error": f"{not_now}."}, 409

    return bp


class CallPage:
    """Every act answers with the call as it then stands."""

    def __init__(
        self, config: PhoneConfig, board: Board, switchboard: Switchboard, handset: Handset, receipts: Receipts
    ) -> None:
        self._config = config
        self._board = board
        self._switchboard = switchboard
        self._handset = handset
        self._receipts = receipts

    def call(self) -> ResponseReturnValue:
        """Call the clinic: {"from", "to"?, "phone"?, ...}.

        `from` is what the clinic is told, and may be anything; `phone` is whose handset it is, where that is somebody
        else. StirVerstat, ForwardedFrom and CallerName are passed on.
        """
        asked = given()
        caller = writable(str(asked.get("from", "")))
        number = self._board.number(str(asked.get("to") or self._config.clinic_number))
        if number is None:
            raise Refused("to is no number of the clinic")
        extra = [(name, writable(str(asked[name]))) for name in EXTRA if name in asked]
        leg = self._switchboard.call_in(str(asked.get("phone") or caller), caller, number, extra)
        return leg_json(leg), 201

    def list(self) -> ResponseReturnValue:
        """List all calls, oldest first, without what was said; of one phone with ?phone="""
        phone = request.args.get("phone")
        legs = self._switchboard.book.legs() if phone is None else self._switchboard.book.of(phone)
        return [leg_json(leg, lines_shown=0) for leg in legs]

    def show(self, sid: str) -> ResponseReturnValue:
        return leg_json(self._find(sid))

    def act(self, sid: str, act: str) -> ResponseReturnValue:
        """Act on a call: press {"keys", "more"?}, say {"text"}, silence, hang-up, answer, answer-by-machine,
        decline, ring-out, record {"said"?, "seconds"?, "key"?, "hangs_up"?, "audio"?, "content_type"?}.
        """
        if act == "record":
            request.max_content_length = LARGEST_RECORDING
        leg, asked, handset = self._find(sid), given(), self._handset
        acts: dict[str, Callable[[], object]] = {
            "press": lambda: handset.press(leg, str(asked.get("keys", "")), bool(asked.get("more"))),
            "say": lambda: handset.say(leg, writable(str(asked.get("text", "")))),
            "record": lambda: self._record(leg, asked),
            "silence": lambda: handset.stay_silent(leg),
            "hang-up": lambda: handset.hang_up(leg),
            "answer": lambda: handset.answer(leg),
            "answer-by-machine": lambda: handset.answer_by_machine(leg),
            "decline": lambda: handset.decline(leg),
            "ring-out": lambda: handset.ring_out(leg),
        }
        if act not in acts:
            raise Refused(f"an act is one of {', '.join(acts)}")
        acts[act]()
        return leg_json(leg)

    def _record(self, leg: Leg, asked: Json) -> None:
        seconds, kind = asked.get("seconds", 6), str(asked.get("content_type", ""))
        if not isinstance(seconds, int) or not 1 <= seconds <= 7200:
            raise Refused("seconds is a whole number from 1 to 7200")
        try:
            audio = base64.b64decode(str(asked.get("audio", "")), validate=True)
        except binascii.Error as wrong:
            raise Refused("audio is base64") from wrong
        if audio and not kind.startswith("audio/"):
            raise Refused("content_type says what the audio is")
        ended_by = "hangup" if asked.get("hangs_up") else str(asked.get("key", ""))
        self._handset.record(leg, seconds, writable(str(asked.get("said", ""))).strip(), audio, kind, ended_by)

    def release(self) -> ResponseReturnValue:
        """Post the receipts that were held back."""
        self._receipts.release()
        return {"released": True}

    def _find(self, sid: str) -> Leg:
        leg = self._switchboard.book.leg(sid)
        if leg is None:
            raise Refused("there is no such call")
        return leg
