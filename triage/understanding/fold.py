"""Folding: one plain form for whatever people type or a speech recogniser hears, which everything else reads.

Texts that differ only in case, accents, quotes, spaces, punctuation, chat spelling or fillers fold to the same text.
The words for the two treatments become `tms` and `ketamine`, coded words for self-harm become plain.
"""

import base64
import binascii
import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache

MOST_CHARACTERS = 100_000  # a voicemail transcript may be this long; all of it is folded and screened

# Of signs that stand for more letters than one, "&" and "+" each: a row of them makes up to 18 times as much to read.
MOST_SIGNS = 100

_LOOKALIKES = str.maketrans("аеорсухіѕ‘’‛`´“”„«»", "aeopcyxis'''''\"\"\"\"\"")
_LEET = str.maketrans("013457@$!|", "oieastasii")
_SYMBOLS = {
    "💀": " ",
    "🔫": " gun ",
    "🔪": " knife ",
    "💊": " pills ",
    "⚰": " coffin ",
    "🪦": " grave ",
    "👋": " hello ",
    "🙏": " thanks ",
    "👍": " thumbs up ",
    "👌": " thumbs up ",
    "👎": " thumbs down ",
}

# Whole words only, after lower case and without accents and apostrophes.
_CHAT = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "pls": "please",
    "plz": "please",
    "plss": "please",
    "thx": "thanks",
    "thnx": "thanks",
    "tnx": "thanks",
    "ty": "thank you",
    "tysm": "thank you so much",
    "tyvm": "thank you",
    "w": "with",
    "wo": "without",
    "b4": "before",
    "2day": "today",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tmw": "tomorrow",
    "2morrow": "tomorrow",
    "idk": "i dont know",
    "wanna": "want to",
    "wana": "want to",
    "gonna": "going to",
    "gunna": "going to",
    "gona": "going to",
    "gna": "going to",
    "gotta": "got to",
    "wnat": "want",
    "wnt": "want",
    "cnt": "can not",
    "livin": "living",
    "livving": "living",
    "tonite": "tonight",
    "2nite": "tonight",
    "cuz": "because",
    "bc": "because",
    "cause": "because",
    "coz": "because",
    "abt": "about",
    "ppl": "people",
    "smth": "something",
    "sum1": "someone",
    "some1": "someone",
    "any1": "anyone",
    "n": "and",
    "nd": "and",
    "da": "the",
    "dat": "that",
    "dis": "this",
    "btwn": "between",
    "diff": "difference",
    "appt": "appointment",
    "appts": "appointments",
    "apt": "appointment",
    "tx": "treatment",
    "txt": "text",
    "msg": "message",
    "rn": "right now",
    "def": "definitely",
    "prob": "probably",
    "probs": "probably",
    "meds": "medications",
    "med": "medication",
    "doc": "doctor",
    "dr": "doctor",
    "info": "information",
    "cld": "could",
    "wld": "would",
    "shld": "should",
    "im": "i am",
    "ive": "i have",
    "cant": "can not",
    "cannot": "can not",
    "dont": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "wont": "will not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "havent": "have not",
    "hasnt": "has not",
    "couldnt": "could not",
    "wouldnt": "would not",
    "shouldnt": "should not",
    "dnt": "do not",
    "whats": "what is",
    "wats": "what is",
    "wat": "what",
    "wut": "what",
    "hows": "how is",
    "whos": "who is",
    "its": "it is",
    "thats": "that is",
    "theres": "there is",
    "youre": "you are",
    "theyre": "they are",
    "hes": "he is",
    "shes": "she is",
    "lemme": "let me",
    "gimme": "give me",
    "kinda": "kind of",
    "yall": "you all",
    "aint": "is not",
    "tho": "though",
    "thru": "through",
    "wit": "with",
    "dosent": "does not",
    "q": "que",
    "xq": "porque",
    "pq": "porque",
    "xfa": "por favor",
    "porfa": "por favor",
    "porfavor": "por favor",
    "pa": "para",
    "tb": "tambien",
    "tmb": "tambien",
    "toy": "estoy",
    "msj": "mensaje",
    "hla": "hola",
    "grasias": "gracias",
    "grax": "gracias",
}
_FILLERS = frozenset("um uh uhm umm uhh er erm hmm mmm ehh eh ah".split())

