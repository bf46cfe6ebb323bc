"""What no webhook brought: found in the provider's list, taken once, answered where an answer still helps."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import PHONES, Line, local
from triage.conversation.state import Talk, kept
from triage.errors import Refusal
from triage.intake import missed_calls
from triage.intake.inbound_texts import Intake
from triage.jobs import catch_up
from triage.jobs.catch_up import FIRST_LOOK, OVERLAP, take_missing
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition, Flag, Priority
from triage.notices import delivery
from triage.ports import ListedCall, ListedRecording, ListedText
from triage.store import messages, people, recordings, requests
from triage.store.inbox_marks import Listed
from triage.store.tables import callback_requests, calls, notices
from triage.store.tables import inbox_marks as marks
from triage.team import request_acts

DANA, LEE = "+16025550101", "+16025550102"
CLINIC = "+16025550100"
MORNING = "2026-11-24 10:00"
CRISIS = "i am going to kill myself tonight"
WISH = "Please call me tomorrow at 3 pm, my name is Dana Zimt"


class Down(Line):
    """A line whose web address is down: texts and calls wait in the provider's list."""

    def texts(self, body, sender=DANA, minutes_ago=5.0, sid=None, media=0):
        number = len(self.inbox.texts_in) + 1
        at = self.now - timedelta(minutes=minutes_ago)
        text = ListedText(sid or f"SM{number:032x}", sender, CLINIC, body, at, media)
        self.inbox.texts_in.append(text)
        return text

    def calls(self, sender=DANA, minutes_ago=5.0, lasted_s=30, ended=True):
        number = len(self.inbox.calls_in) + 1
        at = self.now - timedelta(minutes=minutes_ago)
        ended_at = at + timedelta(seconds=lasted_s) if ended else None
        call = ListedCall(f"CA{number:032x}", sender, CLINIC, at, ended_at, lasted_s)
        self.inbox.calls_in.append(call)
        return call

    def leaves_message(self, call, lasted_s=12):
        number = len(self.inbox.recorded) + 1
        left = ListedRecording(f"RE{number:032x}", call.sid, call.started_at + timedelta(seconds=5), lasted_s)
        self.inbox.recorded.append(left)
        return left

    def by_webhook(self, text, at=None, arrives=True):
        """The provider posts a text; `arrives`: our answer is taken and goes out, as its list tells."""
        at = at or text.at
        inbound = Inbound(f"in:{text.sid}", Channel.SMS, text.sender, text.to, text.body, at)
        said = self.line.intake.take(inbound).texts
        for words in said if arrives else ():
            sid = f"SMreply{len(self.inbox.texts_out):025}"
            self.inbox.texts_out.append(ListedText(sid, text.to, text.sender, words, at + timedelta(seconds=1)))
        return said

    def catches_up(self):
        return take_missing(self.receiver)

    def told(self, phone=DANA):
        """What reaches a phone when the clock does its work now."""
        before = len(self.messenger.sent)
        self.runs_jobs()
        return [text.body for text in self.messenger.sent[before:] if text.to == phone]

    def request_of(self, phone=DANA):
        with self.database.read() as db:
            person = people.by_phone(db, phone)
            return requests.newest_of(db, person.id) if person else None

    def thread(self, phone=DANA):
        with self.database.read() as db:
            return messages.thread(db, people.by_phone(db, phone).id)

    def is_asked(self, step, *choices, minutes_ago=2.0):
        """A question has been open for so long."""
        at = self.now - timedelta(minutes=minutes_ago)
        with self.database.write() as db:
            person, _ = people.meet(db, DANA, "en", at)
            talk = Talk(step=step, choices=choices, expires_at=at + timedelta(minutes=10))
            people.remember(db, person.id, kept(talk, at), known=False)

    def step(self):
        with self.database.read() as db:
            return people.lock_talk(db, people.by_phone(db, DANA).id)[1].step

    def count(self, table, *which):
        with self.database.read() as db:
            return db.scalar(select(func.count()).select_from(table).where(*which))

    def mark(self, which=Listed.TEXTS):
        with self.database.read() as db:
            return db.scalar(select(marks.c.read_until).where(marks.c.list == which))


@pytest.fixture
def line(database):
    return Down(database, MORNING)


# --- once, whichever way it comes


