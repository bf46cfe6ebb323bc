"""Putting a request right: the name, number, topic and priority that were taken down wrongly."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import REQUEST, bp, me
from staff.request.request_page import LONGEST_NOTE, act, request_page
from triage.model.member import May
from triage.model.request import Priority, Topic
from triage.reading import phone_numbers
from triage.team import corrections
from triage.team.corrections import Corrected


@bp.post(f"{REQUEST}/correct")
@needs(May.WORK)
def correct(request_id: int) -> AnyResponse:
    form = request.form
    topic, priority, typed = form.get("topic", ""), form.get("priority", ""), form.get("number", "").strip()
    if topic not in ("", *Topic) or priority not in list(Priority):
        return request_page(request_id, problem="no_priority", code=422)
    numbers = phone_numbers.read_numbers(typed) if typed else ()
    if typed and len(numbers) != 1:
        return request_page(request_id, problem="no_number_read", code=422)
    given = Corrected(
        name=form.get("name", ""),
        number=numbers[0] if numbers else None,
        topic=Topic(topic) if topic else None,
        priority=Priority(priority),
        why=form.get("why", "")[:LONGEST_NOTE],
    )
    return act(
        request_id,
        "corrected",
        lambda db, clinic, now: corrections.correct(db, clinic, request_id, me().id, given, now),
    )
