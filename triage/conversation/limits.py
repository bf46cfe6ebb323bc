"""How long questions and drafts wait, and how many replies an hour."""

from dataclasses import replace
from datetime import timedelta

from triage.conversation import call_menus, call_request, form
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, Situation, Talk, Turn
from triage.conversation.steps import STEPS
from triage.model.message import Channel, Say
from triage.model.request import ALARMS, Flag

ONE_HOUR = timedelta(hours=1)


# --- before and after every turn


def still_open(situation: Situation) -> Talk:
    """Return the talk without what is over: a question that waited too long, or whose subject is gone.

    A question, and a draft that asks for a call, are about the person's request as it stood then. Once that is closed,
    called, cancelled or opened again by somebody else, an answer to them answers nothing.
    """
    talk = situation.talk
    if talk.expires_at is not None and situation.now >= talk.expires_at and not talk.draft.wish:
        talk = replace(talk.at(AT_REST), expires_at=None, draft=Draft())
    if talk.about is None or talk.about == situation.standing:
        return talk
    step = call_menus.open_step(situation)
    is_over = step.form or (step.key in STEPS and not step.outlives)
    talk = talk.at(AT_REST) if is_over else talk
    return talk.with_draft(Draft()) if talk.draft.wish else talk


def with_time_limit(turn: Turn, situation: Situation) -> Turn:
    """Limit how long the question that is now open waits for its answer."""
    talk, limits = turn.talk, situation.clinic.conversation
    if talk.step == "check_in":
        lasts = limits.check_in_life
    elif talk.draft.wish:
        lasts = limits.unfinished_life if talk.draft.lapsed else limits.draft_life
    elif talk.step == AT_REST and talk.draft == Draft():
        return replace(turn, talk=replace(talk, expires_at=None))
    else:
        lasts = limits.question_life if talk.step != AT_REST else limits.draft_life
    return replace(turn, talk=replace(talk, expires_at=situation.now + lasts))


def within_reply_limit(turn: Turn, situation: Situation) -> Turn:
    """Limit how often a robot that answers us is answered; words of danger always are, and callers meet no silence."""
    if not turn.reply.says or situation.channel is Channel.VOICE:
        return turn
    talk = turn.talk
    if talk.replies_since is None or situation.now - talk.replies_since >= ONE_HOUR:
        return replace(turn, talk=replace(talk, replies=1, replies_since=situation.now))
    counted = replace(turn, talk=replace(talk, replies=talk.replies + 1))
    limit = situation.clinic.limits.replies_per_hour
    if talk.replies < limit or any(label in ALARMS for label in turn.labels) or talk.step == "check_in":
        return counted
    if talk.replies == limit:
        return replace(counted, says=(Say("over_limit"),), question=None)
    return replace(counted, says=(), question=None)


# --- what the clock asks


def run_out(situation: Situation) -> Turn:
    """Settle a question whose time is over: a half-finished request is kept, an unanswered check-in is read by
    staff.
    """
    talk = situation.talk
    if talk.step == "check_in":
        made = call_request.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.PLEASE_READ}))
        return Turn(talk.ended(), effects=(made,), labels=("please_read",))
    if talk.draft.wish and not talk.draft.lapsed and not call_request.is_ready(talk.draft, situation):
        made = call_request.put(talk.draft, situation, add=frozenset({Flag.INCOMPLETE}))
        lapsed = replace(
            talk.with_draft(replace(talk.draft, lapsed=True)),
            expires_at=situation.now + situation.clinic.conversation.unfinished_life,
        )
        return Turn(lapsed, effects=(made,), labels=("incomplete",))
    return Turn(replace(talk.ended(), expires_at=None))
