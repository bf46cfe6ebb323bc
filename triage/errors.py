"""Every error that the rules raise on purpose."""


class TriageError(Exception):
    """The rules could not do what was asked; carries facts, the edges put them into words."""


class NeverOpen(TriageError):
    """No opening in the coming weeks: the clinic's hours or closed days cannot be right."""
