"""What people write back to something that we said: it is fine, it is to be undone, nobody has called."""

import re

from triage.reading.yes_no import Reply
from triage.understanding.reading import Understanding
from triage.words.word_lists import word_file

_SAYS = word_file("follow_ups").patterns()

_UNDO = re.compile(rf"\b(?:{_SAYS['undo']})\b")

# What stands around is read one way only, `(?>...)`: "10 10 10 ..." can be parted in more ways than can ever be tried.
_CALLS_OUT = re.compile(
    rf"(?:(?>(?:{_SAYS['beside_calling']}) ))*(?:{_SAYS['calls_out']})(?>(?: (?:{_SAYS['beside_calling']})(?!\w)))*"
)

_MISTAKEN = re.compile(rf"\b(?:{_SAYS['mistaken']})")

_NO_UNDO = re.compile(rf"\b(?:{_SAYS['no_undo']})")

_WAITS = re.compile(rf"\b(?:{_SAYS['waits']})")

_CALL_INSTEAD = re.compile(rf"\b(?:{_SAYS['call_instead']})\b")

_NEVER_MIND = re.compile(
    rf"(?:(?>(?:{_SAYS['around']}) ))*(?:{_SAYS['never_mind']})(?>(?: (?:{_SAYS['around']})(?!\w)))*"
)

_NOTES = re.compile(_SAYS["notes"])

# Pictures that say no more than "fine, thanks"; those that are words ("thumbs up") are read as words.
_GLAD = re.compile(r"[\s❤♥💕💖💗💙💚💛💜🧡🤍🫶🙂😊☺😀😃😄😁😇🥰🤗👏💪✅✔☑💯🙌🎉\ufe0f\u200d\U0001f3fb-\U0001f3ff!.]+")


def affirms(text: str, understood: Understanding, reply: Reply | None) -> bool:
    """Tell whether a text says no more than that it is right, good or appreciated: "yes", "ok thanks", "got it", 👍."""
    if reply in (Reply.NO, Reply.WRONG):
        return False  # "no thanks"
    if understood.exact in ("yes", "thanks") or reply in (Reply.YES, Reply.GLAD):
        return True
    return not understood.text and bool(text.strip(" !.\n")) and _GLAD.fullmatch(text) is not None


def takes_note(understood: Understanding, reply: Reply | None) -> bool:
    """Tell whether a short reply thanks for what was said and agrees to nothing: "ok, thanks", not "yes, thanks"."""
    return reply is not None and understood.digit is None and _NOTES.match(understood.text) is not None


def undoes(understood: Understanding) -> bool:
    """Tell whether what was changed last is to be as it was before; a mere "no" does not say so."""
    return bool(_UNDO.search(understood.text)) and not _NO_UNDO.search(understood.text)


def calls_out(understood: Understanding) -> bool:
    """Tell whether a text asks no more than whether somebody is there: "hello, are you there? its late"."""
    return _CALLS_OUT.fullmatch(understood.text) is not None


def was_mistaken(understood: Understanding) -> bool:
    """Tell whether a text that comes right after a change takes it for a mistake: "sorry, wrong button"."""
    return _MISTAKEN.search(understood.text) is not None


def waits(understood: Understanding) -> bool:
    """Tell whether somebody complains that a call has not come: "nobody called", "you said 10 to 11"."""
    return _WAITS.search(understood.text) is not None


def calls_instead(understood: Understanding) -> bool:
    """Tell whether words that want no texts ask for a call instead."""
    return _CALL_INSTEAD.search(understood.text) is not None


def says_never_mind(understood: Understanding) -> bool:
    """Tell whether a text says no more than "never mind"."""
    return _NEVER_MIND.fullmatch(understood.text) is not None