def test_a_text_that_came_by_webhook_is_not_taken_from_the_list_again(line):
    text = line.texts(WISH)
    assert line.by_webhook(text)
    assert line.catches_up() == 0
    assert line.told() == []
    assert line.count(callback_requests) == 1


def test_a_text_that_was_taken_from_the_list_is_not_answered_by_a_webhook_that_comes_after_all(line):
    text = line.texts(WISH)
    assert line.catches_up() == 1
    assert line.by_webhook(text, at=line.now) == ()
    assert len(line.told()) == 1
    assert line.count(callback_requests) == 1


def test_webhook_and_list_at_once_have_one_effect_and_one_answer(line):
    said: list[tuple[str, ...]] = []
    texts = [line.texts(WISH, sender=f"+1602555{number:04d}") for number in range(120, 130)]
    both = threading.Barrier(2)

    def webhooks():
        both.wait(10)
        said.extend(line.by_webhook(text) for text in texts)

    def lists():
        both.wait(10)
        line.catches_up()

    together = [threading.Thread(target=act) for act in (webhooks, lists)]
    for one in together:
        one.start()
    for one in together:
        one.join(60)
    line.runs_jobs()
    answered = (
        sum(map(bool, said))
        + sum(text.to.startswith("+160255501") for text in line.messenger.sent)
        - sum(text.to in PHONES.values() for text in line.messenger.sent)
    )
    assert answered == len(texts)
    assert line.count(callback_requests) == len(texts)


