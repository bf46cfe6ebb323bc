"""Reading the TwiML that answers a text; phone/calls/verbs.py reads what is played on a call."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from phone.webhook import Answer


class BadTwiml(Exception):
    """The answer cannot be played; `code` is Twilio's own."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Text:
    """<Message>: empty `to` means whoever wrote."""

    body: str
    media: tuple[str, ...] = ()
    to: str = ""
    receipts_to: str = ""


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str = "POST"


def read_messaging(answer: Answer) -> list[Text | Redirect]:
    """Read the verbs of an answer to a text, in order.

    Raises BadTwiml: 12300 for a wrong Content-Type, 12100 for what is no TwiML, 12200 for an unknown verb.
    """
    return [_verb(element) for element in document(answer)]


def document(answer: Answer) -> list[ET.Element]:
    """Read the top verbs of an answer. Raises BadTwiml 12300 or 12100."""
    if answer.status == 204:
        return []
    if answer.content_type.split(";")[0].strip().lower() not in ("text/xml", "application/xml"):
        raise BadTwiml(12300)
    try:
        response = ET.fromstring(answer.body)
    except (ET.ParseError, ValueError) as wrong:
        raise BadTwiml(12100) from wrong
    if response.tag != "Response":
        raise BadTwiml(12100)
    return list(response)


def _verb(element: ET.Element) -> Text | Redirect:
    if element.tag == "Redirect":
        return Redirect((element.text or "").strip(), element.get("method", "POST").upper())
    if element.tag != "Message":
        raise BadTwiml(12200)
    media = tuple((part.text or "").strip() for part in element.findall("Media"))
    bodies = [part.text or "" for part in element.findall("Body")]
    return Text(
        body="".join(bodies) if bodies else (element.text or "").strip(),
        media=media,
        to=element.get("to", ""),
        receipts_to=element.get("statusCallback", element.get("action", "")),
    )
