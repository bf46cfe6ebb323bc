"""Messages that need no model: digits, yes and no, and what is wholly a greeting, thanks or a call for help."""

import re

from triage.words.number_words import CHOSEN, NUMBERS, ORDINALS

_DIGITS = (
    {word: digit for word, digit in NUMBERS.items() if digit < 10}
    | {word: digit for word, digit in ORDINALS.items() if digit <= 5}
    | CHOSEN
)
_DIGIT = re.compile(
    r"(?:(?:please|press|reply|option|opcion|number|numero|choice|"
    r"choose|i choose|pick|select|la|el|the|marco|oprimo|my answer is|"
    r"answer|its|it is|i want|i said|dije|quiero) )*"
    r"(?:no )?(?P<digit>\d|[a-z]+)(?: one)?(?: (?:please|por favor|thanks|gracias))?"
)

_GREETINGS = re.compile(
    r"(?:oh |well |yes |hey |hi |hello )?"
    r"(?:hi|hello|hey|hiya|heya|howdy|yo|hola|buenas|buenos dias|buen dia|good (?:morning|afternoon|evening|day)|"
    r"morning|greetings|saludos|gm|sup|hey+|hi+|hello+|hola+)"
    r"(?: (?:there|again|hello|hi|everyone|all|team|buenas|buenos dias|"
    r"buenas tardes|buenas noches|tardes|noches|dias|to you|sir|maam|"
    r"good (?:morning|afternoon|evening)))*"
)
_PERSON = re.compile(
    r"(?:(?:a |the |un |una |real |live |human ){0,4}"
    r"(?:agent|agente|operator|operadora?|representative|representante|rep|human|person|persona|receptionist|"
    r"call ?back|call me|llamenme|llamame|speak to a person|talk to a person|customer service|"
    r"front desk))(?: (?:please|por favor))?"
)
_THANKS = re.compile(
    r"(?:ok |okay |great |perfect |alright |all right |no )?"
    r"(?:thanks|thank you|gracias|muchas gracias|mil gracias|bye|goodbye|bye bye|adios|cheers|ty|tysm|ttyl)"
    r"(?: (?:so much|very much|a lot|you|thanks|thank you|bye|goodbye|again|adios|hasta luego|all|everyone))*"
)
_HELP = re.compile(
    r"help|ayuda|menu|main menu|help menu|options|opciones|commands|menu please|help please|"
    r"menu por favor|el menu|las opciones"
)

_YES_START = re.compile(
    r"(?:yes|yeah|yep|yup|yea|yess+|yas|ye|sure|correct|absolutely|"
    r"definitely|of course|certainly|please do|agree|agreed|i agree|thumbs up|"
    r"exactly|indeed|affirmative|claro|correcto|de acuerdo|"
    r"por supuesto|dale|afirmativo|asi es|desde luego|esta bien|sip)\b"
)
_YES_WHOLE = re.compile(
    r"(?:ok|okay|okey|k|kk|fine|right|alright|all right|good|great|perfect|"
    r"perfecto|vale|bueno|listo|y|s|si|simon|sale|please|por favor|i do|"
    r"i am|that is (?:right|fine|correct|it|good)|it is (?:ok|fine|right|correct)|"
    r"sounds good|that works|works for me|go ahead|lets do it|"
    r"you got it|uh huh|mhm|es correcto|"
    r"ok (?:please|thanks|thank you|sounds good|por favor|gracias|perfect|great|good|yes))"
    r"(?: (?:please|thanks|thank you|por favor|gracias|with me|for me))*"
)
_SI_START = re.compile(
    r"si (?:por favor|porfavor|gracias|claro|quiero|quisiera|me|llam\w+|"
    r"marqu\w+|esta|es|ok|si|senor|senorita|senora|deseo|necesito que|"
    r"eso|correcto|adelante|perfecto|bueno|seguro|dije|asi)\b"
)
_NO_START = re.compile(
    r"(?:nope|nah|naw|negative|negativo|not really|not now|not at all|"
    r"not me|never|no way|para nada|tampoco|nunca|claro que no|thumbs down|"
    r"incorrect|incorrecto|wrong|that is (?:wrong|not)|it is (?:wrong|not)|"
    r"i said no|dije que no|i do not think? ?s?o|i do not thing so|"
    r"i do not agree|nel|que no|no no|no (?:thanks?|thank you|i|im|it|that|not|"
    r"nope|please|sorry|sir|maam|do|you|we|just|nothing|need|they|this|stop|"
    r"leave|gracias|lo creo|senor\w*|muchas|por ahora|asi|es correcto|esta bien|good))\b"
)
_YES = re.compile(
    rf"(?:{_YES_START.pattern}|{_YES_WHOLE.pattern}|si)"
    r"(?: (?:please|por favor|sir|maam|senorita|senor|yes|si|claro|correct))?"
)
_NO = re.compile(r"(?:no|nope|nah|naw|no no|no sir|no maam|nel|negative|not really)")
_NEGATED = re.compile(r"\bnot (?:ok|okay|fine|right|correct|good|sure)\b|\bno (?:esta bien|es correcto)\b")
_MARKED_START = re.compile(r"\W*(s[ií]|no)\s*[,.!;:…-]+\s+\S|\W*(sí)\b", re.IGNORECASE)


def digit_in(folded: str) -> int | None:
    """Return the digit that the whole text says: "1", "one", "#1", "option 2 please"."""
    match = _DIGIT.fullmatch(folded) if len(folded) < 60 else None
    if match is None:
        return None
    said = match["digit"]
    return int(said) if said.isdecimal() else _DIGITS.get(said)


def yes_or_no(text: str, folded: str) -> bool | None:
    """Tell whether a text says yes or no, at its start or as a whole; None if neither.

    `text` is unfolded: a comma tells "sí, llámenme" (yes) from "si tengo" (if I have).
    """
    if folded == "no" or _NO_START.match(folded):
        return False
    if _NEGATED.search(folded) and _YES_START.match(folded):
        return False
    if _YES_START.match(folded) or _SI_START.match(folded) or _YES_WHOLE.fullmatch(folded):
        return True
    marked = _MARKED_START.match(text[:200])
    if marked is None or folded.split()[:1] not in (["si"], ["no"]):
        return None
    return folded.startswith("si")


def exact_in(folded: str) -> str | None:
    """Return which set word the whole text is, such as "greeting" or "digit"; None if it needs the model."""
    if not folded:
        return "empty"
    if digit_in(folded) is not None:
        return "digit"
    if len(folded) > 60:
        return None
    for name, pattern in (("greeting", _GREETINGS), ("thanks", _THANKS), ("help", _HELP), ("person", _PERSON)):
        if pattern.fullmatch(folded):
            return "menu" if name == "help" and "help" not in folded and "ayuda" not in folded else name
    if _YES.fullmatch(folded):
        return "yes"
    return "no" if _NO.fullmatch(folded) else None
