"""Phone numbers in what people write or say: complete ones, tries at one, and the number that they are calling from."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from triage.model.phone import parted, with_extension
from triage.reading.spoken_digits import Token, any_digits, readings, tokens_of, written_out
from triage.words.plain_letters import LONGEST, fold
from triage.words.word_lists import word_file


@dataclass(frozen=True)
class SpokenNumber:
    """A number that can be called, in E.164, with the extension that was said with it."""

    phone: str
    extension: str = ""

    @property
    def number(self) -> str:
        """Return both as they are kept."""
        return with_extension(self.phone, self.extension)


_CALLABLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.VOIP,
}

_FILE = word_file("number_phrases")

_LISTS = {name: frozenset(words) for name, words in _FILE.words("words").items()}

_SAYS = _FILE.patterns()

_BETWEEN = _LISTS["between_digits"]

_MOST_BETWEEN = 3

_FILLER = _LISTS["filler"]

_GLUE = "-./"

_TIME_BEFORE = _LISTS["time_before"]

_HOUR_AFTER = re.compile(r"[ap]\.?m|o'|is|or")  # "... one eight eight two p m"

_EXTENSION = re.compile(
    r"[\s,;.(-]{0,9}(?:(?<![a-z])(?:x|ext|extn|xtn|extension|exten|anexo|interno|int)(?=[\s.:#\d])"
    r"(?:[\s.:]*(?:#|no\.?|num\.?|number|numero|is|es)(?=[\s.:#\d]))*[\s.:#]*|#(?=\d))"
)

# "Extension 14 at 602-555-0134", "my extension is 14": said apart from the number.
_EXTENSION_APART = re.compile(
    r"(?<![a-z])(?:ext|extn|extension|anexo|interno)[\s.:#]*"
    r"(?:(?:no|num|number|numero|is|es|should be)[\s.:#]+)*(\d{1,6})(?!\d|[.:/-]\d)"
)

_NORTH_AMERICAN = re.compile(r"\+1[2-9]\d\d[2-9]\d{6}")

_NOT_A_PHONE = re.compile(rf"\b(?:{_SAYS['not_a_phone']})\b[^.;\d]{{0,25}}$")

_DENIED = re.compile(
    rf"\b(?:{_SAYS['denied']})\b"
    r"(?: (?:on|at|to|al|el|a|my|mi|the|number|numero|phone|cell|home|work|old|is|was|that|one))*[^\w.;!?]*$"
)

_CORRECTED = re.compile(rf"\b(?:{_SAYS['corrected']})\b")

_OFFERED_TOO = re.compile(r"\b(?:or if|if no|if there is no|if i do(?:n't| not)|si no)\b|\b(?:or|o|and|y)\W*$")

_OWN_NUMBER, _OTHER_NUMBER = re.compile(_SAYS["own_number"]), re.compile(_SAYS["other_number"])
_REFUSED = re.compile(_SAYS["refused"])

_POLITE = r"(?:yes|yeah|yep|yup|ok|okay|sure|please|pls|thanks|si|claro|gracias|pues|por favor|porfa)"

_OWN_WHEN_ASKED = re.compile(rf"(?:{_POLITE} )*(?:{_SAYS['own_when_asked']})(?: {_POLITE})*")

# "0147 not 0174", "it ends in 0147": digits at the end of a number put right.
_TAIL_RIGHT_WRONG = re.compile(
    r"\b(\d{3,7})\W+(?:not|instead of|rather than|(?:y )?no|en (?:vez|lugar) de)\W+(\d{3,7})\b"
)

_TAIL_WRONG_RIGHT = re.compile(r"\b(?:not|no)\W+(\d{3,7})\W+(?:(?:but|its|it's|sino|es|rather)\W+)*(\d{3,7})\b")

_TAIL_NAMED = re.compile(
    r"\b(?:(?:number|phone|cell|it|one|numero|telefono|celular) (?:should )?"
    r"(?:ends?|ending|termina|acaba) (?:in|with|en|con)|"
    r"(?:last|final|ultimos) (?:[234]|digits|[234] digits|numbers|[234] numbers|(?:[234] )?(?:digitos|numeros))"
    r"(?: (?:is|are|should be|son))?)\W+(\d{3,4})\b(?! ?(?:min|h\b|hour|day|[ap]\.?m))"
)


_PLUS = ("plus", "mas")  # as it is said before a country's code; "plus 602 555 0134" is one more number

MOST_FIGURES = 20  # more are no try at a telephone number

_TRIED = re.compile(r"(?<![\w$€£#/:.-])\+?\(?\d(?:[().\s-]{0,3}\d){4,20}(?![\w%/:]|[.,]\d)")

# Dates, years and hours: "03-09-1980", "1500-1700", "10 30 11 30".
_HOUR = r"(?:[01]?\d|2[0-3])(?:00|15|30|45)"

_NO_NUMBER = re.compile(
    r"\d{1,2}[\s.-]\d{1,2}[\s.-](?:19|20)?\d\d|(?:19|20)\d\d[\s-]\d{1,2}[\s-]\d{1,2}|(?:19|20)\d\d ?- ?(?:19|20)\d\d"
    rf"|{_HOUR} ?- ?{_HOUR}|\d{{1,2}}(?:[\s-]+\d{{1,2}}){{1,5}}|\d{{5}}-\d{{4}}|\d{{3}}-\d\d-\d{{4}}|741741"
)

_NUMBER_CUE = re.compile(
    r"\b(?:number|phone|cell|mobile|numero|telefono|celular|movil)(?: (?:is|es|it's|its))?[\s:]*$"
    r"|\b(?:call|reach|ring|phone|contact|text)(?: \w+){0,2} (?:at|on)\s*$"
    r"|\b(?:llam|marqu|habl)\w*(?: \w+){0,2} al\s*$"
)

# "602-JKL-0134", "1-800-FLOWERS", "6o2-555-0134"
_WITH_LETTERS = re.compile(
    r"(?<![\w-])(?:1[\s.-])?(?=[\w\s.()-]{0,14}[a-z])\(?[0-9ol]{3}\)?(?:[.-]|\) ?)"
    r"(?:(?=[a-z0-9]{0,2}[0-9a-z])[a-z0-9]{3}[.\s-][a-z0-9]{4}|[a-z]{7})(?![\w-])"
)


@lru_cache(maxsize=16)  # the readers of one message each ask for it
def find_numbers(text: str) -> tuple[SpokenNumber, ...]:
    """Return each number that can be called, once, in order; of a correction only what stands at last."""
    folded = fold(text)
    tokens = tokens_of(folded)
    if not any_digits(tokens):
        return ()
    found: list[SpokenNumber] = []
    at, end = 0, 0
    while at < len(tokens):
        number = _number_from(tokens, at)
        if number is None:
            at += 1
            continue
        phone, after = number
        extension, after = _extension(folded, tokens, after)
        before = folded[end : tokens[at].start]
        if phone and not _NOT_A_PHONE.search(before) and not _DENIED.search(before):
            if found and _CORRECTED.search(before) and not _OFFERED_TOO.search(before):
                found.pop()
            found.append(SpokenNumber(phone, extension))
        at, end = after, tokens[after - 1].end if phone else end
    if len(found) == 1 and not found[0].extension and (apart := read_extension(text)):
        return (SpokenNumber(found[0].phone, apart),)
    return tuple(dict.fromkeys(found))


def read_phones(text: str) -> tuple[str, ...]:
    """Return the numbers of `find_numbers` in E.164, without their extensions."""
    return tuple(dict.fromkeys(number.phone for number in find_numbers(text)))


def read_numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of `find_numbers` as they are kept: in E.164, with their extensions."""
    return tuple(dict.fromkeys(number.number for number in find_numbers(text)))