_MAGNETIC = (
    r"(?:(?:deep|brain|repetitive) )*(?:trans ?cranial )?magnet(?:ic|s|ics)? (?:brain )?"
    r"(?:stimulation|simulation|stimulations)"
)
_PLAIN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        # The treatments.
        (r"\b(?:trans ?cranial|transcraneal|transcranial)(?: magnet\w*)?(?: stimulation| simulation)?\b", "tms"),
        (rf"\b{_MAGNETIC}(?: therapy| treatment)?\b", "tms"),
        (r"\bestimulacion magnetica(?: tms)?\b", "tms"),
        (
            r"\b(?:t ms|tm s|tea m s|tee m s|tee em ess?|t em s|ti em es|te eme ese|teemese|te m s|tea em ess|team s|"
            r"tsm|rtms|r tms|"
            r"dtms|tmss|emt|d tms)\b",
            "tms",
        ),
        (r"\bteams (?=(?:work|hurt|safe|help|treat))|\bteams(?= the magnet)", "tms "),
        (
            r"\b(?:the |that |those |this |your )?(?:brain |head |big )?(?:magnets?|magnetic|helmets?|magnetos?) "
            r"(?:brain )?(?:things?|thingy|therapy|treatments?|stuff|machines?|deal|sessions?|procedure|one|helmet|"
            r"hat|therapies|zapper)\b",
            "tms",
        ),
        (r"\b(?:the|those|your|ur|that|these) (?:brain |head )?(?:magnets|helmet)\b", "tms"),
        (
            r"\b(?:the |getting (?:my|your|her|his) )?brain (?:zap(?:s|ping|ped|per)?|magnets?)\b|\bzap(?:s|"
            r"ping)? (?:my|your|the) brain\b|"
            r"\b(?:el |los )?pulsos magneticos\b|\bterapia magnetica\b",
            "tms",
        ),
        (r"\b(?:lo|eso|esto|cosa|tratamiento|terapia) de los imanes\b|\bel casco\b|\blos imanes\b", "tms"),
        (r"\btms(?: tms)+\b|\btms \(tms\)", "tms"),
        (
            r"\b(?:es ?ketamina?e?|spravatos?|spravado|spravata|ketamin|ketamina|quetamina|ketimine|ketemine|ketamene|"
            r"catamine|"
            r"ketmine|kitamine|cetamine|ket a mean|keta mean|ket amine|ket|keta|ketalar|k (?=(?:infusion|therapy|"
            r"treatment|drip|session|iv)))\b",
            "ketamine ",
        ),
        (
            r"(?<=\b(?:the|get)) k\b|(?<=\b(?:will|does|with)) k\b|(?<=\bdo) k\b|(?<=\b(?:after|doing)) k\b|"
            r"\bk (?=(?:clinic|sessions|worked|work|help|helps)\b)",
            " ketamine ",
        ),
        # Coded and misheard words for self-harm.
        (r"(?<!\d)(?<!\d )\bkms\b", "kill myself"),
        (r"\bkys\b", "kill yourself"),
        (r"\bunaliv(?:e|ed)\b", "kill"),
        (r"\bunaliving\b", "killing"),
        (
            r"\b(?:sewer ?slid(?:e|al|ing)?|sue a side|sue aside|suey ?side|soo a side|sui side|su aside|suicde|"
            r"sucide|suicid|suiside|"
            r"suecide|suiciide|suicidio|sewercide|toaster bath)\b",
            "suicide",
        ),
        (r"\b(?:sucidal|suicdal|suisidal|suicidial|sewerslidal|suacidal|suecidal|sue a sidal|suicidel)\b", "suicidal"),
        (r"\bmy ?(?:self|slef|sef|selfs)\b", "myself"),
        (r"\bk(?:i+l|ll|iil+)\b(?= (?:my|him|her|your|them|our|me\b))", "kill"),
        (r"(?<=\bwant to )dye\b(?! (?:my|her|his|the|it|a))", "die"),
        (r"\bover dos(e|ed|ing)\b", r"overdos\1"),
    )
)
# Words that must not be missed for their spelling, and other words that are spelled much like them.
_GRAVE = (
    "breath breathe breathing bleeding choking seizure unconscious overdose overdosed suicide suicidal ambulance "
    "respirar respira respirando sangrando convulsion convulsionando sobredosis inconsciente desmayo suicidarme"
).split()
_NOT_GRAVE = frozenset(
    "bathing beating blending breaching breadth breather breathtaking breathy breeding cocking coking cooking overdo "
    "overdoes overdone respirator breathed breaths convulsing convulsiones convulsions desmaya desmayos overdoses "
    "sangrado seizures suicida suicidar suicidarse suicidas suicides unconsciously".split()
)
GRAVE_LETTERS, GRAVE_ALIKE = 5, 0.85  # the likeness as `difflib` counts it; "brething" for "breathing" has 0.94

