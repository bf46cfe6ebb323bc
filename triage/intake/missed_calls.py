"""Calls that are over and whose end, or whose every turn, no webhook has brought."""

from triage.conversation import call_turns
from triage.intake.effects import apply
from triage.intake.inbound_calls import CallIntake, CallTurn, begin_call, caller_of, turn_key
from triage.intake.inbound_texts import Intake
from triage.model.message import Channel, Inbound
from triage.model.phone import sender_kind
from triage.ports import ListedCall
from triage.store import calls, members


def over(intake: Intake, listed: ListedCall) -> bool:
    """Settle a call that the provider lists as over. True where nobody had answered it: then it is in the queue.

    Nothing happens a second time. Raises what the database raises.
    """
    assert listed.ended_at is not None
    with intake.database.read() as db:
        call = calls.by_sid(db, listed.sid)
    if call is not None and call.turn >= 0:
        CallIntake(intake).ended(listed.sid, listed.duration_s, listed.ended_at)
        return False
    turn = CallTurn(listed.sid, 0, listed.sender, listed.to, listed.started_at)
    inbound = Inbound(turn_key(turn), Channel.VOICE, caller_of(turn, intake.clinic), listed.to, "", listed.started_at)
    with intake.database.write() as db:
        situation = intake.situation(db, inbound, "en", sender_kind(inbound.sender))
        begin_call(db, turn, situation.person.id)
        if not calls.end(db, listed.sid, listed.duration_s, listed.ended_at):
            return False  # another clock was first
        if situation.person.blocked_at or members.by_phone(db, inbound.sender):
            return True
        for effect in call_turns.missed(situation):
            apply(db, intake.clinic, intake.words, situation, effect, situation.talk.lang)
    return True