def read_extension(text: str) -> str:
    """Return the extension that a text names, with its number or apart from it; "" if it names none."""
    said = _EXTENSION_APART.search(fold(text)) or _EXTENSION_APART.search(written_out(fold(text)))
    return said[1] if said else ""


# "Voltié los números, termina en 0158"; "the last digit is an 8, not a 6"
_ENDS_IN = re.compile(
    r"\b(?:ends?|ending|termina|acaba) (?:in|with|en|con)\W+(\d{3,7})\b(?! ?(?:min|h\b|hour|day|[ap]\.?m))"
)
_OF_A_PHONE = re.compile(r"\b(?:numbers?|numeros?|digits?|digitos?|phone|telefono|cel\w*|tel)\b")
_LAST_DIGIT = re.compile(
    r"\b(?:last|final|ultimo) (?:digit|number|one|digito|numero) (?:is|should be|es|debe ser)(?: an?| un)?\W+(\d)\b"
)


def _ends_in(folded: str) -> re.Match[str] | None:
    return _ENDS_IN.search(folded) if _OF_A_PHONE.search(folded) else None


def put_right(phone: str, text: str) -> str | None:
    """Return `phone` (E.164, perhaps with its extension) with the last digits that the text gives for it.

    None where it gives none, or where that is no callable number.
    """
    phone, extension = parted(phone)
    if said_apart := read_extension(text):
        return with_extension(phone, said_apart) if said_apart != extension else None
    folded = written_out(fold(text))
    right = wrong = None
    if said := _TAIL_RIGHT_WRONG.search(folded):
        right, wrong = said.groups()
    elif said := _TAIL_WRONG_RIGHT.search(folded):
        wrong, right = said.groups()
    elif said := _TAIL_NAMED.search(folded) or _LAST_DIGIT.search(folded) or _ends_in(folded):
        right = said[1]
    if right is None or (wrong is not None and (len(wrong) != len(right) or not phone.endswith(wrong))):
        return None
    corrected = phone[: -len(right)] + right
    return with_extension(corrected, extension) if corrected != phone and _callable(corrected) else None


