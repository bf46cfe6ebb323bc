"""The second text and those after it: what affirms changes nothing, what is over is over, and no wish is lost."""

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from tests.builders import WORDS, Line, local
from tests.conftest import use_new_keys
from triage.conversation.state import recalled
from triage.hours.window import Window
from triage.intake import inbound_texts
from triage.intake.expiry import expire
from triage.intake.inbound_texts import Intake
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition, Flag, Status
from triage.reading.read_message import hear
from triage.store import people, promise_ledger, requests
from triage.store.engine import Database
from triage.team import patient_texts, request_acts

SENDER = "+16025550123"


def says_when(request, said):
    """Tell whether the day and hours that a request was promised are said, in whichever language."""
    stored, heard = (set(re.findall(r"\d+", text)) for text in (request.promised, said))
    return stored - {"12"} <= heard  # noon is a word in one of them


NINE = "2026-11-23 09:00"
ASKED = "Please call me about ketamine, Ada Quill, tomorrow at 10"

AFFIRMATIONS = (
    "yes", "Y", "yep", "ok", "OK thanks", "ok great", "thanks", "thank you so much!", "perfect thanks", "correct",
    "great", "ya",
    "got it, thank you", "sounds good, see you then", "cool", "will do", "1", "👍", "👍🏽", "❤️", "🙏",
    "no thanks, all good",
    "that works for me", "yes that's right", "sí", "si gracias", "perfecto, gracias", "de acuerdo", "está bien",
    "listo",
    "muchas gracias", "excelente", "nos vemos",
)  # fmt: skip

UNDOINGS = (
    "sorry, wrong button",
    "that was a mistake",
    "me equivoqué",
    "2", "undo", "undo that please", "put it back", "no, put it back to what we had before", "keep the old time",
    "I'd rather keep the earlier time", "go back to the original time", "change it back", "deshacer",
    "mejor como estaba", "prefiero la hora anterior", "put me back", "bring it back", "póngala otra vez",
    "vuelvan a ponerla",
)  # fmt: skip

PLAIN_ANSWERS = (
    "yes",
    "yes it is",
    "1",
    "2",
    "no",
    "at 3",
    "thursday at 2",
    "the second one",
    "sure, that works",
    "sí",
    "602-555-0190",
)

SHORT_ANSWERS = ("1", "2", "3", "yes", "no", "ok", "thanks", "👍", "sí", "no gracias", "correct", "great, thank you")

COMPLAINTS = (
    "you never called", "nobody called me", "you said 10 to 11", "when will you call?", "hello?",
    "hello? still waiting",
    "did you forget me", "I've been waiting for your call", "where is my call", "nadie me llamó", "sigo esperando",
    "it's past 11 and no call", "it has been two hours and nothing", "??",
)  # fmt: skip


