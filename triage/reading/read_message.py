"""Everything that one message holds, read once and before any decision: slow and pure, so outside the transaction."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from triage.hours.window import Window
from triage.model.message import Channel
from triage.policy import USUAL_PARTS, PartsOfDay
from triage.reading.as_meant import as_meant, corrects
from triage.reading.automatic_replies import is_automatic
from triage.reading.call_times import time_in
from triage.reading.call_wishes import (
    asks_for_call,
    asks_how_it_stands,
    asks_not_to_cancel,
    asks_to_cancel,
    asks_to_keep,
    asks_to_move,
    asks_what_is_noted,
    asks_whether_called,
    cancels_the_call,
    declines,
    is_only_about,
    matter_of_call,
    may_cancel,
)
from triage.reading.chosen_keys import after_key, choice_in
from triage.reading.follow_ups import (
    affirms,
    calls_instead,
    calls_out,
    says_never_mind,
    takes_note,
    undoes,
    waits,
    was_mistaken,
)
from triage.reading.names import (
    begins_with_first_name,
    is_full_name,
    is_name_of_nobody_hurt,
    is_wholly_a_name,
    names_another,
    read_lone_name,
    read_name,
    speaks_of_name,
)
from triage.reading.opt_out import (
    Keyword,
    Scope,
    asks_to_start,
    asks_to_stop,
    asks_to_stop_aloud,
    is_carriers_word,
    read_keyword,
)
from triage.reading.phone_numbers import (
    answers_own_number,
    looks_like_number,
    means_own_number,
    number_tried,
    read_numbers,
    read_phones,
    refuses_own_number,
    without_numbers,
)
from triage.reading.reactions import Reaction, read_reaction, spoken
from triage.reading.signs import Sign, read_signs
from triage.reading.spelled_names import with_spelling
from triage.reading.spoken_digits import tokens_of
from triage.reading.spoken_keys import asks_for_quiet
from triage.reading.times.mentions import says_only_when
from triage.reading.times.read_window import Unread
from triage.reading.times.shifts import read_shift
from triage.reading.times.vocabulary import WORDS
from triage.reading.which_number import without_place
from triage.reading.yes_no import Reply, read_reply
from triage.understanding import decide
from triage.understanding.fold import fold, other_readings
from triage.understanding.reading import Understanding, screen, screen_again, understand
from triage.understanding.safety import GRAVITY, NO_DANGER, Danger, Tier, by_phrase
from triage.understanding.topics import subject_of
from triage.words.number_words import DIGIT_BY_DIGIT, NUMBERS, REPEATS
from triage.words.plain_letters import LONGEST, plain_letters
from triage.words.plain_letters import fold as fold_plainly

_SAID_AS_A_NUMBER = [
    *(word for word, number in NUMBERS.items() if number <= 10),
    *DIGIT_BY_DIGIT,
    *REPEATS,
]

_NUMBER_WORDS = re.compile(rf"\b(?:\d+|{'|'.join(_SAID_AS_A_NUMBER)})\b", re.IGNORECASE)

# Of two texts that are joined only the seam is new: each of them is screened by itself.
SEAM_WORDS = 30

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True)
class BesideName:
    """What else a text says where the bare name in it is one: "domingo reyes" is no day, "Edith Coffin" no danger."""

    danger: Danger
    window: Window | None


@dataclass(frozen=True)
class BesidePlace:
    """What a text says beside the place of something: "the 2nd pls", "mejor al segundo, mañana"."""

    window: Window | None


@dataclass(frozen=True)
class BesideKey:
    """What a text says behind the key 1 with which it begins: "ugh 1. Theo Ansbach", "1, today before 3"."""

    window: Window | None
    bare_name: str | None
    lone_name: str | None


@dataclass(frozen=True)
class Heard:
    """The readings of one text. `danger` also covers the text joined to the half that came just before it.

    text: the person's own words, without what their phone quotes. automatic: the phone answered for its owner.
    phones: E.164, each with its extension as it is kept. choice: the number of what is chosen in words.
    mistaken: what was done last was a mistake, if something was done.
    spares: a cancellation is not wanted, or was not meant. names_another: `name` is that of somebody who is spoken of.
    aloud: said or keyed on a call. welcomes: texts are welcome again, to somebody who has stopped them.
    shift: by how much later than the time that stands a call is wished; negative for earlier.
    left_out: danger that the head hears in words about a time of the call, in a short yes, or in a caller's "enough",
    is not in `danger`; see `understood.danger`.
    whether_called, how_it_stands, what_is_noted: it is asked if a call comes, how it stands, what we know of it.
    may_cancel: a cancellation that the model hears can be one.
    only_about: a call about a matter is wished, and nothing is asked.
    refuses_phone: the phone they write from is not to be called.
    wholly_name: `bare_name` is all that is said. full_name: it is surely a name.
    """

    text: str
    understood: Understanding
    danger: Danger
    keyword: Keyword | None = None
    scope: Scope | None = None
    welcomes: bool = False
    name: str | None = None
    bare_name: str | None = None
    lone_name: str | None = None
    names_another: bool = False
    wholly_name: bool = False
    full_name: bool = False
    beside_name: BesideName | None = None
    beside_key: BesideKey | None = None
    beside_place: BesidePlace | None = None
    phones: tuple[str, ...] = ()
    own_number: bool = False
    own_when_asked: bool = False
    like_number: bool = False
    number_tried: bool = False
    refuses_phone: bool = False
    choice: int | None = None
    topic: str | None = None
    window: Window | None = None
    same_hour: bool = False
    shift: timedelta | None = None
    left_out: bool = False
    unread: Unread = Unread.NOTHING
    wish: bool = False
    whether_called: bool = False
    how_it_stands: bool = False
    what_is_noted: bool = False
    only_about: bool = False
    move: bool = False
    keep: bool = False
    cancel: bool = False
    cancels_call: bool = False
    may_cancel: bool = False
    spares: bool = False
    renames: bool = False
    declines: bool = False
    carrier_answers: bool = False
    signs: frozenset[Sign] = frozenset()
    reply: Reply | None = None
    affirms: bool = False
    takes_note: bool = False
    undoes: bool = False
    mistaken: bool = False
    waits: bool = False
    calls_instead: bool = False
    calls_out: bool = False
    never_mind: bool = False
    reaction: Reaction | None = None
    automatic: bool = False
    aloud: bool = False

    @property
    def only_reacts(self) -> bool:
        """Tell whether a reaction was tapped and nothing said."""
        return self.reaction is not None and not self.text

    @property
    def says_nothing(self) -> bool:
        """Tell whether nobody spoke, and nobody is answered; a heart that says yes to a question speaks."""
        return (self.only_reacts and self.yes_no is None) or (self.automatic and self.danger.tier is not Tier.ALARM)

    @property
    def digit(self) -> int | None:
        return self.understood.digit if self.choice is None else self.choice

    @property
    def yes_no(self) -> bool | None:
        """Tell yes from no in words; the digits 1 and 2 mean them only where a question says so."""
        return self.understood.yes_no

    @property
    def finds_fault(self) -> bool:
        """Tell whether something in what we said is wrong: no answer to any other question."""
        return self.reply is Reply.WRONG


def hear(
    text: str, now: datetime, channel: Channel, just_before: str | None = None, usual: PartsOfDay = USUAL_PARTS
) -> Heard:
    """Read a text. `now` is aware and in the clinic's zone; `just_before`: the person's own text of the last minute."""
    reaction = None
    if channel is Channel.SMS:  # a phone quotes our own words, which would be read as theirs
        reaction = read_reaction(text)
        text = reaction.own_words if reaction else text
        just_before = spoken(just_before) if just_before else None
    understood = understand(text)
    if channel is Channel.SMS and is_automatic(text):
        # Danger alone is looked for: "I'll call you later" is no wish, "notifications off" no opt-out.
        # What the head alone hears in a phone's own sentence ("until I reach my destination") is nobody's despair.
        said = understood.danger if understood.danger.rule != "head" else NO_DANGER
        return Heard(text, understood, said, reaction=reaction, automatic=True)
    written, text = text, as_meant(text)
    if corrects(written):
        understood = replace(understand(text, is_screened=True), danger=understood.danger)
    screened, reply = understood.danger, read_reply(text)
    understood = _as_set_word(understood, reply)
    named = with_spelling(text) if channel is Channel.VOICE else text
    phones, name = read_numbers(text), read_name(named)
    wish = asks_for_call(text)
    if wish and (question := _beside_the_wish(text)):
        understood = _asking(understood, understand(question, is_screened=True))
    elif question := _beside_a_story(text, understood):
        asks = understand(question, is_screened=True)
        understood = _asking(understood, asks) if decide(asks).kind == "act" else understood
    bare_name, lone_name = read_name(named, asked=True), read_lone_name(named)
    danger = _danger_in(written, channel, screened, bool(phones), name or lone_name)
    matter = matter_of_call(text)
    if reply is not None and bare_name and not begins_with_first_name(bare_name):
        bare_name = None  # "muchísimas gracias"; Dale and Simon are names all the same where one is asked for
    if reply is not None:
        lone_name = None  # and nowhere else: "simón" is a yes
    # "In an hour" is no appointment to the minute: said at 9:32 it means half past ten.
    timed = _without(name or lone_name, text)
    if reply is not None:
        timed = ""  # "ya, that is fine" names no time
    five = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    window, same_hour = time_in(timed, five, usual)
    told = (name or lone_name, phones or means_own_number(text), isinstance(window, Window))
    if danger.rule == "head" and sum(map(bool, told)) > 1:
        danger = _in_one_sentence(text, danger)
    says_yes = reply is Reply.YES and danger.tier is Tier.CHECK_IN  # "esta bn"
    be_quiet = channel is Channel.VOICE and danger.tier is Tier.CHECK_IN and asks_for_quiet(text)  # "that's enough"
    left_out = danger.rule == "head" and (says_yes or be_quiet or _is_of_a_time(understood, window, text, five, usual))
    if left_out:
        danger = NO_DANGER
    # A key or a number ends no sentence.
    if just_before and danger.tier is not Tier.ALARM and understood.exact is None and not phones:
        danger = _danger_of_both(just_before, written, channel) or danger
    shift = None if isinstance(window, Window) else read_shift(text)
    return Heard(
        text=written,
        understood=understood,
        danger=danger,
        # Keywords belong to the carriers of texts; a caller who says "help" wants help.
        keyword=read_keyword(written) if channel is Channel.SMS else None,
        scope=asks_to_stop(text) if channel is Channel.SMS else asks_to_stop_aloud(text),
        welcomes=asks_to_start(text),
        name=name,
        bare_name=bare_name,
        lone_name=lone_name,
        beside_name=_beside_name(bare_name, text, danger, five, usual),
        beside_key=_beside_key(text, five, usual) if channel is Channel.SMS else None,
        beside_place=_beside_place(text, five, usual),
        names_another=name is not None and names_another(named),
        wholly_name=is_wholly_a_name(named, bare_name),
        full_name=is_full_name(text),
        phones=phones,
        own_number=means_own_number(text),
        own_when_asked=answers_own_number(text),
        like_number=looks_like_number(text),
        choice=choice_in(text),
        number_tried=not phones and number_tried(text),
        refuses_phone=not phones and refuses_own_number(text),
        topic=(subject_of(fold(matter)) if matter else None) or understood.subject,
        window=window if isinstance(window, Window) else None,
        same_hour=same_hour,
        shift=shift,
        left_out=left_out,
        unread=window if isinstance(window, Unread) else Unread.NOTHING,
        wish=wish,
        whether_called=asks_whether_called(text),
        how_it_stands=asks_how_it_stands(text),
        what_is_noted=asks_what_is_noted(text),
        only_about=is_only_about(text),
        move=asks_to_move(text, isinstance(window, Window)) or shift is not None,
        keep=asks_to_keep(text),
        cancel=asks_to_cancel(text),
        cancels_call=cancels_the_call(text),
        may_cancel=may_cancel(text),
        spares=asks_not_to_cancel(text),
        renames=speaks_of_name(named),
        declines=declines(text),
        reply=reply,
        affirms=affirms(text, understood, reply),
        takes_note=takes_note(understood, reply),
        undoes=undoes(understood),
        mistaken=was_mistaken(understood),
        waits=waits(understood),
        calls_instead=calls_instead(understood),
        calls_out=calls_out(understood),
        never_mind=says_never_mind(understood),
        reaction=reaction,
        carrier_answers=channel is Channel.SMS and is_carriers_word(written),
        signs=read_signs(text, understood, reply),
        aloud=channel is Channel.VOICE,
    )


def _danger_beside_numbers(text: str, danger: Danger) -> Danger:
    """Return the danger in what is said beside the digits of a number: "five five five, nine one one oh" is none."""
    words = without_numbers(text)
    if words == " ".join(token.text for token in tokens_of(fold_plainly(text))):
        return danger
    return screen_again(words, danger) if any(c.isalpha() for c in words) else NO_DANGER


def _danger_in(text: str, channel: Channel, heard: Danger, has_number: bool, name: str | None) -> Danger:
    """Return the danger in a text without the sound of numbers and names. heard: that of the text as it stands."""
    danger = heard
    if channel is Channel.VOICE:
        if text.isdecimal():
            return NO_DANGER  # keys are no words: who enters 988 as a number is told where it leads
        if danger.tier is not Tier.NONE:
            danger = _danger_beside_numbers(text, danger)
    if has_number and danger.tier is Tier.CHECK_IN:
        danger = _milder(screen_again(_NUMBER_WORDS.sub(" ", text), danger), danger)
    if name and danger.rule == "head" and is_name_of_nobody_hurt(name):
        # "My name is Edith Coffin", "sure, Edith Coffin"; but not "Mike Overdosed".
        rest = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
        danger = NO_DANGER if is_wholly_a_name(text, name) else _milder(screen_again(rest, danger), danger)
    return danger


_ENDED = re.compile(r"(?<![.!?])[.!?]\W*$")  # "..." goes on

# More sentences than these say more than a name, a number and a time.
MOST_SENTENCES = 5


def _in_one_sentence(text: str, danger: Danger) -> Danger:
    """Return the danger that stands in one of the sentences, of words that give a name, a number or a time together:
    "tomorrow by 10. I'm Edith Coffin. its either 602 ... or 480 ...". An alarm is asked about at least.
    """
    sentences = _SENTENCE_END.split(text)
    if not 1 < len(sentences) <= MOST_SENTENCES:
        return danger
    worst = max(map(screen, sentences), key=lambda one: GRAVITY[one.tier])
    if danger.tier is Tier.ALARM and worst.tier is Tier.NONE:
        return replace(danger, tier=Tier.CHECK_IN)
    return _milder(worst, danger)


def _milder(one: Danger, other: Danger) -> Danger:
    """Return the lesser danger of two readings: what is left without numbers and names may sound worse than it was."""
    return one if GRAVITY[one.tier] <= GRAVITY[other.tier] else other


def _danger_of_both(just_before: str, text: str, channel: Channel) -> Danger | None:
    """Return the alarm in two halves of one sentence: "i want to" / "die". None where there is none.

    A mere check-in does not count, or every second answer in the form would be asked about; nor does what was dangerous
    by itself: it has been answered already.
    """
    both = " ".join((*just_before.split()[-SEAM_WORDS:], *text.split()[:SEAM_WORDS]))
    joined = _danger_beside_numbers(both, screen(both)) if channel is Channel.VOICE else screen(both)
    before = " ".join(just_before.split()[-2 * SEAM_WORDS :])
    ended = _ENDED.search(just_before) is not None and joined.rule == "head"  # two sentences are two answers
    return joined if joined.tier is Tier.ALARM and not ended and screen(before).tier is Tier.NONE else None


def danger_at_least(text: str) -> Danger:
    """Find danger by the explicit phrases alone: for a text that `hear` itself could not read."""
    own = spoken(text)
    return by_phrase((fold(own), *other_readings(own))) or NO_DANGER


_SET_WORDS = {Reply.YES: ("yes", True), Reply.NO: ("no", False), Reply.GLAD: ("thanks", None)}


def _as_set_word(understood: Understanding, reply: Reply | None) -> Understanding:
    """Return a short reply as the set word that it stands for: a model reads into it what is not there."""
    is_set = understood.exact not in (None, "empty")
    if is_set or reply not in _SET_WORDS or understood.yes_no is not None:
        return understood
    exact, yes_no = _SET_WORDS[reply]
    return replace(understood, exact=exact, yes_no=yes_no)


def _without(name: str | None, text: str) -> str:
    """Return the text without a full name in which a word of time stands: "call me, Domingo Reyes, tomorrow"."""
    if name is None or " " not in name or not any(plain_letters(word) in WORDS for word in name.split()):
        return text
    return re.sub(r"\s+".join(map(re.escape, name.split())), " ; ", text, flags=re.IGNORECASE)


def _beside_name(name: str | None, text: str, danger: Danger, now: datetime, usual: PartsOfDay) -> BesideName | None:
    """Read what stands beside a name that would be heard as danger or as a day; None where nothing is."""
    if name is None or " " not in name:
        return None
    is_day = any(plain_letters(word) in WORDS for word in name.split())
    if not is_day and danger.rule != "head":
        return None
    rest = re.sub(r"\s+".join(map(re.escape, name.split())), " ; ", text, flags=re.IGNORECASE)
    window, _ = time_in(rest, now, usual)
    is_safe = danger.rule == "head" and is_name_of_nobody_hurt(name)
    return BesideName(screen_again(rest, danger) if is_safe else danger, window if isinstance(window, Window) else None)


def _beside_key(text: str, now: datetime, usual: PartsOfDay) -> BesideKey | None:
    """Read what stands behind a key 1 that begins a text; None where no key does."""
    rest = after_key(text)
    if rest is None:
        return None
    window, _ = time_in(rest, now, usual)
    return BesideKey(window if isinstance(window, Window) else None, read_name(rest, asked=True), read_lone_name(rest))


def _beside_place(text: str, now: datetime, usual: PartsOfDay) -> BesidePlace | None:
    """Read what stands beside "the second one"; None where nothing is named by its place."""
    rest = without_place(text)
    if rest == text:
        return None
    window, _ = time_in(rest, now, usual)
    return BesidePlace(window if isinstance(window, Window) else None)


def _is_of_a_time(
    understood: Understanding, window: Window | Unread, text: str, now: datetime, usual: PartsOfDay
) -> bool:
    """Tell whether words are no more than a time for the call, or move it to one: no sign of danger then.

    An alarm among words that move a call stays one.
    """
    if not isinstance(window, Window):
        return False
    moves = understood.scores[0][0] == "callback.reschedule" if understood.scores else False
    surely = moves and (decide(understood).kind == "act" or asks_to_move(text, names_a_time=True))
    return (surely and understood.danger.tier is Tier.CHECK_IN) or says_only_when(text, now.date(), usual)


def _beside_the_wish(text: str) -> str | None:
    """Return the question in a message whose other sentences ask for a call; None if it is all one."""
    sentences = _SENTENCE_END.split(text[:LONGEST])
    kept = [one for one in sentences if not asks_for_call(one) and not read_phones(one)]
    question = " ".join(kept)
    return question if "?" in question and len(kept) < len(sentences) else None


def _beside_a_story(text: str, whole: Understanding) -> str | None:
    """Return the question of a message that tells something first, where the whole is not sure; else None."""
    sentences = _SENTENCE_END.split(text[:LONGEST])
    asked = [one for one in sentences if one.rstrip().endswith("?")]
    if not 0 < len(asked) < len(sentences) or whole.danger.tier is not Tier.NONE:
        return None
    if decide(whole).kind == "act":
        return None
    # What it is about may stand beside it: "y duele? la tms".
    question = " ".join(asked)
    return question if subject_of(fold(question)) or whole.subject is None else f"{question} {whole.subject}"


def _asking(whole: Understanding, question: Understanding) -> Understanding:
    """Return the whole with the meaning of its question, which the name and number of a wish drown.

    What forbids a script forbids it wherever it stands.
    """
    if question.exact is not None:
        return whole
    return replace(whole, scores=question.scores, parts=question.parts, nearest=question.nearest)


def explained(heard: Heard | None) -> dict[str, Any] | None:
    """Say for staff why the program answered as it did: labels with scores, danger, rule, nearest example."""
    if heard is None:
        return None
    understood = heard.understood
    return {
        "lang": understood.lang,
        "exact": understood.exact,
        "danger": dict(vars(heard.danger)),
        "scores": [[label, round(score, 3)] for label, score in understood.scores[:3]],
        "vetoes": list(understood.vetoes),
        "nearest": understood.nearest,
        "encoder": understood.encoder,
    }