def test_two_clocks_that_catch_up_at_once_do_nothing_twice(line):
    for number in range(120, 130):
        line.texts(CRISIS if number % 2 else WISH, sender=f"+1602555{number:04d}")
        line.leaves_message(line.calls(sender=f"+1602555{number + 20:04d}"))
    both = threading.Barrier(2)

    def one_clock():
        both.wait(10)
        line.catches_up()

    clocks = [threading.Thread(target=one_clock) for _ in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join(60)
    assert line.count(callback_requests) == 20
    assert line.count(notices, notices.c.kind.like("late%")) == 10
    assert line.count(calls) == 10
    assert line.count(callback_requests, callback_requests.c.priority == Priority.CRISIS) == 5


# --- what is answered


def test_late_small_talk_is_kept_and_not_answered(line):
    line.texts("what is tms?", minutes_ago=16)
    assert line.catches_up() == 1
    assert line.told() == []
    assert [message.body for message in line.thread()] == ["what is tms?"]
    assert line.count(notices) == 0
    assert line.step() == "at_rest"  # what is not said offers nothing


def test_a_question_of_a_few_minutes_ago_is_answered_also_at_night(database):
    line = Down(database, "2026-11-24 23:30")
    line.texts("what is tms?", minutes_ago=5)
    line.catches_up()
    assert len(line.told()) == 1


def test_an_answer_that_waits_too_long_for_the_provider_is_not_sent(line):
    line.texts("what is tms?", minutes_ago=5)
    line.catches_up()
    line.clock.move(minutes=11)
    assert line.told() == []


@pytest.mark.parametrize("at", [MORNING, "2026-11-24 03:00"])
def test_a_late_crisis_is_answered_and_alerted_at_any_hour(database, at):
    line = Down(database, at)
    line.texts(CRISIS, minutes_ago=50)
    line.catches_up()
    (answer,) = line.told()
    assert "988" in answer
    assert line.request_of().priority is Priority.CRISIS
    assert line.messenger.to(PHONES["front" if at == MORNING else "night"])


def test_a_late_crisis_is_answered_after_an_opt_out_and_small_talk_is_not(line):
    line.by_webhook(line.texts("STOP", minutes_ago=100))
    line.texts("what is tms?", minutes_ago=5)
    line.texts(CRISIS, minutes_ago=4)
    line.catches_up()
    (answer,) = line.told()
    assert "988" in answer


def test_an_opt_out_between_the_plan_and_the_send_stops_all_but_the_words_of_danger(line):
    line.texts(WISH, minutes_ago=5)
    line.texts(CRISIS, sender=LEE, minutes_ago=5)
    line.catches_up()
    for sender in (DANA, LEE):
        line.by_webhook(ListedText(f"SMstop{sender}", sender, CLINIC, "STOP", line.now), at=line.now)
    assert line.told() == []
    assert "988" in line.messenger.to(LEE)[0]


def test_a_late_request_is_queued_and_confirmed(line):
    line.texts(WISH, minutes_ago=90)
    line.catches_up()
    found = line.request_of()
    assert (found.name, found.promised_start) == ("Dana Zimt", local("2026-11-25 15:00"))
    assert len(line.told()) == 1


def test_the_confirmation_of_a_late_request_waits_for_the_morning(database):
    line = Down(database, "2026-11-24 22:30")
    line.texts(WISH, minutes_ago=40)
    line.catches_up()
    assert line.told() == []
    line.clock.at = local("2026-11-25 09:01")
    assert len(line.told()) == 1


def test_a_day_that_is_named_is_counted_from_when_the_text_was_written(database):
    line = Down(database, "2026-11-25 00:30")
    line.texts(WISH, minutes_ago=60)
    line.catches_up()
    assert line.request_of().promised_start == local("2026-11-25 15:00")


def test_a_time_that_is_over_when_the_text_is_found_is_not_promised(line):
    line.texts("Please call me today between 9:30 and 9:45, my name is Dana Zimt", minutes_ago=55)
    line.catches_up()
    found = line.request_of()
    assert Flag.NO_FIT in found.flags
    assert found.due_at > line.now


def test_the_answer_to_a_late_question_of_ours_lives_from_when_it_is_asked(line):
    line.texts("Please call me", minutes_ago=50)
    line.catches_up()
    line.clock.move(minutes=5)
    assert "name" in line.told()[0]
    reply = ListedText("SMnext", DANA, CLINIC, "Dana Zimt", line.now)
    assert line.by_webhook(reply)
    assert line.request_of() is None or line.request_of().name == "Dana Zimt"


def test_a_picture_without_words_is_looked_at_by_a_person(line):
    line.texts("", minutes_ago=30, media=2)
    line.catches_up()
    assert Flag.NEEDS_PERSON in line.request_of().flags
    assert [len(message.media) for message in line.thread()] == [2]


def test_a_stop_that_the_carrier_has_answered_is_obeyed_and_not_answered(line):
    line.texts("STOP", minutes_ago=5)
    line.catches_up()
    assert line.told() == []
    with line.database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at


@pytest.mark.parametrize("sender", [CLINIC, "72345", "RESETCLINIC", "whatsapp:+16025550101", ""])
def test_who_cannot_be_answered_is_not(line, sender):
    line.texts("hello there", sender=sender)
    line.catches_up()
    line.runs_jobs()
    assert [text.to for text in line.messenger.sent if text.to == sender] == []


# --- answers that we gave and that never went out


def test_an_answer_that_the_provider_did_not_take_is_sent_once(line):
    text = line.texts(WISH)
    line.by_webhook(text, arrives=False)
    assert line.catches_up() == 1
    assert line.catches_up() == 0
    assert len(line.told()) == 1
    assert line.by_webhook(text) == ()
    assert line.count(callback_requests) == 1


def test_an_answer_that_the_provider_lists_is_not_sent_again_though_no_report_came(line):
    line.by_webhook(line.texts(WISH))
    assert line.catches_up() == 0
    line.inbox.asked.clear()
    line.catches_up()
    assert "replies" not in [name for name, _, _ in line.inbox.asked]
    assert line.told() == []


def test_an_answer_of_which_a_report_came_is_not_looked_for(line):
    text = line.texts(WISH)
    line.by_webhook(text, arrives=False)
    with line.database.write() as db:
        delivery.report(db, line.clinic, "SMreported", "sent", f"in:{text.sid}.0", Refusal.OTHER, None, line.now)
    assert line.catches_up() == 0
    assert "replies" not in [name for name, _, _ in line.inbox.asked]


def test_of_two_equal_answers_the_one_that_is_missing_is_sent(line):
    line.by_webhook(line.texts("what is tms?", minutes_ago=6))
    line.by_webhook(line.texts("what is tms?", minutes_ago=4), arrives=False)
    assert line.catches_up() == 1
    assert len(line.told()) == 1


@pytest.mark.parametrize(("body", "times"), [("what is tms?", 0), (WISH, 1), (CRISIS, 1)])
def test_a_lost_answer_is_sent_late_only_where_it_is_about_danger_or_a_call(line, body, times):
    line.by_webhook(line.texts(body, minutes_ago=30), arrives=False)
    assert line.catches_up() == 1
    assert len(line.told()) == times
    assert line.thread()[1].status == "failed"


def test_while_the_replies_cannot_be_listed_nothing_is_sent_a_second_time(line):
    line.by_webhook(line.texts(WISH), arrives=False)
    line.inbox.failing = {"replies"}
    line.catches_up()
    assert line.told() == []
    line.inbox.failing = set()
    assert line.catches_up() == 1


def test_the_answer_to_a_text_that_the_provider_does_not_have_is_nobodys_loss(line):
    line.by_webhook(ListedText("SMstray", DANA, CLINIC, WISH, line.now - timedelta(minutes=5)), arrives=False)
    assert line.catches_up() == 0
    assert line.told() == []


# --- the order of a person's texts


def test_the_texts_of_one_person_are_taken_in_the_order_of_writing(line):
    line.inbox.texts_in = []
    line.texts("my name is Dana Zimt", minutes_ago=4)
    line.texts("Please call me", minutes_ago=6)
    line.texts("tomorrow at 3 pm", minutes_ago=2)
    line.catches_up()
    assert [message.body for message in line.thread()] == [
        "Please call me", "my name is Dana Zimt", "tomorrow at 3 pm",
    ]  # fmt: skip
    found = line.request_of()
    assert (found.name, found.promised_start) == ("Dana Zimt", local("2026-11-25 15:00"))


def test_of_several_answers_about_a_call_only_the_last_is_sent(line):
    line.texts("Please call me", minutes_ago=6)
    line.texts("my name is Dana Zimt", minutes_ago=4)
    line.texts("tomorrow at 3 pm", minutes_ago=2)
    line.catches_up()
    assert len(line.told()) == 1


def test_who_writes_of_danger_comes_before_all_who_wrote_earlier(line, monkeypatch):
    for number in range(120, 124):
        line.texts(WISH, sender=f"+1602555{number:04d}", minutes_ago=30)
    line.texts("hello", sender=LEE, minutes_ago=4)
    line.texts(CRISIS, sender=LEE, minutes_ago=3)
    taken = []
    take = Intake.take
    monkeypatch.setattr(Intake, "take", lambda self, inbound: taken.append(inbound.body) or take(self, inbound))
    line.catches_up()
    assert taken[:2] == ["hello", CRISIS]


@pytest.mark.parametrize("answer", ["no", "2", "no i am fine"])
def test_a_late_no_closes_no_check_in_that_was_asked_after_it_was_written(line, answer):
    line.texts(answer, minutes_ago=5)
    line.is_asked("check_in", "crisis", minutes_ago=2)
    line.catches_up()
    assert line.step() == "check_in"
    assert Flag.NEEDS_PERSON in line.request_of().flags
    assert line.told() == []


def test_a_late_no_answers_the_check_in_that_its_writer_had_seen(line):
    line.is_asked("check_in", "crisis", minutes_ago=6)
    line.texts("no", minutes_ago=5)
    line.catches_up()
    assert line.step() == "at_rest"
    assert len(line.told()) == 1
    assert line.request_of().flags == {Flag.PLEASE_READ}


def test_late_words_of_danger_alarm_whatever_has_been_asked_since(line):
    line.texts(CRISIS, minutes_ago=5)
    line.is_asked("check_in", "emergency", minutes_ago=2)
    line.catches_up()
    assert line.request_of().priority is Priority.CRISIS


def test_a_late_start_does_not_undo_a_newer_stop(line):
    line.by_webhook(line.texts("STOP", minutes_ago=60))
    line.texts("START", minutes_ago=10)
    line.by_webhook(ListedText("SMhi", DANA, CLINIC, "please call me", line.now - timedelta(minutes=8)))
    line.by_webhook(ListedText("SMstop", DANA, CLINIC, "STOP", line.now - timedelta(minutes=5)))
    line.catches_up()
    with line.database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at


def test_half_a_sentence_is_joined_to_the_half_before_it_and_not_to_what_came_after(line):
    line.by_webhook(ListedText("SMlater", DANA, CLINIC, "i want to", line.now), at=line.now)
    line.texts("die", minutes_ago=9)
    line.catches_up()
    asked = line.request_of()  # "die" alone may be asked about
    assert asked is None or asked.priority is not Priority.CRISIS
    line.texts("i want to", sender=LEE, minutes_ago=9.5)
    line.texts("die", sender=LEE, minutes_ago=9)
    line.catches_up()
    assert line.request_of(LEE).priority is Priority.CRISIS


# --- staff


@pytest.mark.parametrize("command", ["T {ref}", "A {ref}", "D {ref} reached", "C {ref}"])
def test_a_command_of_staff_that_is_found_late_does_nothing_and_says_so(line, command):
    ref = line.has_request(priority=Priority.CRISIS)
    line.runs_jobs()
    line.texts(command.format(ref=ref), sender=PHONES["front"], minutes_ago=3)
    line.catches_up()
    (answer,) = line.told(PHONES["front"])
    assert "nothing was done" in answer
    found = line.request(ref)
    assert (found.claimed_by, found.acknowledged_by, found.attempts, found.is_open) == (None, None, 0, True)


def test_words_of_danger_from_a_phone_of_staff_alarm_however_late(line):
    line.texts(CRISIS, sender=PHONES["front"], minutes_ago=30)
    line.catches_up()
    assert line.request_of(PHONES["front"]).priority is Priority.CRISIS


# --- calls


def test_a_call_that_nobody_answered_is_in_the_queue_once(line):
    line.calls()
    assert line.catches_up() == 1
    assert line.catches_up() == 0
    assert line.request_of().flags == {Flag.MISSED}


def test_a_missed_call_that_staff_have_dealt_with_is_not_queued_by_a_second_clock(line):
    call = line.calls()
    assert missed_calls.over(line.line.intake, call)
    ref = line.request_of().id
    line.does(request_acts.close, line.clinic, ref, line.staff["front"], Disposition.REACHED)
    assert not missed_calls.over(line.line.intake, call)
    assert line.count(callback_requests) == 1


def test_what_was_left_at_the_end_of_a_missed_call_is_queued_once_and_fetched(line):
    left = line.leaves_message(line.calls())
    line.recorder.sounds[left.sid] = b"sound"
    line.catches_up()
    line.catches_up()
    assert {Flag.MISSED, Flag.VOICEMAIL} <= line.request_of().flags
    with line.database.read() as db:
        (kept,) = recordings.of_person(db, people.by_phone(db, DANA).id)
        assert kept.request_id == line.request_of().id
        assert len(recordings.to_fetch(db, line.now, 10)) == 1


def test_a_withheld_caller_is_queued_only_where_there_is_a_message_to_listen_to(line):
    line.calls(sender="anonymous")
    assert line.catches_up() == 1
    assert line.count(callback_requests) == 0
    line.leaves_message(line.calls(sender="anonymous"))
    line.catches_up()
    assert line.count(callback_requests) == 1


def test_a_call_that_goes_on_is_left_and_taken_when_it_is_over_however_long_it_lasted(line):
    call = line.calls(ended=False, minutes_ago=2)
    for _ in range(40):
        line.catches_up()
        line.clock.move(minutes=1)
    assert line.count(calls) == 0
    line.inbox.calls_in = [
        ListedCall(call.sid, DANA, CLINIC, call.started_at, line.now - timedelta(minutes=1), 2400)
    ]  # fmt: skip
    line.catches_up()
    assert line.request_of().flags == {Flag.MISSED}


def test_the_recording_of_a_call_that_is_not_ours_is_left_alone(line):
    line.inbox.recorded = [ListedRecording("RE1", "CAofanother", line.now - timedelta(minutes=3), 9)]
    assert line.catches_up() == 0
    with line.database.read() as db:
        assert recordings.by_sid(db, "RE1") is None


@pytest.mark.parametrize("sender", [CLINIC, PHONES["front"]])
def test_our_own_phones_are_not_missed_callers(line, sender):
    line.calls(sender=sender)
    line.catches_up()
    assert line.count(callback_requests) == 0


# --- how far the lists have been read


def test_a_first_start_looks_two_hours_back(line):
    line.texts(WISH, minutes_ago=119)
    line.texts(WISH, sender=LEE, minutes_ago=131)
    line.catches_up()
    assert line.request_of(DANA) is not None
    assert line.request_of(LEE) is None


def test_the_mark_moves_on_and_the_last_minutes_are_read_again(line):
    line.catches_up()
    line.clock.move(minutes=30)
    line.catches_up()
    _, since, _ = [asked for asked in line.inbox.asked if asked[0] == "texts"][-1]
    assert line.now - timedelta(minutes=30) - OVERLAP - timedelta(minutes=1) < since
    assert since < line.now - timedelta(minutes=30) - OVERLAP + timedelta(minutes=1)


def test_what_a_webhook_may_still_bring_is_left_to_it(line):
    line.texts(WISH, minutes_ago=0.1)
    assert line.catches_up() == 0
    line.clock.move(minutes=1)
    assert line.catches_up() == 1


def test_a_list_that_cannot_be_read_keeps_its_mark_and_stops_no_other(line):
    line.catches_up()
    stood = line.mark()
    line.inbox.failing = {"texts"}
    line.clock.move(minutes=20)
    line.texts(WISH, minutes_ago=15)
    line.calls(sender=LEE)
    assert line.catches_up() == 1
    assert line.mark() == stood
    assert line.mark(Listed.CALLS) > stood
    line.inbox.failing = set()
    assert line.catches_up() == 1


def test_a_list_that_fails_half_way_takes_up_where_it_stopped(line, monkeypatch):
    line.catches_up()
    line.clock.move(days=3)
    line.texts(WISH, minutes_ago=2 * 24 * 60 + 30)
    line.texts(WISH, sender=LEE, minutes_ago=30)
    line.inbox.asked.clear()
    read = line.inbox.texts

    def twice_then_fail(since, until):
        if len([one for one in line.inbox.asked if one[0] == "texts"]) == 2:
            line.inbox.failing = {"texts"}
        return read(since, until)

    monkeypatch.setattr(line.inbox, "texts", twice_then_fail)
    line.catches_up()
    assert line.request_of(DANA) is not None
    assert line.request_of(LEE) is None
    assert line.mark() < line.now - timedelta(hours=12)
    monkeypatch.undo()
    line.inbox.failing = set()
    line.catches_up()
    assert line.request_of(LEE) is not None
    assert line.count(callback_requests) == 2


def test_a_text_that_cannot_be_taken_stops_no_other_and_holds_the_mark(line, monkeypatch):
    broken = line.texts(WISH, minutes_ago=20)
    line.texts(WISH, sender=LEE, minutes_ago=10)
    take = Intake.take

    def take_all_but_one(self, inbound):
        if inbound.key == f"in:{broken.sid}":
            raise RuntimeError("broken")
        return take(self, inbound)

    monkeypatch.setattr(Intake, "take", take_all_but_one)
    line.catches_up()
    assert line.request_of(LEE) is not None
    assert line.mark() <= broken.at
    line.clock.move(hours=5)
    line.catches_up()
    monkeypatch.undo()
    line.catches_up()
    assert line.request_of(DANA) is not None


@pytest.mark.parametrize("broken", ["missed_calls.over", "voicemail.reported"])
def test_a_call_or_a_message_that_cannot_be_taken_stops_no_other_and_is_tried_again(line, monkeypatch, broken):
    first, second = line.calls(), line.calls(sender=LEE)
    line.leaves_message(first)
    line.leaves_message(second)
    module, name = broken.split(".")
    act = getattr(getattr(catch_up, module), name)

    def all_but_the_first(intake, what, *more):
        sid = getattr(what, "sid", what)
        if sid in (first.sid, line.inbox.recorded[0].sid):
            raise RuntimeError("broken")
        return act(intake, what, *more)

    monkeypatch.setattr(getattr(catch_up, module), name, all_but_the_first)
    line.catches_up()
    assert {Flag.MISSED, Flag.VOICEMAIL} <= line.request_of(LEE).flags
    line.clock.move(hours=1)
    line.catches_up()
    monkeypatch.undo()
    line.catches_up()
    assert {Flag.MISSED, Flag.VOICEMAIL} <= line.request_of(DANA).flags


def test_a_mark_from_a_wall_clock_that_ran_ahead_hides_nothing(line):
    line.clock.move(hours=24)
    line.catches_up()
    line.clock.move(hours=-24)
    line.texts(WISH, minutes_ago=3)
    assert line.catches_up() == 1


def test_the_first_look_is_long_enough_for_a_restart_and_the_overlap_for_clocks_that_differ():
    assert timedelta(hours=1) <= FIRST_LOOK <= timedelta(hours=24)
    assert timedelta(minutes=5) <= OVERLAP
    assert catch_up.key_of(ListedText("SM1", DANA, CLINIC, "", local(MORNING))) == "in:SM1"
