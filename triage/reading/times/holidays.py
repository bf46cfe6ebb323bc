"""The days of the year that have a name, by which people here count: "the day after Thanksgiving"."""

from collections.abc import Callable
from datetime import date, timedelta


def _on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(which: int, weekday: int, month: int, and_days: int = 0) -> Callable[[int], date]:
    """Return the date of the nth such weekday (Monday is 0) of a month in a year, or of some days after it."""

    def of(year: int) -> date:
        first = date(year, month, 1)
        ahead = (weekday - first.weekday()) % 7
        return first + timedelta(days=ahead + 7 * (which - 1) + and_days)

    return of


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


# By their names in words/times.toml, each with its date in a year.
HOLIDAYS: dict[str, Callable[[int], date]] = {
    "newyear": _on(1, 1),
    "mlkday": _nth(3, 0, 1),
    "valentines": _on(2, 14),
    "presidentsday": _nth(3, 0, 2),
    "memorialday": _last_monday_of_may,
    "juneteenth": _on(6, 19),
    "laborday": _nth(1, 0, 9),
    "halloween": _on(10, 31),
    "veteransday": _on(11, 11),
    "thanksgiving": _nth(4, 3, 11),
    "blackfriday": _nth(4, 3, 11, and_days=1),
    "cybermonday": _nth(4, 3, 11, and_days=4),
    "christmaseve": _on(12, 24),
    "christmas": _on(12, 25),
    "newyearseve": _on(12, 31),
}
