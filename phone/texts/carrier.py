"""The carrier's STOP filter: it answers its keywords itself and remembers who wants no texts."""

from datetime import UTC, datetime
from pathlib import Path

from phone.board import Board
from phone.records import Direction, Message, Status, new_sid

OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})

OPT_IN = frozenset({"START", "YES", "UNSTOP"})

HELP = frozenset({"HELP", "INFO"})

WORDS = Path(__file__).parent.parent / "templates" / "carrier"


def filter_keywords(message: Message, board: Board) -> None:
    """Filter a keyword that is the whole text, in any case. The text goes on to the clinic all the same."""
    word = message.body.strip().upper()
    if word in OPT_OUT and board.opt_out(message.clinic, message.person):
        board.add(_stock_reply(message, "stop"))
    elif word in OPT_IN and board.opt_in(message.clinic, message.person):
        board.add(_stock_reply(message, "start"))
    elif word in HELP:
        board.add(_stock_reply(message, "help"))


def _stock_reply(message: Message, name: str) -> Message:
    body = (WORDS / f"{name}.txt").read_text(encoding="utf-8").strip()
    now = datetime.now(UTC)
    return Message(new_sid("SM"), message.clinic, message.person, body, Direction.CARRIER, Status.DELIVERED, now, now)
