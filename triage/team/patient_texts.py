"""What staff tell a patient by text: another window for the call, or words of their own; neutral, and by the outbox."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import Promise
from triage.hours.window import Window
from triage.model.message import Say
from triage.model.request import Flag
from triage.notices import recipients, to_patients
from triage.notices.neutral_words import telling_words
from triage.ports import Words
from triage.segments import plain_quotes
from triage.settings import Clinic
from triage.store import people, promise_ledger, requests
from triage.team.request_acts import done

# Replies that are ready: files under templates/sms/<language>/canned/.
CANNED = ("call_us", "which_time", "which_number", "running_late", "thank_you")

FARTHEST = timedelta(days=366)  # nothing is promised beyond, and no calendar runs out

LONGEST_TEXT = 450  # about three parts with the sender's name


def promise_window(
    db: Connection, clinic: Clinic, words: Words, request_id: int, staff_id: int, window: Window, now: datetime
) -> bool:
    """Promise another window and tell the patient, where a text may go. False if the request is closed.

    The window is cut to open hours. Raises Refused for one gone by or closed, and for a crisis: that is called now.
    """
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return False
    if request.priority.pages:
        raise Refused("crisis_waits_for_nobody")
    if window.start >= window.end:
        raise Refused("ends_before_it_starts")
    if window.end <= now:
        raise Refused("time_past")
    if window.start > now + FARTHEST:
        raise Refused("window_too_far")
    fitted = clinic.opening.fit(window, now.astimezone(clinic.zone))
    if fitted is None:
        raise Refused("closed_then")
    when = Say("when/between", {"window": fitted})
    in_words = words.say(when.key, request.lang, when.values)
    values = {
        "promised": in_words,
        "promised_start": fitted.start,
        "promised_end": fitted.end,
        "due_at": fitted.end,
        "snoozed_until": None,
        "flags": request.flags - {Flag.NO_FIT, Flag.ASK_TIME},
    }
    if not requests.change_open(db, request_id, values, now):
        return False
    promise_ledger.make(db, request_id, Promise(fitted, fitted.end), in_words, now, staff_id)
    moved = requests.get(db, request_id)
    assert moved is not None
    body = words.say("new_promise", request.lang, {"sender": clinic.sender_name, "when": when})
    to_patients.plan_new_promise(db, clinic, moved, body, now)
    return done(db, clinic, "promise", request_id, staff_id, now)


def text_patient(
    db: Connection,
    clinic: Clinic,
    words: Words,
    request_id: int,
    staff_id: int,
    written: str,
    once: str,
    now: datetime,
) -> bool:
    """Text the patient in words of staff. Raises Refused where no text may go, or where it says too much."""
    request = requests.get(db, request_id)
    if request is None:
        return False
    person = people.get(db, request.person_id)
    if not recipients.can_be_texted(person):
        raise Refused("opted_out" if person and person.opted_out_at else "takes_no_texts")
    body = as_sent(clinic, words, request.lang, written)
    if not written.strip():
        raise Refused("empty_text")
    if len(written) > LONGEST_TEXT:
        raise Refused("long_text")
    if told := telling_words(body):
        raise Refused("not_neutral", told)
    to_patients.plan_staff_text(db, clinic, request, body, once, now)
    # Who writes has looked: they know whom they write to.
    requests.change(db, request_id, {"flags": request.flags - {Flag.WRONG_NUMBER}, "wrote_at": None}, now)
    return done(db, clinic, "text", request_id, staff_id, now)


def canned(words: Words, lang: str) -> list[str]:
    return [words.say(f"canned/{name}", lang) for name in CANNED]


def as_sent(clinic: Clinic, words: Words, lang: str, written: str) -> str:
    """Return those words as they go out: with the sender's name, and without typography that would double the parts."""
    return plain_quotes(words.say("from_team", lang, {"sender": clinic.sender_name, "words": written.strip()}))
