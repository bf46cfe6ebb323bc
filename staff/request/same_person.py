"""Two requests of one person under two phones: merging them, and taking that back."""

import re

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import REQUEST, bp, me
from staff.request.request_page import act, request_page
from triage.model.member import May
from triage.team import merging

A_NUMBER = re.compile(r"#? ?([0-9]{1,9})")


@bp.post(f"{REQUEST}/merge")
@needs(May.WORK)
def merge(request_id: int) -> AnyResponse:
    typed = A_NUMBER.fullmatch(request.form.get("other", "").strip())
    if typed is None:
        return request_page(request_id, problem="no_such_request", code=422)
    other = int(typed[1])
    return act(request_id, "merged", lambda db, clinic, now: merging.merge(db, clinic, request_id, me().id, other, now))


@bp.post(f"{REQUEST}/unmerge")
@needs(May.WORK)
def unmerge(request_id: int) -> AnyResponse:
    typed = A_NUMBER.fullmatch(request.form.get("merge", "").strip())
    merge_id = int(typed[1]) if typed else 0
    return act(
        request_id, "unmerged", lambda db, clinic, now: merging.unmerge(db, clinic, request_id, me().id, merge_id, now)
    )
