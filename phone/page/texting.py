"""The page where one is a patient, or the phone on the desk, and the JSON behind it. Tests drive the line here too."""

from collections.abc import Callable
from concurrent.futures import TimeoutError as StillBusy
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.calls.call_book import CallBook
from phone.config import PhoneConfig, pretty, read_number
from phone.faults import Fault, Faults
from phone.page.call_view import leg_json
from phone.records import Direction, Habit, Message, Person, Post
from phone.rest.resources import Json
from phone.texts.line import Line
from phone.texts.segments import segments

THREAD_SHOWN = 200

CALLS_SHOWN = 3

TROUBLE_SHOWN = 8

PHOTOS_AT_ONCE = 10

WAIT_S = 30.0

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"


class Refused(Exception):
    """The page, or a test, asked for what cannot be; the text says why."""


def page_of(config: PhoneConfig, board: Board, line: Line, book: CallBook, faults: Faults) -> Blueprint:
    bp = Blueprint("page", __name__)
    page = Page(config, board, line, book, faults)
    routes: list[tuple[str, Callable[..., ResponseReturnValue], str]] = [
        ("/", page.show, "GET"),
        ("/line/state", page.state, "GET"),
        ("/line/texts", page.text, "POST"),
        ("/line/people", page.add_person, "POST"),
        ("/line/people/<phone>", page.change_person, "POST"),
        ("/line/faults", page.set_faults, "POST"),
        ("/line/posts", page.posts, "GET"),
        ("/line/settled", page.settled, "GET"),
    ]
    for rule, view, method in routes:
        bp.add_url_rule(rule, view.__name__, view, methods=[method])

    @bp.after_request
    def keep_to_itself(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    @bp.errorhandler(Refused)
    def refuse(refused: Refused) -> ResponseReturnValue:
        return {"error": str(refused)}, 400

    return bp


class Page:
    """Forms come as JSON only: no other site's page can post them here."""

    def __init__(self, config: PhoneConfig, board: Board, line: Line, book: CallBook, faults: Faults) -> None:
        self._book = book
        self._config = config
        self._board = board
        self._line = line
        self._faults = faults

    def show(self) -> ResponseReturnValue:
        return render_template(
            "phone/page.html",
            clinic=pretty(self._config.clinic_number),
            clinic_url=self._config.clinic_url,
            faults=list(Fault),
            habits=list(Habit),
        )

    def state(self) -> ResponseReturnValue:
        """Return everything that the page shows; 204 while nothing has changed since version `after`."""
        version = self._board.version
        if request.args.get("after") == version:
            return "", 204
        threads: dict[str, list[Message]] = {person.phone: [] for person in self._board.people()}
        for message in self._board.messages():
            threads.setdefault(message.person, []).append(message)
        trouble = [post for post in self._board.posts() if not post.outcome.startswith("2")]
        return {
            "version": version,
            "people": [self._person(person, threads[person.phone]) for person in self._board.people()],
            "faults": self._faults.left(),
            "trouble": [post_json(post) for post in trouble[-TROUBLE_SHOWN:]],
        }

    def _person(self, person: Person, thread: list[Message]) -> Json:
        return {
            "phone": person.phone,
            "shown": pretty(person.phone),
            "name": person.name if person.name != person.phone else pretty(person.phone),
            "role": person.role,
            "landline": person.landline,
            "opted_out": self._board.is_opted_out(self._config.clinic_number, person.phone),
            "habit": person.habit,
            "thread": [bubble(message) for message in thread[-THREAD_SHOWN:]],
            "calls": [leg_json(leg) for leg in self._book.of(person.phone)[-CALLS_SHOWN:]],
        }

    def text(self) -> ResponseReturnValue:
        """Write to the clinic: {"from", "body", "to"?, "photos"?, "wait"?}. `wait`: answer after the exchange.

        `from` may be anything at all: what odd senders do to the clinic is worth trying.
        """
        asked = given()
        number = self._board.number(str(asked.get("to") or self._config.clinic_number))
        body, photos = writable(str(asked.get("body", ""))), asked.get("photos", 0)
        if number is None:
            raise Refused("to is no number of the clinic")
        if not isinstance(photos, int) or not 0 <= photos <= PHOTOS_AT_ONCE or not (body or photos):
            raise Refused("a text has a body, or 1 to 10 photos, or both")
        message, done = self._line.text_in(writable(str(asked.get("from", ""))), number, body, photos)
        if asked.get("wait"):
            try:
                done.result(WAIT_S)
            except StillBusy as busy:
                raise Refused("the clinic has not answered yet") from busy
        return bubble(self._board.message(message.sid) or message), 201

    def add_person(self) -> ResponseReturnValue:
        asked = given()
        phone, name = read_number(str(asked.get("phone", ""))), writable(str(asked.get("name", ""))).strip()
        if phone is None or self._board.number(phone) is not None:
            raise Refused("Write a phone number like 602-555-0148, not the clinic's own.")
        if not name:
            raise Refused("Write a name.")
        known = self._board.person(phone)
        person = known or Person(phone, name)
        self._board.meet(replace(person, name=name, role=str(asked.get("role", ""))))
        return {"phone": phone}, 201

    def change_person(self, phone: str) -> ResponseReturnValue:
        """Change a person: {"landline": true or false}, {"habit": what the phone does when it rings}, or both.

        A habit can be set before anybody has that phone.
        """
        asked = given()
        person = self._board.person(phone) or (Person(phone, phone) if "habit" in asked else None)
        landline, habit = asked.get("landline"), asked.get("habit")
        if person is None or not asked or not isinstance(landline, bool | None) or habit not in (None, *Habit):
            raise Refused("say landline true or false, or a habit, of somebody who is here")
        changed = replace(person, landline=person.landline if landline is None else landline)
        self._board.meet(changed if habit is None else replace(changed, habit=Habit(str(habit))))
        return {"phone": phone}

    def set_faults(self) -> ResponseReturnValue:
        """Switch faults: {"fail_rest": true} until switched off, 2 for the next two, 0.2 for one in five, false."""
        for name, times in given().items():
            if name not in list(Fault) or not isinstance(times, int | float) or times < -1 or -1 < times < 0:
                raise Refused(f"a fault is one of {', '.join(Fault)}, and true, false, a number of times or a share")
            self._faults.set(Fault(name), -1 if times is True else times)
        self._board.touched()
        return {fault.value: left for fault, left in self._faults.left().items()}

    def posts(self) -> ResponseReturnValue:
        return [post_json(post) for post in self._board.posts()]

    def settled(self) -> ResponseReturnValue:
        """Wait until no text, receipt or retry is under way any more."""
        return {"settled": self._line.background.settle(WAIT_S)}


def given() -> Json:
    asked = request.get_json()
    if not isinstance(asked, dict):
        raise Refused("send a JSON object")
    return asked


def writable(text: str) -> str:
    """Return text that a form can carry: JSON can hold half a character (a lone surrogate), which no form can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def bubble(message: Message) -> Json:
    """Show one text as its owner's phone shows it. The pictures sent from here are asked for on this page's own
    host.
    """
    mine = message.direction is Direction.INBOUND
    return {
        "sid": message.sid,
        "mine": mine,
        "body": message.body,
        "at": message.created_at.isoformat(),
        "state": message.hand_over if mine else message.status,
        "carrier": message.direction is Direction.CARRIER,
        "error": message.error_code,
        "parts": segments(message.body),
        "pictures": [urlsplit(url).path for url in message.media] if mine else [],
        "links": [] if mine else list(message.media),
    }


def post_json(post: Post) -> Json:
    """Show a post without its query: what stands there is the clinic's own business."""
    return {
        "at": post.at.isoformat(),
        "sid": post.sid,
        "path": urlsplit(post.url).path,
        "attempt": post.attempt,
        "outcome": post.outcome,
        "answer": post.answer,
    }
