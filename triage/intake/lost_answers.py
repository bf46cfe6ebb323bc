"""Answers that were given to a webhook and went nowhere: we committed, and Twilio no longer listened."""

from datetime import datetime

from triage.conversation.late_texts import lost_answer_kind
from triage.intake.inbound_texts import Intake
from triage.notices.to_patients import plan_late_answer
from triage.store import messages, people
from triage.store.messages import Unreported


def send_after_all(intake: Intake, lost: list[Unreported], now: datetime) -> bool:
    """Plan what answered one text as a notice, if it still helps; False if none of it was lost after all.

    lost: the answers to one text that the provider does not have.
    """
    key, person_id = lost[0].key, lost[0].person_id
    with intake.database.write() as db:
        found = people.lock_talk(db, person_id)
        gone = [answer for answer in lost if messages.take_back(db, answer)]
        if not gone:
            return False
        in_form = found is not None and found[1] is not None and bool(found[1].draft["draft"]["wish"])
        labels = (messages.label_of(db, key) or "").split(",")
        kind = lost_answer_kind(labels, in_form or gone[0].request_id is not None, now - gone[0].at)
        if kind is not None:
            body = "\n\n".join(answer.body for answer in gone)
            plan_late_answer(db, intake.clinic, kind, person_id, gone[0].request_id, key, gone[0].at, body, now)
    return True