_SPELLED_NAMES = re.compile(r"\b(?:t m s|f d a|o c d|p t s d|m d d|m r i|e c t|a d h d|k m s|k y s)\b")
_SPELLED = re.compile(r"\b[b-hj-z] (?:[a-z] )+[b-hj-z]\b")  # "a" and "i" at the ends are words
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]{16,}={0,2}\s*")


_DIGIT_WORD = (
    r"(?:\d+|zero|oh|o|one|two|three|four|five|six|seven|eight|nine|double|triple|"
    r"cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|doble)"
)
# Seven digits or more, written or spoken: "480 555 0185", "four eight oh five five five oh one eight five".
_LONG_NUMBER = re.compile(rf"\b\d(?: ?\d){{6,}}\b|\b{_DIGIT_WORD}(?: {_DIGIT_WORD}){{6,}}\b")


@lru_cache(maxsize=16)  # the readers of one message each ask for it
def fold(text: str) -> str:
    """Return lower-case words with single spaces, without accents, punctuation or fillers."""
    return _plain_words(_letters(text))


def as_read(text: str) -> str:
    """Return the folded text that the models read: without long numbers, whose digits say nothing of what is meant."""
    return _LONG_NUMBER.sub("number", fold(text))


@lru_cache(maxsize=16)
def other_readings(text: str) -> tuple[str, ...]:
    """Return folded texts that the message may hide: leetspeak undone, base64 decoded. Empty for ordinary text."""
    readings = []
    letters = _letters(text)
    unleeted = re.sub(r"\S+", lambda word: _undo_leet(word.group()), letters)
    if unleeted != letters:
        readings.append(_plain_words(unleeted))
    hidden = _from_base64(text)
    if hidden:
        readings.append(fold(hidden))
    return tuple(readings)


@lru_cache(maxsize=4)  # for both of the above
def _letters(text: str) -> str:
    text = _written_out(text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8"))
    text = unicodedata.normalize("NFKD", text).lower().translate(_LOOKALIKES)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c for c in text if unicodedata.category(c) not in ("Mn", "Me", "Cf") and (c.isprintable() or c.isspace())
    )


def _written_out(text: str) -> str:
    """Return a text with its signs as the letters they stand for: "½", "🔫", the one sign for a whole Arabic blessing.

    Of those that become several letters only the first MOST_SIGNS are; any other is a space.
    """
    if text.isascii():
        return text
    said, left = [], MOST_SIGNS
    for sign in text:
        stands_for_others = unicodedata.decomposition(sign).startswith("<")
        plain = _SYMBOLS.get(sign) or (unicodedata.normalize("NFKD", sign) if stands_for_others else sign)
        if len(plain) > 1:
            left -= 1
        said.append(plain if len(plain) == 1 or left >= 0 else " ")
    return "".join(said)


def _undo_leet(word: str) -> str:
    """Undo leetspeak inside a word that keeps letters: "d1e", "k!ll", never "3pm" or "wow!"."""
    core = word.rstrip("!.,?")
    if not re.search(r"[a-z][0-9@$!|]|[0-9@$!|][a-z]", core) or re.fullmatch(r"\d+[a-z]+|[a-z]\d+", core):
        return word
    return core.translate(_LEET)


def _plain_words(letters: str) -> str:
    letters = re.sub(r"\bw/\s?o\b", "without ", letters)
    letters = re.sub(r"\bw/", "with ", letters).replace("i'll", "i will").replace("i'd", "i would")
    letters = letters.replace("'", "").replace("&", " and ", MOST_SIGNS).replace("+", " and ", MOST_SIGNS)
    said = " ".join(word for word in re.sub(r"[^\w\s]|_", " ", letters).split() if word not in _FILLERS)
    for spelled in (_SPELLED_NAMES, _SPELLED):
        said = spelled.sub(lambda run: run.group().replace(" ", ""), said)
    said = " ".join(_CHAT.get(word) or _as_spelled(word) for word in said.split())
    for pattern, plain in _PLAIN:
        said = pattern.sub(plain, said)
    return " ".join(said.split())


@lru_cache(maxsize=4096)
def _as_spelled(word: str) -> str:
    """Return the word of grave danger that this one misspells, as in a panic; any other word as it is."""
    if len(word) < GRAVE_LETTERS or word in _NOT_GRAVE:
        return word
    alike = [grave for grave in _GRAVE if grave[0] == word[0]]
    return next(iter(get_close_matches(word, alike, 1, GRAVE_ALIKE)), word)


def _from_base64(text: str) -> str | None:
    body = text.strip()
    if not _BASE64.fullmatch(body):
        return None
    packed = "".join(body.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        said = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return said if said.isprintable() and " " in said.strip() else None
