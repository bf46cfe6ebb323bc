"""What a browser says it is: enough for its owner to tell their sessions apart, and no more."""

# In this order: most name several, for the sake of old pages.
_BROWSERS = (
    ("edge", ("Edg/", "EdgA/", "EdgiOS/")), ("opera", ("OPR/",)), ("samsung", ("SamsungBrowser/",)),
    ("firefox", ("Firefox/", "FxiOS/")), ("chrome", ("Chrome/", "CriOS/")), ("safari", ("Safari/",)),
)  # fmt: skip
_SYSTEMS = (
    ("iphone", ("iPhone",)), ("ipad", ("iPad",)), ("android", ("Android",)), ("windows", ("Windows",)),
    ("chromeos", ("CrOS",)), ("mac", ("Macintosh", "Mac OS")), ("linux", ("Linux",)),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """Return browser and system by short names, "firefox/windows"; "other" for what is not known."""
    return f"{_first(_BROWSERS, user_agent)}/{_first(_SYSTEMS, user_agent)}"


def _first(known: tuple[tuple[str, tuple[str, ...]], ...], user_agent: str) -> str:
    return next((name for name, marks in known if any(mark in user_agent for mark in marks)), "other")
