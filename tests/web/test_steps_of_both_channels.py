"""A talk may stand at any step when a text or a call comes; what one channel cannot word, the other goes on from."""

import pytest
from sqlalchemy import update

from tests.web.calling import CALLER, Caller
from tests.web.texting import a_text, texting
from triage.conversation.call_menus import CALL_STEPS
from triage.conversation.steps import STEPS
from triage.model.message import Channel
from triage.store.tables import conversations


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


def stands_at(clinic, step):
    with clinic.database.write() as db:
        db.execute(update(conversations).values(step=step))


@pytest.mark.parametrize("step", [*CALL_STEPS, "a_step_of_a_newer_version"])
@pytest.mark.parametrize("words", ["1", "yes", "tomorrow at 3"])
def test_a_text_goes_on_from_any_step_with_the_draft_kept(clinic, step, words):
    clinic.post(a_text(1, "please call me, my name is Dana Whitfield", sender=CALLER))
    stands_at(clinic, step)
    answer = clinic.post(a_text(2, words, sender=CALLER))
    assert answer.status_code == 200
    assert clinic.of_a_fault(Channel.SMS) not in answer.text


@pytest.mark.parametrize("step", [*STEPS, "a_step_of_a_newer_version"])
def test_a_call_goes_on_from_any_step_of_texts(clinic, step):
    clinic.post(a_text(1, "please call me, my name is Dana Whitfield", sender=CALLER))
    stands_at(clinic, step)
    caller = Caller(clinic).rings()
    assert clinic.of_a_fault(Channel.VOICE) not in caller.heard
    assert clinic.of_a_fault(Channel.VOICE) not in caller.presses("1").heard
    assert clinic.of_a_fault(Channel.SMS) not in clinic.post(a_text(2, "1", sender=CALLER)).text
