"""Each row of ASVS that the console is held to is in docs/security.md, with a test that exists."""

import re
from pathlib import Path

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