class Talk:
    """One person's texts, what staff do with their request, and the clock."""

    def __init__(self, database, now=NINE):
        self.database, self.now = database, local(now)
        self.line = Line(database, now)
        self.clinic, self.count = self.line.clinic, 0
        self.intake = Intake(database, self.clinic, WORDS, {})

    def says(self, *texts):
        said = ()
        for text in texts:
            self.now += timedelta(seconds=20)
            self.count += 1
            said = self.intake.take(
                Inbound(f"{self.count}:{self.now.timestamp()}", Channel.SMS, SENDER, "+16025550100", text, self.now)
            ).texts
        return " ".join(said)

    def at(self, written):
        """Move the time on; drafts run out and texts to patients go."""
        while self.now < local(written):
            self.now = min(self.now + timedelta(minutes=15), local(written))
            expire(self.database, self.clinic, WORDS, self.now)
            self.line.clock.at = self.now
            self.line.runs_jobs()

    def staff(self, act, *args):
        self.now += timedelta(seconds=20)
        self.line.clock.at = self.now
        assert self.line.does(act, *args)
        self.line.runs_jobs()

    @property
    def request(self):
        with self.database.read() as db:
            return requests.newest_of(db, people.by_phone(db, SENDER).id)

    @property
    def all_requests(self):
        with self.database.read() as db:
            return requests.earlier_of(db, people.by_phone(db, SENDER).id, before=0)

    @property
    def talk(self):
        with self.database.write() as db:
            person, remembered = people.meet(db, SENDER, "en", self.now)
        return recalled(remembered, person.lang, self.clinic)


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """Read each text once for all the talks in which it is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound_texts, "hear", cache(hear))
        yield


@pytest.fixture(scope="module")
def begun(migrated_file, tmp_path_factory):
    """Give a copy of a talk that has come to a certain point; each point is played once."""
    use_new_keys()
    folder, played = tmp_path_factory.mktemp("talks"), {}

    def copy(key, play):
        if key not in played:
            path = folder / f"{len(played)}.db"
            shutil.copy(migrated_file, path)
            talk = Talk(Database(f"sqlite:///{path}"))
            play(talk)
            with talk.database.read() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            talk.database.close()
            played[key] = path, talk.now
        path, now = played[key]
        again = folder / "copy.db"
        for rest in ("", "-wal", "-shm"):
            (folder / f"copy.db{rest}").unlink(missing_ok=True)
        shutil.copy(path, again)
        talk = Talk(Database(f"sqlite:///{again}"))
        talk.now = now
        return talk

    return copy


def moved(talk):
    talk.says(ASKED, "1", "sorry, can we do Thursday at 1 instead?")


def moved_from_an_offer(talk):
    talk.says("call me Saturday at noon, Bo Ferris, tms", "1", "1", "can you make it wednesday at 10")


def cancelled(talk):
    talk.says(ASKED, "1", "actually cancel the call")


def dropped(talk):
    talk.says("can somebody call me", "never mind, no call")


def read_back(talk):
    talk.says(ASKED)


def confirmed(talk):
    talk.says(ASKED, "1")


def promised_anew(talk):
    confirmed(talk)
    zone = talk.clinic.zone
    window = Window(local("2026-11-25 10:00").astimezone(zone), local("2026-11-25 11:00").astimezone(zone))
    talk.staff(patient_texts.promise_window, talk.clinic, WORDS, talk.request.id, talk.line.staff["front"], window)


def what_counts(request):
    """A request without when it was last touched, and without its being confirmed."""
    return request and replace(request, updated_at=request.created_at, confirmed_at=None)


@pytest.mark.parametrize("play", [moved, moved_from_an_offer, cancelled, dropped, read_back, confirmed, promised_anew])
@pytest.mark.parametrize("text", AFFIRMATIONS)
def test_an_affirmation_changes_nothing(begun, play, text):
    talk = begun(play, play)
    before = what_counts(talk.request)
    for _ in range(2):
        said = talk.says(text)
        assert what_counts(talk.request) == before, said
        assert not talk.talk.draft.wish, said
        assert "did not understand" not in said
        assert "no entendí" not in said


@pytest.mark.parametrize(
    "text", ["Yes, Thursday at 1", "thursday at 1", "yes thursday 1pm please", "ok Thursday at 1 then"]
)
def test_the_time_that_stands_said_again_is_no_change(begun, text):
    talk = begun(moved, moved)
    before = what_counts(talk.request)
    assert "Thursday 26 November" in talk.says(text)
    assert what_counts(talk.request) == before


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("pls move to dec 1 at 10", "2026-12-01 10:00"),
        ("dr appt came up, move me to dec 2 at 11", "2026-12-02 11:00"),
        ("can i switch to wed at 9", "2026-11-25 09:00"),
        ("scratch tuesday i meant wednesday at 10", "2026-11-25 10:00"),
        ("change of plans wednesday before noon", "2026-11-25 09:00"),
        ("my boss needs me tomorrow so wednesday at 2 would be better for me", "2026-11-25 14:00"),
        ("10 doesnt work anymore can you do 4", "2026-11-24 16:00"),
        ("ya no puedo mañana, el miércoles a la 1", "2026-11-25 13:00"),
        ("pueden cambiarla al miércoles a la 1", "2026-11-25 13:00"),
        ("en lugar de las 10 a la 1", "2026-11-24 13:00"),
        ("no a las 10, a las 4", "2026-11-24 16:00"),
    ],
)
def test_another_time_in_any_words_moves_the_call(begun, text, start):
    talk = begun(confirmed, confirmed)
    said = talk.says(text)
    assert talk.request.window_start == local(start), said


@pytest.mark.parametrize(
    "text", ["hoy es un mal día", "so tired today", "its so hot here today", "los dos", "im 17", "happy thanksgiving"]
)
def test_talk_of_a_day_or_a_number_moves_no_call(begun, text):
    talk = begun(confirmed, confirmed)
    before = what_counts(talk.request)
    said = talk.says(text)
    assert (talk.request.window_start, talk.request.window_end) == (before.window_start, before.window_end), said


@pytest.mark.parametrize("play", [moved, moved_from_an_offer])
@pytest.mark.parametrize("text", UNDOINGS)
def test_an_undo_gives_back_all_there_was(begun, play, text):
    first = ("call me Saturday at noon, Bo Ferris, tms", "1", "1") if play is moved_from_an_offer else (ASKED, "1")
    before = begun(first, lambda talk: talk.says(*first)).request
    talk = begun(play, play)
    said = talk.says(text)
    assert what_counts(talk.request) == what_counts(before), said
    assert talk.request.confirmed_at == before.confirmed_at
    assert says_when(before, said)


@pytest.mark.parametrize(
    "text",
    [
        *UNDOINGS[:5],
        "wait, no, please keep it after all",
        "don't cancel",
        "please call me after all",
        "wait I do want it",
        "I changed my mind",
        "sí la quiero",
    ],
)
def test_a_cancellation_that_is_undone_leaves_its_owner_and_promise(begun, text):
    def claimed(talk):
        confirmed(talk)
        talk.staff(request_acts.claim, talk.request.id, talk.line.staff["front"])

    def claimed_and_cancelled(talk):
        claimed(talk)
        talk.says("actually cancel the call")

    before = begun(claimed, claimed).request
    talk = begun(claimed_and_cancelled, claimed_and_cancelled)
    assert talk.request.status is Status.CANCELLED
    talk.says(text)
    assert what_counts(talk.request) == what_counts(before)
    with talk.database.read() as db:
        assert [one.words for one in promise_ledger.of_request(db, talk.request.id) if one.settled_at is None] == [
            before.promised
        ]


@pytest.mark.parametrize(
    "ending", [Disposition.REACHED, Disposition.DECLINED, Disposition.WRONG_NUMBER, "staff cancel"]
)
@pytest.mark.parametrize("play", [read_back, moved, confirmed, promised_anew])
@pytest.mark.parametrize("text", SHORT_ANSWERS)
def test_a_short_answer_to_what_is_over_makes_nothing_new(begun, play, ending, text):
    def over(talk):
        play(talk)
        request_id, staff_id = talk.request.id, talk.line.staff["front"]
        if ending == "staff cancel":
            talk.staff(request_acts.cancel, request_id, staff_id)
        else:
            talk.staff(request_acts.log_attempt, WORDS, request_id, staff_id, ending, None)
            talk.staff(request_acts.close, request_id, staff_id, ending)

    talk = begun((play, ending), over)
    before = talk.all_requests
    said = talk.says(text)
    assert [what_counts(one) for one in talk.all_requests] == [what_counts(one) for one in before], said
    assert not talk.talk.draft.wish, said
    assert "we will call you" not in said.lower()


@pytest.mark.parametrize("text", SHORT_ANSWERS)
def test_a_call_that_was_tried_ends_the_read_back(begun, text):
    def tried(talk):
        read_back(talk)
        request_id, staff_id = talk.request.id, talk.line.staff["front"]
        talk.staff(request_acts.log_attempt, WORDS, request_id, staff_id, Disposition.NO_ANSWER, None)

    talk = begun(tried, tried)
    before = what_counts(talk.request)
    said = talk.says(text)
    assert talk.request.due_at == before.due_at
    assert talk.request.window_start == before.window_start
    assert not says_when(before, said)


@pytest.mark.parametrize("text", PLAIN_ANSWERS)
def test_an_answer_to_staff_is_kept_for_staff(begun, text):
    talk = begun("asked by staff", asked_by_staff)
    before = talk.request
    said = talk.says(text)
    assert said == WORDS.say("for_staff", "es" if text == "sí" else "en")
    assert talk.request.wrote_at == talk.now
    assert what_counts(replace(talk.request, wrote_at=None)) == what_counts(before)


def asked_by_staff(talk):
    read_back(talk)
    request_id, staff_id = talk.request.id, talk.line.staff["front"]
    talk.staff(
        patient_texts.text_patient, talk.clinic, WORDS, request_id, staff_id, "Is the mobile number right?", "one"
    )


@pytest.mark.parametrize(
    ("text", "status", "priority"),
    [
        ("please cancel my call", "queued", "routine"),
        ("I want to kill myself", "queued", "crisis"),
        ("STOP", "queued", "routine"),
    ],
)
def test_after_a_text_of_staff_danger_and_stop_count_and_any_wish_is_for_them(begun, text, status, priority):
    talk = begun("asked by staff", asked_by_staff)
    talk.says(text)
    assert (talk.request.status, talk.request.priority) == (status, priority)
    with talk.database.read() as db:
        assert (people.by_phone(db, SENDER).opted_out_at is not None) == (text == "STOP")


BETWEEN = (
    "no",
    "what?",
    "thanks",
    "is tms safe?",
    "how much is it",
    "blue",
    "hello",
    "👍",
    "asdf",
    "hmm let me see",
    "ok",
)

FORMS = (
    ("can somebody call me",),
    ("can somebody call me", "Ada Quill"),
    ("can somebody call me", "Ada Quill", "1"),
    ("can somebody call me", "id like info on ketamine"),
    ("please call me at 602-555-0180 or 602-555-0181",),
    ("what is tms", "1"),
    ("quiero una llamada",),
)


@pytest.mark.parametrize("form", FORMS, ids="|".join)
@pytest.mark.parametrize("text", BETWEEN)
def test_no_wish_is_lost_whatever_is_answered_in_between(begun, form, text):
    talk = begun(form, lambda talk: talk.says(*form))
    talk.says(text)
    talk.at("2026-11-23 10:00")
    request = talk.request
    assert request is not None
    assert request.is_open
    assert request.phone is not None


def test_two_numbers_are_kept_and_the_second_can_be_chosen(begun):
    form = ("Ines Marlow, call me tomorrow at 10 on 602-555-0180 or 602-555-0181 about TMS",)
    talk = begun(form, lambda talk: None)
    said = talk.says(*form)
    assert "602-555-0180 or 602-555-0181" in said
    talk.says("make it 11")
    assert "602-555-0181" in talk.request.wish
    assert "make it 11" in talk.request.wish
    assert "602-555-0181 or 602-555-0180" in talk.says("the second one is better")
    assert talk.request.phone == "+16025550181"


@pytest.mark.parametrize("text", COMPLAINTS)
def test_who_waits_for_a_call_that_is_late_is_told_so_and_staff_see_it(begun, text):
    def late(talk):
        talk.says("call me today between 10 and 11, Nell Drake, tms", "1")
        talk.at("2026-11-23 12:10")

    talk = begun(late, late)
    before = talk.request
    said = talk.says(text)
    assert "sorry" in said.lower() or "sentimos" in said.lower(), said
    assert not says_when(before, said)
    assert talk.request.flags == before.flags | {Flag.NEEDS_PERSON}
    assert talk.request.window_start == before.window_start
    assert "Tuesday 24 November" in talk.says("tomorrow at 10")


@pytest.mark.parametrize(
    "text",
    [
        "No more texts please, just call me. Joan Pike, tomorrow at 10, TMS",
        "can you only call, don't text me. tomorrow 9am. Sol",
        "please stop texting and just call me tomorrow at 10",
    ],
)
def test_no_texts_but_a_call_is_a_request_and_said_so(begun, text):
    talk = begun("nothing", lambda talk: None)
    said = talk.says(text)
    assert "we will call you" in said
    assert Flag.CALL_ONLY in talk.request.flags
    assert says_when(talk.request, said)


def test_a_one_sent_twice_after_a_call_that_was_tried_moves_nothing(begun):
    def tried(talk):
        confirmed(talk)
        request_id, staff_id = talk.request.id, talk.line.staff["front"]
        talk.staff(request_acts.log_attempt, WORDS, request_id, staff_id, Disposition.NO_ANSWER, None)

    talk = begun("tried after the read-back", tried)
    before = what_counts(talk.request)
    assert WORDS.say("ask_window", "en") in talk.says("1")
    talk.says("1")
    assert what_counts(talk.request) == before
    assert "Tuesday 24 November, between 2 and 3 pm" in talk.says("2pm")


@pytest.mark.parametrize("text", ["never mind", "nvm", "oh forget it", "olvídelo"])
def test_never_mind_drops_what_is_not_made_yet_and_leaves_what_is_planned(begun, text):
    form = ("can somebody call me", "Ada Quill")
    talk = begun(form, lambda talk: talk.says(*form))
    talk.says(text)
    talk.at("2026-11-23 10:00")
    assert talk.request is None
    moving = begun("moving", lambda talk: talk.says(ASKED, "1", "I need another time for my call"))
    before = what_counts(moving.request)
    assert says_when(before, moving.says(text))
    assert what_counts(moving.request) == before


def test_who_was_called_and_says_that_nobody_called_is_read_by_a_person(begun):
    def reached(talk):
        confirmed(talk)
        request_id, staff_id = talk.request.id, talk.line.staff["front"]
        talk.staff(request_acts.close, request_id, staff_id, Disposition.REACHED)

    talk = begun("reached", reached)
    assert "sorry" in talk.says("nobody called me")
    assert (talk.request.status, talk.request.name) == (Status.QUEUED, "Ada Quill")
    assert Flag.NEEDS_PERSON in talk.request.flags


@pytest.mark.parametrize(
    "text", ["how much is it", "is ketamine safe with lithium?", "what are the side effects of tms"]
)
def test_no_call_is_offered_where_one_is_planned(begun, text):
    talk = begun(confirmed, confirmed)
    before = what_counts(talk.request)
    assert "Reply 1" not in talk.says(text)
    talk.says("1")
    assert what_counts(talk.request) == before


@pytest.mark.parametrize("text", ["Domingo Reyes", "Me llamo Edith Coffin", "tom baker"])
def test_a_name_that_was_asked_for_is_taken_however_late_the_call_is(begun, text):
    def late_and_asked(talk):
        talk.says("can somebody call me")
        talk.at("2026-11-24 10:30")
        talk.says("are you there")
        talk.says("can somebody call me")

    talk = begun("late and asked for a name", late_and_asked)
    assert call_is_late(talk)
    said = talk.says(text)
    assert (talk.request.name or "no name").split()[-1].casefold() in text.casefold(), said


def call_is_late(talk):
    return talk.request.due_at < talk.now and talk.talk.step == "ask_name"


@pytest.mark.parametrize("text", ["yes", "1", "sí", "perfecto, gracias", "thanks", "👍"])
def test_politeness_after_a_text_of_staff_makes_nothing_of_a_closed_request(begun, text):
    def closed(talk):
        asked_by_staff(talk)
        talk.staff(request_acts.close, talk.request.id, talk.line.staff["front"], Disposition.REACHED)

    talk = begun("asked by staff and closed", closed)
    before = talk.all_requests
    assert talk.says(text)
    assert talk.all_requests == before


NOT_MEANT = ("i didnt mean to cancel", "please don't cancel my call", "no quise cancelar", "no la cancelen por favor")


@pytest.mark.parametrize("text", NOT_MEANT)
def test_a_call_is_not_cancelled_by_words_against_it(begun, text):
    talk = begun(read_back, read_back)
    before = what_counts(talk.request)
    said = talk.says("1", text)
    assert what_counts(talk.request) == before, said
    assert says_when(before, said)


@pytest.mark.parametrize("text", [*NOT_MEANT, "I cancelled it by mistake"])
def test_a_cancellation_that_was_not_meant_is_taken_back(begun, text):
    talk = begun(cancelled, cancelled)
    assert "call you" in talk.says(text) or "llamamos" in talk.says(text)
    assert talk.request.status == Status.QUEUED


@pytest.mark.parametrize("text", NOT_MEANT)
def test_a_wish_that_has_just_begun_is_not_dropped_by_words_against_cancelling(begun, text):
    talk = begun("a wish", lambda talk: talk.says("can somebody call me"))
    talk.says(text)
    assert talk.talk.draft.wish


@pytest.mark.parametrize("text", ["quiero cancelar", "cancle my call", "You dont have to call me"])
def test_a_call_is_cancelled_in_plain_words_also_after_a_low_mood(begun, text):
    talk = begun("low", lambda talk: talk.says(ASKED, "1", "i cry every day"))
    talk.says(text)
    assert talk.request.status is Status.CANCELLED


@pytest.mark.parametrize("text", ["that was a typo", "póngala otra vez"])
def test_a_cancellation_or_a_move_by_mistake_is_taken_back(begun, text):
    for play in (cancelled, moved):
        talk = begun(play, play)
        talk.says(text)
        assert talk.request.is_open
        assert talk.request.window_start == local("2026-11-24 10:00")


@pytest.mark.parametrize("text", ["devuelvanme la llamada por favor", "no llamaron", "nunca me marcaron"])
def test_who_asks_to_be_called_back_or_was_not_called_cancels_nothing(begun, text):
    talk = begun(confirmed, confirmed)
    talk.says(text)
    assert talk.request.is_open


@pytest.mark.parametrize("text", ["keep my appointment", "keep my call"])
def test_after_a_move_words_that_keep_a_call_are_asked_about(begun, text):
    talk = begun(moved, moved)
    before = what_counts(talk.request)
    assert "Thursday" in talk.says(text)
    assert what_counts(talk.request) == before
    assert talk.talk.step == "undo_move"


def test_who_asks_when_the_call_comes_that_is_late_moves_nothing(begun):
    talk = begun(confirmed, confirmed)
    talk.at("2026-11-24 15:00")
    before = talk.request
    talk.says("ya mero me llaman?")
    assert talk.request.window_start == before.window_start
    assert talk.request.due_at == before.due_at


def test_a_call_that_somebody_was_told_of_is_made_with_what_they_say_of_it(begun):
    talk = begun("told", lambda talk: None)
    talk.says("i was told someone calls me. tomorrow at 3pm. i'm maria lopez")
    assert (talk.request.name, talk.request.window_start) == ("maria lopez".title(), local("2026-11-24 15:00"))


def test_a_yes_that_could_be_a_name_renames_nobody(begun):
    talk = begun(moved, moved)
    talk.says("yee", "yee", "i tried to kill myself last night")
    assert talk.request.name == "Ada Quill"


@pytest.mark.parametrize("play", [moved, cancelled, confirmed])
def test_a_sign_is_closed_once_and_then_met_with_nothing(begun, play):
    talk = begun(play, play)
    said = [talk.says("👍") for _ in range(4)]
    assert "All right, thank you." in said
    assert said[-1] == ""


def test_who_sends_words_after_the_close_is_answered(begun):
    talk = begun(confirmed, confirmed)
    talk.says("👍", "👍")
    assert talk.says("ok")
    assert talk.says("can you call at 2 instead")


def test_who_wants_texts_to_another_phone_gets_none_here_and_staff_have_the_number(begun):
    text = "dont text this number anymore text my other one 602-555-0182"
    new = begun("told", lambda talk: None)
    assert "0182" in new.says(text)
    assert new.request.phone == "+16025550182"
    assert {Flag.CALL_ONLY, Flag.NEEDS_PERSON} <= new.request.flags
    planned = begun(confirmed, confirmed)
    assert "0182" in planned.says(text)
    assert planned.request.phone == SENDER  # a number to text replaces none that is to be called
    assert Flag.NEEDS_PERSON in planned.request.flags
    assert planned.says("hello again") == ""


@pytest.mark.parametrize("text", ["a este no me llamen, mejor al 602-555-0146", "dont call this one call 602 555 0146"])
def test_a_number_beside_a_no_to_another_cancels_nothing(begun, text):
    talk = begun("asked for the number", lambda talk: talk.says("please call me tomorrow at 10", "Ada Quill"))
    talk.says(text)
    talk.says("1")
    assert talk.request.is_open
    assert talk.request.phone == "+16025550146"


def test_a_yes_in_which_the_head_hears_danger_changes_nothing(begun):
    talk = begun(confirmed, confirmed)
    before = what_counts(talk.request)
    assert "988" not in talk.says("esta bn")
    assert what_counts(talk.request) == before


def test_what_was_cancelled_or_moved_is_put_back_on_both_databases(database):
    talk = Talk(database)
    talk.says(ASKED, "1")
    before = what_counts(talk.request)
    talk.says("sorry, can we do Thursday at 1 instead?", "2")
    assert what_counts(talk.request) == before
    talk.says("cancel my call", "2")
    assert what_counts(talk.request) == before


@pytest.mark.parametrize(
    "text",
    [
        "i'm deaf, please text me instead", "STOP", "stop texting me", "I'm in the parking lot", "no soy Bo",
        "who is this?", "you people are useless, this is ridiculous", "can tms cause hair loss", "thanks",
        "i feel so alone",
    ],
)  # fmt: skip
def test_what_says_nothing_of_the_time_leaves_what_was_promised(begun, text):
    def confirm(talk):
        read_back(talk)
        talk.says("1")

    talk = begun("confirmed and promised", confirm)
    before = talk.request
    said = talk.says(text)
    times = ("window_start", "window_end", "promised_start", "promised_end", "promised", "due_at")
    assert [getattr(talk.request, one) for one in times] == [getattr(before, one) for one in times], said
