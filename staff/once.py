"""Each form is taken once: three clicks on a slow line are one, and a lost answer is asked for again without harm.

A form carries a mark of its own. The same mark with the same words from the same person is the same form; changed words
are another one, so nothing that was typed is ever swallowed.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from sqlalchemy import Connection

from staff.desk import bp, me, right_now, runtime
from staff.pages import keyed
from triage.store import once_marks

LONGEST_MARK = 40

# A page that is compared with what was shown before leaves these out: they are new each time.
IN_A_FORM = re.compile(r'<input type="hidden" name="once" value="[^"]*">')


class TakenBefore(Exception):
    """This form was taken already: what it does is done."""


@bp.app_template_global("once_mark")
def once_mark() -> str:
    return secrets.token_urlsafe(12)


@contextmanager
def taking_once() -> Iterator[Connection]:
    """Open the transaction of what a form does. Raises TakenBefore where it has been done."""
    with runtime().db.write() as db:
        if (mark := _mark()) and not once_marks.take(db, mark, right_now()):
            raise TakenBefore
        yield db


def _mark() -> str | None:
    """Return the mark of the form that was sent, as it is kept; None where it carries none."""
    given = request.form.get("once", "")
    if not 0 < len(given) <= LONGEST_MARK:
        return None
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf")
    return keyed("once", repr((me().id, request.path, fields)))
