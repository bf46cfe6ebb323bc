"""Every error that the rules raise on purpose."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why the provider or the carrier refuses a text or a call, whatever its own code for that is.

    What follows from each stands in `triage/notices/refusals.py`.
    """

    BAD_NUMBER = "bad_number"  # this number can never be texted
    LANDLINE = "landline"  # nor this one, but it can be called
    OPTED_OUT = "opted_out"
    SETUP = "setup"  # our account or our number: an operator must act, then it works
    LATER = "later"
    OUT_OF_REACH = "out_of_reach"  # the phone was off, or the carrier gives no reason: perhaps a little later
    CONTENT = "content"  # the carrier holds these words back
    DAILY_CAP = "daily_cap"  # the carrier takes no more of ours today
    OTHER = "other"

    @property
    def is_permanent(self) -> bool:
        """Whether trying again soon cannot help."""
        return self not in (Refusal.SETUP, Refusal.LATER, Refusal.OUT_OF_REACH)


class TriageError(Exception):
    """The rules could not do what was asked; carries facts, the edges put them into words."""


class Refused(TriageError):
    """Staff asked for something that a rule forbids. `why` is a code; `facts` is what the words for it need."""

    def __init__(self, why: str, facts: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


class NeverOpen(TriageError):
    """No opening in the coming weeks: the clinic's hours or closed days cannot be right."""


class WrongSetting(TriageError):
    """A setting cannot be used. The text is one sentence: which, why and what to write instead."""


class Unopened(WrongSetting):
    """None of the keys opens a value that is stored: it was damaged, or a key is missing."""


class BackupFailed(TriageError):
    """No backup was made. The text is one sentence for whoever asked for it."""


class HeadNotRead(TriageError):
    """The head of the audit trail that is kept elsewhere cannot be read. The text says why, in a few words."""


class WordsMissing(TriageError):
    """A text under templates/ is missing, or a value that it needs was not given."""


class DatabaseBusy(TriageError):
    """The writer gate stayed shut: nothing was written, the same message may come again."""


class DeliveryFailed(TriageError):
    """The provider refused a text or a call: why, and the provider's own code for it, to be shown."""

    def __init__(self, refusal: Refusal, code: int | None = None) -> None:
        super().__init__(f"refused ({refusal}) with code {code}")
        self.refusal = refusal
        self.code = code


class DeliveryUnknown(TriageError):
    """No clear answer came: the text may or may not have gone out, so it must not be sent again blindly."""
