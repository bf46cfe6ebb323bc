"""Every error that the rules raise on purpose."""

from triage.model.notice import Refusal


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