def number_tried(text: str) -> bool:
    """Tell whether a number to call was meant that cannot be read: too short or too long, or with letters in it.

    Not a date, hours, money, nor the number of something else.
    """
    folded = fold(text)
    if find_numbers(text) or not any(c.isdecimal() for c in folded):
        return False
    for tried in _TRIED.finditer(folded):
        figures = sum(c.isdecimal() for c in tried.group())
        before = folded[max(tried.start() - 60, 0) : tried.start()]
        is_other = _NOT_A_PHONE.search(before) or _DENIED.search(before) or _NO_NUMBER.fullmatch(tried.group().strip())
        if MOST_FIGURES >= figures >= (5 if _NUMBER_CUE.search(before) else 7) and not is_other:
            return True
    return any(sum(c.isdecimal() for c in with_letters.group()) >= 3 for with_letters in _WITH_LETTERS.finditer(folded))


_LOCAL = re.compile(r"(?<!\d)(\d{3})[\s.-]?(\d{4})(?!\d)")
_AREA = re.compile(r"\D*(\d{3})\D*")


def local_number(text: str) -> str:
    """Return the seven digits of a number without its area code: "555-0161"; "" where there is none."""
    found = _LOCAL.search(text[:LONGEST])
    return found[1] + found[2] if found else ""


def with_area_code(text: str, local: str) -> str | None:
    """Return the number of which a text gives the area code and nothing else: "oh its 928"."""
    area = _AREA.fullmatch(text[:LONGEST]) if local else None
    phones = read_phones(area[1] + local) if area else []
    return phones[0] if phones else None


def refuses_own_number(text: str) -> bool:
    """Tell whether the phone they write from is not to be called: "not this phone", which is no "do not call me"."""
    return _REFUSED.search(fold(text[:LONGEST])) is not None


