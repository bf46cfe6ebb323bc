"""The answers that Twilio keeps for when this program is down: whether what stands at their addresses is one."""

import re
from pathlib import Path
from xml.etree import ElementTree

import requests

TIMEOUT_S = 5
LONGEST = 64 * 1024
# What each must hold: the lines of help, and the verb by which the person is answered, or can leave a message.
HELP = ("988", "911")
VERBS = {"sms": "Message", "voice": "Record"}


def trouble_of(kind: str, url: str) -> str:
    """Ask a static answer, of "sms" or "voice", and return what is wrong with it: empty where nothing is."""
    try:
        answer = requests.get(url, timeout=TIMEOUT_S)
    except requests.RequestException as fault:
        return f"it does not answer ({type(fault).__name__})"
    if answer.status_code != 200:
        return f"it answers {answer.status_code}"
    return trouble_in(kind, answer.content[:LONGEST])


def trouble_in(kind: str, document: bytes) -> str:
    """Return what is wrong with the document of a static answer: empty where nothing is."""
    try:
        response = ElementTree.fromstring(document)  # noqa: S314 - from an address of the clinic's own choice
    except (ElementTree.ParseError, ValueError):
        return "it is not TwiML"
    if response.tag != "Response":
        return "it is not TwiML"
    if response.find(VERBS[kind]) is None:
        return f"it has no <{VERBS[kind]}>"
    missing = _missing_in(" ".join(response.itertext()))
    return f"its words do not carry {' and '.join(missing)}" if missing else ""


def carries_help(words: str) -> bool:
    """Tell whether words carry both lines of help."""
    return not _missing_in(words)


def _missing_in(words: str) -> list[str]:
    # To the ear the digits stand apart.
    joined = re.sub(r"(?<=\d)[\s.-]+(?=\d)", "", words)
    return [line for line in HELP if line not in joined]


def words_of(path: Path) -> str:
    """Return the words of a static answer that is kept here."""
    return " ".join("".join(ElementTree.parse(path).getroot().itertext()).split())  # noqa: S314 - our own file
