"""Every number and hour that a clinic may ask about, by subject; each section can be set in `clinic.toml`.

A section is a table of that file. What stands below the sections is no matter of taste, and cannot be set.
"""

import re
from datetime import time, timedelta
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Span = tuple[time, time]


def _span(written: object) -> Span:
    """Read `09:00-17:00`; `24:00` is the end of the day, kept as 0:00."""
    if isinstance(written, tuple):
        return written
    match = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", str(written))
    if not match:
        raise ValueError("write hours as '09:00-17:00'")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    if from_hour == 24 or (to_hour == 24 and to_minute):
        raise ValueError("write hours as '09:00-17:00'")
    return time(from_hour, from_minute), time(0) if to_hour == 24 else time(to_hour, to_minute)


HoursText = Annotated[Span, BeforeValidator(_span)]


def in_order(span: Span) -> Span:
    """Return the span. Raises ValueError where it does not end after it begins; 0:00 is the end of the day."""
    if span[0] >= span[1] != time(0):
        raise ValueError("the first time must be before the second: write '09:00-17:00'")
    return span


class Section(BaseModel):
    """One table of `clinic.toml`: an unknown name in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what is promised, and when it is tried again


class Promises(Section):
    """When the first call is promised: crisis and urgent count clock minutes, routine open minutes.

    listen_minutes: within how many clock minutes somebody listens to a message that no machine has read.
    """

    crisis_minutes: int = Field(default=10, ge=1, le=60)
    urgent_minutes: int = Field(default=30, ge=1, le=24 * 60)
    routine_open_minutes: int = Field(default=240, ge=15, le=10 * 24 * 60)
    listen_minutes: int = Field(default=15, ge=5, le=120)


class Retries(Section):
    """How often and how far apart a person is tried who was not reached, in open minutes."""

    tries: int = Field(default=3, ge=1, le=10)
    open_minutes_apart: int = Field(default=120, ge=15, le=24 * 60)
    none_before_closing_minutes: int = Field(default=30, ge=0, le=240)
    crisis_again_after_minutes: int = Field(default=15, ge=1, le=120)
    longest_snooze_days: int = Field(default=31, ge=1, le=366)


# --- who of staff is told, and when


class Alerts(Section):
    """Texts and calls to staff. A round of a crisis goes to every contact of the hour, and again until one answers."""

    bundle_seconds: int = Field(default=60, ge=0, le=900)
    due_soon_minutes: int = Field(default=15, ge=1, le=240)
    overdue_after_closing_minutes: int = Field(default=60, ge=0, le=480)
    urgent_lead_after_minutes: int = Field(default=15, ge=1, le=240)
    crisis_call_after_seconds: int = Field(default=60, ge=10, le=600)
    crisis_round_minutes: int = Field(default=3, ge=1, le=30)
    crisis_rounds_before_slower: int = Field(default=5, ge=1, le=100)
    crisis_slower_round_minutes: int = Field(default=10, ge=1, le=60)
    crisis_lead_from_round: int = Field(default=2, ge=1, le=10)
    crisis_fallback_from_round: int = Field(default=3, ge=1, le=10)
    crisis_called_within_minutes: int = Field(default=15, ge=1, le=120)
    crisis_uncalled_minutes: int = Field(default=10, ge=1, le=120)
    overdue_again_open_minutes: int = Field(default=120, ge=15, le=24 * 60)
    urgent_overdue_again_minutes: int = Field(default=30, ge=5, le=240)
    outside_after_minutes: int = Field(default=2, ge=1, le=30)
    wrote_again_minutes: int = Field(default=10, ge=1, le=240)
    most_in_one_text: int = Field(default=15, ge=1, le=30)

    @model_validator(mode="after")
    def _slower_is_slower(self) -> Self:
        if self.crisis_slower_round_minutes < self.crisis_round_minutes:
            raise ValueError("crisis_slower_round_minutes is below crisis_round_minutes: later rounds come no faster")
        return self

    @property
    def bundle(self) -> timedelta:
        return timedelta(seconds=self.bundle_seconds)

    @property
    def due_soon(self) -> timedelta:
        return timedelta(minutes=self.due_soon_minutes)

    @property
    def overdue_after_closing(self) -> timedelta:
        return timedelta(minutes=self.overdue_after_closing_minutes)

    @property
    def urgent_lead_after(self) -> timedelta:
        return timedelta(minutes=self.urgent_lead_after_minutes)

    @property
    def crisis_call_after(self) -> timedelta:
        return timedelta(seconds=self.crisis_call_after_seconds)

    @property
    def crisis_called_within(self) -> timedelta:
        return timedelta(minutes=self.crisis_called_within_minutes)

    @property
    def crisis_uncalled(self) -> timedelta:
        """Return how long after an acknowledgement a crisis may wait for a call before its alerts begin anew."""
        return timedelta(minutes=self.crisis_uncalled_minutes)

    @property
    def overdue_again(self) -> timedelta:
        """Return after how much open time what is overdue is told of again."""
        return timedelta(minutes=self.overdue_again_open_minutes)

    @property
    def urgent_overdue_again(self) -> timedelta:
        """Return after how long an urgent request that is overdue is told of again, by day and night."""
        return timedelta(minutes=self.urgent_overdue_again_minutes)

    @property
    def wrote_again(self) -> timedelta:
        """Return for how long one text to staff tells of all that a person writes to them."""
        return timedelta(minutes=self.wrote_again_minutes)

    @property
    def outside_after(self) -> timedelta:
        """Return for how long the provider may take no alert of a request before it is told by the other channel."""
        return timedelta(minutes=self.outside_after_minutes)

    def pause_outside(self, rounds: int) -> timedelta:
        """Return how long after it was told there a request is told again: each round, an urgent one more slowly."""
        return self.pause_after_round(rounds) if rounds else self.longest_pause

    @property
    def longest_pause(self) -> timedelta:
        """Return the longest time between two rounds."""
        return timedelta(minutes=self.crisis_slower_round_minutes)

    def pause_after_round(self, number: int) -> timedelta:
        """Return how long a round of alerts, the first being 1, is given before the next."""
        is_early = number < self.crisis_rounds_before_slower
        return timedelta(minutes=self.crisis_round_minutes if is_early else self.crisis_slower_round_minutes)


# --- the talk with a person


class Conversation(Section):
    """How long what is open waits. A question is of any kind but a check-in on danger. staff_hours: for so long after a
    text of staff the line stands back.
    """

    draft_minutes: int = Field(default=30, ge=5, le=24 * 60)
    unfinished_hours: int = Field(default=24, ge=1, le=7 * 24)
    question_hours: int = Field(default=24, ge=1, le=7 * 24)
    check_in_minutes: int = Field(default=10, ge=1, le=60)
    staff_hours: int = Field(default=24, ge=1, le=7 * 24)

    @property
    def draft_life(self) -> timedelta:
        """Return how long a half-finished request waits for the next message before it is queued as it is."""
        return timedelta(minutes=self.draft_minutes)

    @property
    def unfinished_life(self) -> timedelta:
        """Return how long a message still completes a request that was queued half-finished."""
        return timedelta(hours=self.unfinished_hours)

    @property
    def question_life(self) -> timedelta:
        return timedelta(hours=self.question_hours)

    @property
    def check_in_life(self) -> timedelta:
        return timedelta(minutes=self.check_in_minutes)

    @property
    def staff_life(self) -> timedelta:
        return timedelta(hours=self.staff_hours)


class Limits(Section):
    """Against robots that answer us: words of danger are answered whatever stands here."""

    replies_per_hour: int = Field(default=30, ge=5, le=1000)


class Sending(Section):
    """How many parts of texts a second one number of ours is given to pass on; 0 is no limit. Crisis alerts go first
    and are not held. look_up_lines: ask the provider once a year what kind of line a number is, before it is texted.
    """

    segments_per_second: float = Field(default=1.0, ge=0, le=200)
    look_up_lines: bool = False

    def takes(self, segments: int) -> timedelta:
        """Return for how long a text of so many parts keeps its number busy."""
        return timedelta(seconds=segments / self.segments_per_second) if self.segments_per_second else timedelta()


class PatientTexts(Section):
    """When a text that we start may reach a patient, by the clock of their own zone."""

    hours: HoursText = (time(9), time(20))
    useful_hours: int = Field(default=4, ge=1, le=24)

    @model_validator(mode="after")
    def _within_the_day(self) -> Self:
        if self.hours[0] < time(8) or not time(8) < in_order(self.hours)[1] <= time(21):
            raise ValueError("texts that you start may go out from 08:00 to 21:00 at the most: write '09:00-20:00'")
        return self

    @property
    def useful(self) -> timedelta:
        """Return how long such a text is worth sending once its time has come."""
        return timedelta(hours=self.useful_hours)


class PartsOfDay(Section):
    """What people mean by the parts of a day, wherever they say so or press a key for one.

    An hour that somebody names is the one in or nearest to the time from morning to afternoon; the evening is the last
    time at which anybody is called. (When the clinic is open is another matter.)
    """

    morning: HoursText = (time(9), time(12))
    afternoon: HoursText = (time(12), time(17))
    evening: HoursText = (time(17), time(20))

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        spans = [in_order(span) for span in (self.morning, self.afternoon, self.evening)]
        if any(end > start or end == time(0) for (_, end), (start, _) in pairwise(spans)):
            raise ValueError("parts_of_day: morning, afternoon and evening follow one another and may not overlap")
        return self

    @property
    def begins(self) -> int:
        """Return the minute of the day at which the morning begins."""
        return _minute(self.morning[0])

    @property
    def ends(self) -> int:
        """Return the minute of the day at which the afternoon ends."""
        return _minute(self.afternoon[1])

    @property
    def latest(self) -> int:
        """Return the minute of the day at which the evening ends."""
        return _minute(self.evening[1])

    def minutes(self, part: str) -> tuple[int, int]:
        """Return from which minute of the day to which a part lasts, by its name in the time reader."""
        return _minutes_of_parts(self)[part]


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


@cache
def _minutes_of_parts(usual: PartsOfDay) -> dict[str, tuple[int, int]]:
    """Derive the finer parts from the three that a clinic sets."""
    morning, afternoon, evening = (
        (_minute(start), _minute(end)) for start, end in (usual.morning, usual.afternoon, usual.evening)
    )
    noon = 12 * 60
    first_hour, last_hour = (morning[0], morning[0] + 60), (afternoon[1] - 60, afternoon[1])
    return {
        "morning": morning,
        "afternoon": afternoon,
        "evening": evening,
        "am": morning,
        "pm": afternoon,
        "eve": evening,
        "firstthing": first_hour,
        "early": first_hour,
        "earlymorning": first_hour,
        "midmorning": _between(morning, 60, 60),
        "latemorning": (morning[1] - 60, morning[1]),
        "lunch": (noon, noon + 60),
        "earlyafternoon": (afternoon[0], afternoon[0] + 120),
        "midafternoon": _between(afternoon, 120, 60),
        "lateafternoon": (afternoon[1] - 120, afternoon[1]),
        "late": last_hour,
        "endofday": last_hour,
        "earlyevening": (evening[0], evening[0] + 60),
        "lateevening": (evening[1] - 60, evening[1]),
    }


def _between(part: tuple[int, int], after: int, before: int) -> tuple[int, int]:
    """Return the middle of a part; all of it where it is too short to have one."""
    middle = part[0] + after, part[1] - before
    return middle if middle[0] < middle[1] else part


# Where no clinic is asked: in tests and measurements of the time reader alone.
USUAL_PARTS = PartsOfDay()


# --- calls, the console, and how long data is kept


class Ringing(Section):
    """Calls that we make, take or hand on. `ring_s` is kept short: a mailbox rarely gets to answer, and a caller who
    waits hears a word before each phone that rings.

    missed_call_text: send one text a day to who hangs up without a word. delete_recordings: the provider's copy goes
    once ours is kept. silent_in_danger: who has said words of danger and then nothing is connected to the crisis line,
    or to 911, or the line is held open. emergency_line: empty where 911 is not dialled for a caller. A message of under
    `shortest_message_s` is none; one of two minutes or more is not transcribed.
    """

    confirm_identity: bool = True
    ring: Literal["in_turn", "together"] = "in_turn"
    ring_s: int = Field(default=20, ge=10, le=20)
    patient_ring_s: int = Field(default=30, ge=10, le=60)
    crisis_line_ring_s: int = Field(default=60, ge=20, le=120)
    crisis_line: str = Field(default="988", pattern=r"^(988|911|\+[1-9]\d{6,14})$")
    emergency_line: str = Field(default="911", pattern=r"^(|911|\+[1-9]\d{6,14})$")
    silent_in_danger: Literal["connect", "hold"] = "connect"
    missed_call_text: bool = False
    delete_recordings: bool = True
    shortest_message_s: int = Field(default=2, ge=1, le=10)
    longest_message_s: int = Field(default=110, ge=30, le=600)

    def is_too_short(self, duration_s: int | None) -> bool:
        """Tell whether a recording is no message; one of unknown length is."""
        return duration_s is not None and duration_s < self.shortest_message_s


class Console(Section):
    """The pages of staff. A session that nobody uses is locked; it goes on when its owner shows that it is them."""

    idle_lock_minutes: int = Field(default=15, ge=1, le=30)
    session_hours: int = Field(default=12, ge=1, le=24)
    due_within_minutes: int = Field(default=30, ge=1, le=240)

    @property
    def idle_lock(self) -> timedelta:
        return timedelta(minutes=self.idle_lock_minutes)

    @property
    def session_life(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def due_within(self) -> timedelta:
        """Return how long before its promise runs out a request is shown as due."""
        return timedelta(minutes=self.due_within_minutes)


class Retention(Section):
    """After how many days what is stored goes. Nothing of an open request goes.

    messages: texts, what was said in calls, notes, and the names and numbers of closed requests. audit: who did what.
    """

    messages_days: int = Field(default=2192, ge=30)
    recordings_days: int = Field(default=365, ge=7)
    receipts_days: int = Field(default=30, ge=7)
    audit_days: int = Field(default=2192, ge=365)


# --- not to be set

# A text that follows another so soon is read together with it: people break a sentence in two.
JOINED_WITHIN = timedelta(seconds=60)

# What was asked longer ago is not answered any more, unless it is about danger or a call: the answer would puzzle.
ANSWERED_WITHIN = timedelta(minutes=15)

# Staff who call back have so long to pick up their own phone.
STAFF_PICK_UP_WITHIN = timedelta(seconds=60)

# A phone of staff that the provider cannot ring is tried for so long; then they are told.
STAFF_RUNG_WITHIN = timedelta(seconds=8)

# So many seconds who calls while we call them back waits for the member of staff who is on the line.
JOINED_WITHIN_S = 20

# Who has talked with a patient tells how it ended within this time, or is asked by text. News of a call goes stale.
OUTCOME_WITHIN, CALL_NEWS_USEFUL = timedelta(seconds=60), timedelta(minutes=30)

# A caller who wants a person now is put through to so many phones at the most.
MOST_RUNG = 5

# Between the password and the second step; and how many wrong passwords or codes in how long shut a login.
HALF_SIGNED_IN = timedelta(minutes=10)
MOST_GUESSES, GUESSES_WITHIN = 10, timedelta(minutes=15)

# A password that somebody else has made opens the console for so long, and then has to be made anew.
FIRST_PASSWORD_LASTS = timedelta(hours=72)

# Who changes the staff gives their second step again, and may go on for so long.
SHOWN_AGAIN_FOR = timedelta(minutes=5)

# From browsers that nobody has signed in with: how many wrong passwords from one address, and from all together.
MOST_GUESSES_OF_ADDRESS, MOST_GUESSES_OF_STRANGERS = 40, 400

# How many wrong codes may come by text from the number of a member of staff, which can be forged.
MOST_WRONG_CODES, WRONG_CODES_WITHIN = 5, timedelta(hours=1)

# Staff read English, on every channel.
STAFF_LANG = "en"
