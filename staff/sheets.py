"""Lists as files that a spreadsheet reads: CSV in which no cell is worked out as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Response

from staff.desk import local

# A cell that begins so is worked out as a formula by spreadsheets.
FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")

Cells = Sequence[object]


def as_file(name: str, of: str | datetime, head: Cells, rows: Iterable[Cells]) -> Response:
    """Give rows as a file named by what it holds and of when; spreadsheets tell by its first mark that it is UTF-8."""
    when = of if isinstance(of, str) else f"{local(of):%Y-%m-%d-%H%M}"
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(head)
    sheet.writerows([harmless(cell) for cell in row] for row in rows)
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{when}.csv"'
    return response


def written(at: datetime | None) -> str:
    """Write a time as spreadsheets read it, by the clinic's clock; nothing for none."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def harmless(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) else text