def looks_like_number(text: str) -> bool:
    """Tell whether the text is a try at a phone number: nothing but three digits or more, or five in a row."""
    folded = fold(text)
    tokens = tokens_of(folded)
    if not any_digits(tokens):
        return False
    only_digits = True
    longest = digits = at = 0
    while at < len(tokens):
        if heard := readings(tokens, at):
            digits += len(heard[0][0])
            at = heard[0][1]
            longest = max(longest, digits)
        else:
            if tokens[at].text not in _BETWEEN and tokens[at].text != "+":
                only_digits, digits = False, 0
            at += 1
    return longest >= 5 or (only_digits and longest >= 3)


def digits_alone(text: str) -> str:
    """Return the digits of a text that holds nothing else but filler: "four eight zero"; "" if it says more."""
    digits, rest = _digits_and_rest(tokens_of(fold(text)), least=1)
    return digits if all(word in _BETWEEN or word in _FILLER for word in rest) else ""


def without_numbers(text: str) -> str:
    """Return the folded text without its telephone numbers, or the pieces of one: the sound of digits means nothing.

    911 and 988 by themselves stay, and so do smaller numbers: "thirty pills".
    """
    return " ".join(_digits_and_rest(tokens_of(fold(text)), least=4)[1])


def _digits_and_rest(tokens: list[Token], least: int) -> tuple[str, list[str]]:
    """Return the digits of the runs that have so many of them at least, and the other words."""
    digits, rest, at = "", [], 0
    while at < len(tokens):
        run, after = "", at
        while after < len(tokens) and (heard := readings(tokens, after)):
            run, after = run + heard[0][0], _skip_to_digits(tokens, heard[0][1])
        if len(run) >= least:
            digits += run
        else:
            after = max(after, at + 1)
            rest += [token.text for token in tokens[at:after]]
        at = after
    return digits, rest


def _skip_to_digits(tokens: list[Token], at: int) -> int:
    """Return the place of the next digit of a run; `at` where only fillers, or something else, comes."""
    after = _skip(tokens, at)
    return after if after < len(tokens) and readings(tokens, after) else at


def means_own_number(text: str) -> bool:
    """Tell whether the person wants to be called on the number that they are texting or calling from."""
    folded = re.sub(r"[^\w\s'#]", " ", fold(text)).strip()
    return bool(_OWN_NUMBER.search(folded)) and not _OTHER_NUMBER.search(folded) and not read_phones(text)


def answers_own_number(text: str) -> bool:
    """Tell whether a text means that number where one has just been asked for: "right here", "ya lo tienen"."""
    return _OWN_WHEN_ASKED.fullmatch(" ".join(re.sub(r"[^\w\s'#]", " ", fold(text)).split())) is not None


def _number_from(tokens: list[Token], at: int) -> tuple[str, int] | None:
    """Return the number that starts at this token and where it ends; "" for digits that are no callable number."""
    token = tokens[at]
    clock = at and (tokens[at - 1].text == ":" or tokens[at - 1].text.isdecimal())  # "10:00 602 ...", "2 00 602 ..."
    said_plus = token.text in _PLUS and readings(tokens, at + 1) and not (_number_from(tokens, at + 1) or ("",))[0]
    if token.text == "+" or said_plus or (re.fullmatch(r"00\d*|011|011\d{8,}", token.text) and not clock):
        return _international(tokens, at)
    if at and tokens[at - 1].text in _GLUE and _touches(tokens, at):
        return None  # the tail of a longer thing: a date, a part number
    if not token.text.isdecimal() and readings(tokens, at):
        return _spoken(tokens, at)
    number = _dialled(tokens, at, "")
    return None if number and _runs_on(tokens, number[1]) else number


def _spoken(tokens: list[Token], at: int) -> tuple[str, int]:
    """Read a number said word by word. One that does not come out even is asked for again: it was heard wrongly.

    After "at" or "before" the first words may be an hour: "at two six oh two five five five ...".
    """
    hour = 3 if at and tokens[at - 1].text in _TIME_BEFORE else 0
    for start in range(at, at + hour + 1):
        number = _dialled(tokens, start, "")
        if number and not _runs_on(tokens, number[1]):
            return number
    end = at
    while end < len(tokens) and not tokens[end].text.isdecimal() and (heard := readings(tokens, end)):
        end = heard[0][1]
    return "", max(end, at + 1)


