"""Each row of ASVS that the console is held to is in docs/security.md, with a test that exists."""

import re
from datetime import timedelta
from pathlib import Path

from triage import policy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = """
    6.1.1 6.2.1 6.2.4 6.2.9 6.2.10 6.2.12 6.3.1 6.3.2 6.3.3 6.4.3 6.5.1 6.5.5 6.6.3 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2
    7.4.5 7.5.1 7.5.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.3 8.2.1 8.2.2 8.2.3 8.3.1 14.2.1
    14.3.1 14.3.2 14.3.3 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.4.1 16.4.2 16.5.1 16.5.2 16.5.3 13.2.4 13.3.1 13.4.1
    13.4.2
""".split()


def test_every_row_is_there_once_with_what_meets_it_and_a_test():
    rows = re.findall(r"(?m)^\| (\d+\.\d+\.\d+) [^|]+\| ([^|]+) \| `(test_\w+)` \|$", PAGE)
    assert sorted(row for row, _, _ in rows) == sorted(ROWS)


def test_every_test_that_is_named_exists():
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for source in sources for name in re.findall(r"(?m)^def (test_\w+)", source)}
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - there == set()


def test_the_limits_on_guesses_that_are_written_down_are_those_of_the_program():
    """ASVS 6.1.1."""
    [row] = re.findall(r"(?m)^\| 6\.1\.1 [^|]+\| ([^|]+) \|", PAGE)
    minutes = policy.GUESSES_WITHIN // timedelta(minutes=1)
    limits = "in {} minutes {} an account, {} an address, {} of all strangers together"
    counted = (policy.MOST_GUESSES, policy.MOST_GUESSES_OF_ADDRESS, policy.MOST_GUESSES_OF_STRANGERS)
    assert row.startswith(limits.format(minutes, *counted))
