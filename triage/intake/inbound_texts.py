"""Takes a text in four moves: answered before? understand; one short transaction; return what to say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from triage.conversation.guards import after_fault, blocked, picture, raises_alarm, unanswerable, with_media
from triage.conversation.held_danger import hold
from triage.conversation.late_texts import answer_kind, respond_late
from triage.conversation.other_words import in_other_words
from triage.conversation.respond import respond
from triage.conversation.state import Situation, Talk, Turn, kept
from triage.intake import set_aside, staff_commands
from triage.intake.effects import apply, standing_after
from triage.model.member import Staff
from triage.model.message import Arrival, Before, Channel, Inbound
from triage.model.person import Person, Remembered
from triage.model.phone import SenderKind, sender_kind, zone_of
from triage.model.request import ALARMS, Priority
from triage.notices.recipients import somebody_hears
from triage.notices.to_patients import plan_late_answer, plan_late_command
from triage.policy import JOINED_WITHIN, STAFF_LANG
from triage.ports import Words
from triage.reading.opt_out import Keyword, is_carriers_word, read_keyword
from triage.reading.reactions import spoken
from triage.reading.read_message import Heard, danger_at_least, explained, hear
from triage.settings import Clinic
from triage.store import members, messages, people, requests
from triage.store.column_types import unreadables_met
from triage.store.engine import Database, may_pass
from triage.understanding.safety import NO_DANGER, Danger, Tier

log = structlog.get_logger()
LONGEST_BODY = 20_000  # characters that are kept; a text has at most 1600
# Said where the language is not known.
BOTH_LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Answer:
    """The texts to give back, each with the key by which its delivery receipts find it."""

    texts: tuple[str, ...]
    refs: tuple[str, ...]


class AnsweredMeanwhile(Exception):
    """Another delivery of the same message was answered first. Raised so that this transaction is rolled back."""


@dataclass(frozen=True)
class Intake:
    """Takes texts; holds what calls need, too: the database, the clinic's settings and the words.

    expired: when the review of a scripted answer, by its label, runs out (aware).
    """

    database: Database
    clinic: Clinic
    words: Words
    expired: Mapping[str, datetime]

    def take(self, inbound: Inbound) -> Answer:
        """Take one message and return what to say.

        The same message again gives the same answer and changes nothing. What answers a text that was found in the
        provider's list is planned as a notice instead. Raises what the database raises when nothing could be kept: then
        the message must come again.
        """
        if inbound.sender in self.clinic.numbers:
            return Answer((), ())  # a text from our own number: answering it would never end
        inbound = replace(inbound, body=inbound.body[:LONGEST_BODY])
        try:
            return self._take(inbound)
        except Exception as fault:
            if may_pass(fault):
                raise
            log.exception("taken_unopened", key=inbound.key, fault=type(fault).__name__)
            return self._take_unopened(inbound)

    def _take(self, inbound: Inbound) -> Answer:
        with self.database.read() as db:
            before = messages.before(db, inbound.key, inbound.sender, inbound.at - JOINED_WITHIN, inbound.at)
        if before.is_lost:
            return _answer(inbound.key, self._without_rules())
        if before.reply is not None:
            return _answer(inbound.key, before.reply)
        try:
            return self._take_new(inbound, before)
        except AnsweredMeanwhile:
            with self.database.read() as db:
                return _answer(inbound.key, messages.stored_reply(db, inbound.key) or ())

    def _take_new(self, inbound: Inbound, before: Before) -> Answer:
        """Understand a message that was not answered before, then decide and write in one transaction."""
        heard: Heard | None = None
        try:
            at, usual = inbound.at.astimezone(self.clinic.zone), self.clinic.parts_of_day
            heard = hear(inbound.body, at, inbound.channel, before.just_before, usual)
            with self.database.write() as db:
                member = None if before.staff_id is None else members.get(db, before.staff_id)
                if member and heard.danger.tier is not Tier.ALARM and staff_commands.is_of_staff(member, inbound.body):
                    return self._staff_text(db, inbound, member)
                return self._patient_text(db, inbound, heard)
        except AnsweredMeanwhile:
            raise
        except Exception as fault:
            if may_pass(fault):
                raise
            # The rules failed, not the database: the text is kept, a person reads it, and nobody meets silence.
            log.exception("rules_failed", key=inbound.key, fault=type(fault).__name__)
            with self.database.write() as db:
                return self._safe_turn(db, inbound, heard)

    def _take_unopened(self, inbound: Inbound) -> Answer:
        """Keep and screen a message of which all else has failed, and answer 988 / 911 in both languages.

        Nothing of the person is read: any of it may be what failed.
        """
        texts = self._without_rules() if inbound.found_at is None else ()
        try:
            with self.database.write() as db:
                self.keep_unopened(db, inbound, texts)
        except AnsweredMeanwhile:
            log.warning("answered_meanwhile", key=inbound.key)
        return _answer(inbound.key, texts)

    def keep_unopened(self, db: Connection, inbound: Inbound, texts: tuple[str, ...]) -> None:
        """Insert a message and have somebody read it, alerted where it holds danger; nothing of the person is read."""
        danger = screened(inbound.body)
        priority = Priority.ROUTINE if danger.tier is Tier.NONE else ALARMS[danger.label]
        person_id = people.id_unopened(db, inbound.sender, "en", inbound.at)
        request_id = requests.raise_unopened(db, person_id, priority, inbound.channel, "en", inbound.taken_at)
        label = "trouble" if danger.tier is Tier.NONE else danger.label
        sender = sender_kind(inbound.sender).value
        self._keep(
            db,
            Arrival(
                inbound.key, person_id, inbound.channel, inbound.body, inbound.at, sender, label, reply=texts,
                media=inbound.media, request_id=request_id,
            ),
        )  # fmt: skip

    def _without_rules(self) -> tuple[str, ...]:
        return tuple(self.words.say("trouble", lang) for lang in BOTH_LANGUAGES)

    def _staff_text(self, db: Connection, inbound: Inbound, member: Staff) -> Answer:
        """Carry out a command. One that was found late is not: what it was about may have changed since."""
        texts: tuple[str, ...] = ()
        said = spoken(inbound.body)
        if inbound.found_at is None and said:
            heard_out = staff_commands.hear(db, self.clinic, self.words, member, said, inbound.at)
            is_answered = read_keyword(said) is Keyword.STOP and is_carriers_word(said)
            texts = () if is_answered else (heard_out,)
        elif said and member.is_reachable:
            plan_late_command(db, member.id, self.words.say("staff/late_command", STAFF_LANG), inbound.taken_at)
        self._keep(db, Arrival(inbound.key, None, inbound.channel, inbound.body, inbound.at, "staff", reply=texts))
        return _answer(inbound.key, texts)

    def _patient_text(self, db: Connection, inbound: Inbound, heard: Heard) -> Answer:
        kind = sender_kind(inbound.sender)
        situation = self.situation(db, inbound, heard.understood.lang or self.clinic.lang_of(inbound.to), kind)
        if heard.only_reacts:
            situation = replace(situation, last_said=messages.last_said(db, situation.person.id))
        if kind is SenderKind.PHONE_NANP or inbound.channel is Channel.VOICE:
            turn = _respond(db, heard, situation, inbound)
        else:
            turn = unanswerable(heard, situation, kind)
        if situation.person.blocked_at and inbound.channel is Channel.SMS and not raises_alarm(turn):
            turn = blocked(turn, situation)
        turn = self._asking_anew(db, hold(turn, heard, situation), situation)
        return self._settle(db, inbound, situation, turn, heard)

    def _asking_anew(self, db: Connection, turn: Turn, situation: Situation) -> Turn:
        """Return the turn with its question in other words, where our last text ended with the ones that it has."""
        question = turn.question
        if question is None or situation.channel is not Channel.SMS:
            return turn
        words = self.words.say(question.key, question.lang or turn.talk.lang, question.values)
        is_repeated = (messages.last_said(db, situation.person.id) or "").endswith(words)
        return replace(turn, question=in_other_words(question)) if is_repeated else turn

    def _safe_turn(self, db: Connection, inbound: Inbound, heard: Heard | None) -> Answer:
        """Answer with the safe default, 988 / 911, and raise a request that somebody reads: the rules have failed."""
        danger = heard.danger if heard else screened(inbound.body)
        situation = self.situation(db, inbound, "en", sender_kind(inbound.sender))
        said, made = after_fault(danger, situation)
        label = "trouble" if danger.tier is Tier.NONE else danger.label
        return self._settle(db, inbound, situation, Turn(situation.talk, (said,), None, (made,), (label,)), None)

    def situation(self, db: Connection, inbound: Inbound, lang: str, kind: SenderKind) -> Situation:
        """Return what a turn is decided by: the sender, their talk and their newest request.

        The person is locked until the transaction ends. `lang` is for a person or a talk that is new. What cannot be
        read of them is set aside first, and staff are told.
        """
        met = unreadables_met()
        person, remembered = people.meet(db, inbound.sender, lang, inbound.at)
        talk = set_aside.talk_of_row(remembered, person.lang if remembered else lang, self.clinic)
        found = self._situation(db, inbound, person, remembered, talk or Talk(lang=person.lang), kind)
        if set_aside.is_whole(met, talk):
            return found
        flags = set_aside.put_by(db, person.id, inbound.sender, talk is None, inbound.taken_at)
        person, remembered = people.meet(db, inbound.sender, lang, inbound.at)
        talk = set_aside.talk_of_row(remembered, person.lang, self.clinic) or Talk(lang=person.lang)
        found = self._situation(db, inbound, person, remembered, talk, kind)
        if set_aside.tell_staff(db, self.clinic, self.words, found, flags):
            found = replace(found, request=requests.newest_of(db, person.id))
        return found

    def _situation(
        self, db: Connection, inbound: Inbound, person: Person, remembered: Remembered | None, talk: Talk,
        kind: SenderKind,
    ) -> Situation:  # fmt: skip
        now = inbound.taken_at
        if remembered is None and kind.is_phone and person.zone is None:
            person = _with_zone(db, person)
        return Situation(
            clinic=self.clinic,
            channel=inbound.channel,
            now=now.astimezone(self.clinic.zone),
            person=person,
            talk=talk,
            known=remembered is not None,
            request=requests.newest_of(db, person.id) if person.had_request else None,
            sender=inbound.sender if kind.is_phone else None,
            expired=frozenset(label for label, at in self.expired.items() if at <= now),
            alerts_reach=self.clinic.opening.is_open(now) or somebody_hears(db, self.clinic, now),
            overtaken=inbound.found_at is not None and remembered is not None and remembered.updated_at > inbound.at,
        )

    def _settle(
        self, db: Connection, inbound: Inbound, situation: Situation, turn: Turn, heard: Heard | None
    ) -> Answer:
        """Write what a turn changes, the message and its reply, and return the reply.

        Raises AnsweredMeanwhile if another delivery of the message was written first.
        """
        person, found_at = situation.person, inbound.found_at
        if person.staff_wrote_at and not situation.is_with_staff:
            people.change(db, person.id, {"staff_wrote_at": None})  # over for good, whatever is opened later
        texts = self.words.texts(turn.reply, turn.talk.lang, inbound.channel)
        request_id = self._apply(db, situation, turn)
        if found_at is not None and texts:
            kind = answer_kind(turn, found_at - inbound.at)
            if kind is None:
                turn = replace(turn, talk=situation.talk)  # what is not said asks nothing
            else:
                body = "\n\n".join(texts)
                plan_late_answer(db, self.clinic, kind, person.id, request_id, inbound.key, inbound.at, body, found_at)
            texts = ()
        self._keep(
            db,
            Arrival(
                key=inbound.key,
                person_id=person.id,
                channel=inbound.channel,
                body=inbound.body,
                at=inbound.at,
                sender=sender_kind(inbound.sender).value,
                label=",".join(turn.labels)[:40] or None,
                heard=explained(heard),
                reply=texts,
                media=inbound.media,
                request_id=request_id,
            ),
        )
        answer = _answer(inbound.key, texts)
        keys = " ".join(say.key for say in turn.reply.says)
        messages.say(db, answer.refs, texts, person.id, inbound.channel, inbound.at, keys, request_id)
        talk = standing_after(db, situation, turn)
        if talk != situation.talk or not situation.known:
            people.remember(db, person.id, kept(talk, inbound.taken_at), situation.known)
        return answer

    def _keep(self, db: Connection, arrival: Arrival) -> None:
        if messages.keep(db, arrival) is None:
            raise AnsweredMeanwhile(arrival.key)

    def _apply(self, db: Connection, situation: Situation, turn: Turn) -> int | None:
        request = situation.open_request
        request_id = request.id if request else None
        for effect in turn.effects:
            request_id = apply(db, self.clinic, self.words, situation, effect, turn.talk.lang) or request_id
        if turn.talk.lang != situation.person.lang:
            people.change(db, situation.person.id, {"lang": turn.talk.lang})
        return request_id


def _respond(db: Connection, heard: Heard, situation: Situation, inbound: Inbound) -> Turn:
    if inbound.media and not inbound.body.strip():
        return picture(situation)
    if inbound.found_at is None:
        turn = respond(heard, situation)
    else:
        turn = respond_late(heard, situation, messages.stopped_since(db, situation.person.id, inbound.at))
    return with_media(turn, situation) if inbound.media else turn


def screened(body: str) -> Danger:
    """Find danger by its explicit phrases, whatever fails: words that cannot be screened are read by a person."""
    try:
        return danger_at_least(body)
    except Exception as fault:
        log.error("not_screened", fault=type(fault).__name__)
        return NO_DANGER


def _with_zone(db: Connection, person: Person) -> Person:
    """Store the time zone that the area code of a person's phone tells, if it tells one."""
    zone = zone_of(person.phone)
    if zone is None:
        return person
    people.change(db, person.id, {"zone": zone.key})
    return replace(person, zone=zone.key)


def _answer(key: str, texts: tuple[str, ...]) -> Answer:
    return Answer(texts, tuple(f"{key}.{number}" for number in range(len(texts))))
