"""Every number and hour that a clinic may ask to change and clinic.toml does not hold, by subject."""

from datetime import time, timedelta

SHORTEST_MESSAGE_S = 2

ONE_MINUTE = timedelta(minutes=1)

MORNING, AFTERNOON = (time(9), time(12)), (time(12), time(17))

BUNDLE = timedelta(seconds=60)

LEAD_AFTER = timedelta(minutes=15)

SOON = timedelta(minutes=15)

CALL_AFTER_ALERT = timedelta(minutes=15)

# The lead hears of what ran out at closing time, though the clinic is no longer open.
AFTER_CLOSING = timedelta(hours=1)

ROUND = timedelta(minutes=3)

LATER_ROUND = timedelta(minutes=10)

ROUNDS_IN_A_ROW = 5

LEAD_FROM_ROUND = 2

FALLBACK_FROM_ROUND = 3

TEXTS_FROM, TEXTS_UNTIL = time(9), time(20)

USEFUL = timedelta(hours=4)

STAFF_WAITS = timedelta(seconds=60)

ALERT_CALL_AFTER = timedelta(seconds=60)

MOST_RUNG = 5

PATIENT_RINGS_S = 30

CRISIS_LINE_RINGS_S = 60

LANG = "en"

DUE_WITHIN = timedelta(minutes=30)

DRAFT_LASTS = timedelta(minutes=30)

LAPSED_DRAFT_LASTS = timedelta(hours=24)

CHECK_IN_LASTS = timedelta(minutes=10)

QUESTION_LASTS = timedelta(hours=24)

# How people are understood, in minutes of the day. (When the clinic is open is a setting, and no matter here.)
OPENS, CLOSES, LATEST = 9 * 60, 17 * 60, 20 * 60

PARTS = {
    "morning": (OPENS, 12 * 60),
    "afternoon": (12 * 60, CLOSES),
    "evening": (CLOSES, LATEST),
    "firstthing": (OPENS, 10 * 60),
    "endofday": (16 * 60, CLOSES),
    "lunch": (12 * 60, 13 * 60),
    "early": (OPENS, 10 * 60),
    "late": (16 * 60, CLOSES),
    "am": (OPENS, 12 * 60),
    "pm": (12 * 60, CLOSES),
    "eve": (CLOSES, LATEST),
    "earlymorning": (OPENS, 10 * 60),
    "midmorning": (10 * 60, 11 * 60),
    "latemorning": (11 * 60, 12 * 60),
    "earlyafternoon": (12 * 60, 14 * 60),
    "midafternoon": (14 * 60, 16 * 60),
    "lateafternoon": (15 * 60, CLOSES),
    "earlyevening": (CLOSES, 18 * 60),
    "lateevening": (19 * 60, LATEST),
}

TRY_CRISIS_AGAIN = timedelta(minutes=15)

LONGEST_SNOOZE = timedelta(days=31)

# A session that nobody uses is locked; it goes on when its owner shows that it is them.
IDLE = timedelta(minutes=15)

LONGEST = timedelta(hours=12)

# Between the password and the second step.
HALF_WAY = timedelta(minutes=10)

GUESSES = 10

GUESSES_WITHIN = timedelta(minutes=15)