def _dialled(tokens: list[Token], at: int, so_far: str) -> tuple[str, int] | None:
    """Return ten digits, or a 1 and ten, that the North American plan could connect, and where they end."""
    for digits, after in readings(tokens, at):
        heard = so_far + digits
        if len(heard) > 11:
            continue
        phone = f"+1{heard[-10:]}"
        complete = len(heard) == 10 or (len(heard) == 11 and heard[0] == "1")
        if complete and _callable(phone):
            return phone, after
        if number := _dialled(tokens, _skip(tokens, after), heard):
            return number
    return None


def _international(tokens: list[Token], at: int) -> tuple[str, int] | None:
    """Return a number with its country code, whole; what it is made of is never read as another."""
    prefix = tokens[at].text
    if prefix == "+" and at and tokens[at - 1].text.isdecimal() and tokens[at - 1].end == tokens[at].start:
        return None  # a sum
    digits = re.sub(r"^0(?:11|0)|\D", "", prefix)
    after, best = at + 1, ("", at + 1)
    while len(digits) <= 15:
        if len(digits) >= 8 and _callable(f"+{digits}"):
            best = (_canonical(f"+{digits}"), after)
        following = _skip(tokens, after)
        heard = readings(tokens, following)
        if not heard:
            break
        digits, after = digits + heard[0][0], heard[0][1]
    return best if best[0] else (None if prefix == "+" and not digits else ("", after))


@lru_cache(maxsize=1024)  # a long row of digits is tried from each of them, mostly the same ten
def _callable(phone: str) -> bool:
    """Tell whether a number could be connected and costs nothing special; fictitious 555-01xx numbers count."""
    if phone.startswith("+1") and not _NORTH_AMERICAN.fullmatch(phone):
        return False  # told here at a hundredth of the cost
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return False
    if number.country_code == 1:
        exchange, line = phone[5:8], phone[8:]
        if len(phone) != 12 or exchange.endswith("11") or (exchange, line) == ("555", "1212") or exchange == "976":
            return False
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _CALLABLE


def _canonical(phone: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(phone, None), phonenumbers.PhoneNumberFormat.E164)


def _extension(folded: str, tokens: list[Token], after: int) -> tuple[str, int]:
    """Return the extension said right after a number, and where the words go on."""
    mark = _EXTENSION.match(folded, tokens[after - 1].end)
    if mark is None:
        return "", after
    at = next((i for i in range(after, min(after + 5, len(tokens))) if tokens[i].start >= mark.end()), None)
    extension = ""
    while at is not None and len(extension) < 6 and (heard := readings(tokens, at)):
        extension, at = extension + heard[0][0], heard[0][1]
    return (extension, at) if extension and at is not None else ("", after)


def _skip(tokens: list[Token], at: int) -> int:
    """Return the place of the next token that may carry digits."""
    last = min(at + _MOST_BETWEEN, len(tokens))
    while at < last and tokens[at].text in _BETWEEN:
        at += 1
    return at


def _touches(tokens: list[Token], at: int) -> bool:
    glue = tokens[at - 1]
    return (
        at >= 2
        and tokens[at - 2].text.isdecimal()
        and tokens[at - 2].end == glue.start
        and glue.end == tokens[at].start
    )


def _runs_on(tokens: list[Token], after: int) -> bool:
    """Tell whether more digits hang on to it, so that it was no phone number, or was heard wrongly."""
    if after < len(tokens) and not tokens[after].text.isdecimal() and not tokens[after - 1].text.isdecimal():
        spoken_on = readings(tokens, after)
        if spoken_on and not _HOUR_AFTER.match("".join(token.text for token in tokens[spoken_on[0][1] :][:2])):
            return True
    return (
        after + 1 < len(tokens)
        and tokens[after].text in _GLUE
        and tokens[after + 1].text.isdecimal()
        and (_touches(tokens, after + 1))
    )
