"""What a phone of staff does with a crisis by text is told to the other contacts: a sender can be forged."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.model.member import Staff
from triage.model.notice import Kind, Planned
from triage.notices.recipients import round_addressees, who_can_be_texted
from triage.policy import STAFF_LANG
from triage.ports import Words
from triage.settings import Clinic
from triage.store import notices

USEFUL = timedelta(hours=1)


def tell_others(
    db: Connection, clinic: Clinic, words: Words, actor: Staff, act: str, ref: int | None, now: datetime
) -> None:
    """Text the contacts of a crisis, the lead and the fallback contact what came from somebody's number.

    act: names the words, "taken". ref: the request, None where it is about the phone itself.
    """
    last_round = max(clinic.alerts.crisis_lead_from_round, clinic.alerts.crisis_fallback_from_round)
    values = {"sender": clinic.sender_name, "login": actor.login, "ref": ref}
    body = words.say(f"staff/by_text/{act}", STAFF_LANG, values)
    for member in who_can_be_texted(db, round_addressees(last_round, clinic, now), clinic):
        if member.id != actor.id:
            need = f"{Kind.DONE_BY_TEXT}:{act}:{ref}:{actor.id}:{now:%Y%m%d%H%M}"
            new = Planned(
                Kind.DONE_BY_TEXT, need, now, staff_id=member.id, expires_at=now + USEFUL, body=body, copy_for=member.id
            )
            notices.plan(db, new, now)
