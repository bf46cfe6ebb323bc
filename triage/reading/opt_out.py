"""STOP, START and HELP, and every other way of saying "leave me alone", in English and Spanish."""

import re
from enum import StrEnum
from functools import lru_cache

from triage.words.plain_letters import LONGEST, fold


class Keyword(StrEnum):
    """A whole message that the carriers act on, so that we must as well."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class Scope(StrEnum):
    """What a person wants no more of."""

    TEXTS = "texts"
    CALLS = "calls"
    ALL = "all"


# CANCEL is an opt-out at the carrier, whatever was meant. A bare YES opts in there and not here, where it answers us.
_KEYWORDS = (
    dict.fromkeys(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"], Keyword.STOP)
    | dict.fromkeys(["start", "unstop"], Keyword.START)
    | dict.fromkeys(["help", "info"], Keyword.HELP)
)

# Each word of a clause becomes one letter: N no, T text, C call, B bother, "+" and / or, "." any other word.
# Words that only soften or fill are dropped, so that "please don't you ever text me" is NT.
_LETTERS = {
    "N": "no not don'?t dnt stop\\w{0,2} stp sto?po? sotp stap staph never quit cease enough nomore paren?(?:le)? "
    "parale pare dej\\w* degen basta jamas nunca alto cesen? nada",
    "T": "te?xt?(?:s|ing|in|ng)? texing texti?ng mess?a?ge?s? m+s+gs? messages mess?aging messging msging massages "
    "messeges mesages sms spam\\w* writing notifications reminders e?s?criv?b\\w* ecrib\\w* escriv\\w* "
    "texte\\w* textos? mens?ajes?\\w* mensages? msjs? mandar\\w* manden?\\w* enviar\\w* envien?\\w* "
    "mandand\\w* enviand\\w*",
    "C": "calls? called calling callin cal phoning ringing ring phone dialing l?lam(?:en?|ar|ando|adas|es)\\w* "
    "y?amen marquen?\\w* telefone\\w*",
    "B": "contact(?:ing|en|arme|ar)? contacten?(?:me)? bother\\w* bothring harass\\w* pester\\w* bugging "
    "molest\\w* communicating communicat\\w* busquen?(?:me)? acosen?\\w*",
    "+": "and or nor & y o ni",
    "": "pl[ea]*s[ea]* plz i i'd i'm im w rather you u ya'?ll just really ever to be being get getting receive "
    "receiving any more anymore your ur yours these those the this all of with sending send keep want wanna "
    "wish would like need further so many fucking damn me us my from here automated stupid annoying at number "
    "email\\w* e-mail\\w* longer again back a thank thanks by quiero kiero qiero deseo necesito quisiera "
    "recibir recibiendo que q k me nos mas maz ya de estar esten it hace falta sus su tus estos esos los las "
    "la con a vuelvan vuelva volver sigan seguir anden favor por porfa xfa tantos otros te le se",
}

_LETTER = [(letter, re.compile("|".join(words.split(" ")))) for letter, words in _LETTERS.items()]

# Said as a whole, these are meant for every channel.
_LEAVE_ME = re.compile(
    "|".join(
        [
            r"\b(?:un|de)su[bs]\w*cri\w*\b(?! (?:from|to) (?:a|the) \w+ study)|\bunsub\b",
            r"\bopt(?:ing)?(?: me)?[ -]?out\b(?! of (?:tms|ketamine|treatment|the (?:study|trial|session|"
            r"anesthesia)))",
            r"\b(?:take|remove|delete|get|drop|strike|scrub) (?:me|my \w+|this number) (?:off|from|out)\b(?! work|"
            r" the (?:hospital|er)\b)",
            r"\b(?:remove|delete|erase|lose|forget) (?:me|my (?:number|info|contact|phone|data)|this number)\b",
            r"\b(?:want|wanna|get me|let me) (?:to be )?(?:off|out of) (?:of )?(?:this|your|the) (?:\w+ )?list",
            r"(?<!not )(?<!n't )(?<!wont )\bleave (?:me|us) (?:the \w+ )?alone\b|^(?:please |just )?go away$|"
            r"\bfuck off|\bpiss off|\bget lost$|\bbuzz off",
            r"\b(?:revoke|withdraw)\w* (?:my )?(?:consent|permission)|\b(?:not|don't|do not|no longer) consent\b",
            r"\b(?:not|never|don't|do not) (?:want|wish|care) to hear from (?:you|this)|\bblock(?:ing)? (?:you|"
            r"this number)\b",
            r"\bno (?:more|further) contact\b|\bcease and desist\b",
            r"\bdej[ae]\w* (?:ya )?(?:en paz|tranquil\w+)",
            r"\b(?:dar|den|de|deme|darse|darme|denme)(?: me)? de baja|\bquiero (?:la |mi )?baja\b",
            r"\b(?:borr|quit|saqu|sac|elimin)\w*(?: \w+){0,4} (?:de|del) (?:la |su |esta |esa )?(?:lista|registro|"
            r"sistema|contactos)",
            r"\b(?:borr|elimin|quit)\w* mi (?:numero|contacto|telefono|nombre|informacion)",
            r"\bcancel\w+ (?:mi |la )?suscri\w+|\bno (?:quiero|deseo) saber (?:mas |nada )+de ustedes",
        ]
    )
)

_AROUND = (
    "(?:please|pls|ok|okay|hey|just|yes|no|now|thanks|thank you|por favor|ya|gracias|hola|oye|omg|i said|and|"
    + "can you|bot)"
)

# A stop that names nothing. The plain ones may be one clause of several; the others are the whole message, for
# "no more" among other words can mean the worst.
_STOP_ALONE = re.compile(
    rf"(?:{_AROUND} )*(?:sto+p+|sotp|stpo|stp|end|quit|opt out|stop (?:it|this|that|all|everything|stop|already|"
    rf"immediately))"
    rf"(?: {_AROUND})*"
)

_ENOUGH_ALONE = re.compile(
    rf"(?:{_AROUND} )*(?:no more|no mas|nomas|alto|basta|paren|pare|parale|parenle|no mas ya|detenganse|baja|salir|"
    rf"enough|enough already|ya no)(?: {_AROUND})*"
)

# A wish for less or for another time is no opt-out, nor is the complaint that nobody called.
_ONLY_PARTLY = re.compile(
    r"\b(?:before|after|until|till|during|between|while|this (?:week|month|morning)|next week|all day|today|"
    r"tonight|tomorrow|yet|unless|later|early|late|if|when|"
    r"at (?:work|night|home|noon|lunch|my|\d+)|on (?:my|that|mon|tue|wed|thu|fri|sat|sun)\w*|right now|just|in the|"
    r"about|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mornings?|afternoons?|evenings?|weekends?|(?:the|his|her|"
    r"my) (?:old|other|work)|"
    r"from (?:a|an|blocked|unknown)|antes|despues|hasta|manana|hoy|noche|tarde|lunes|martes|miercoles|jueves|viernes|"
    r"sabados?|"
    r"domingos?|entre|trabajo|casa|todavia|cuando|si no|ahora|ahorita)\b"
)

_FOR_GOOD = re.compile(r"\b(?:ever|again|anymore|any more|nunca|jamas)\b")

_COMPLAINT = re.compile(
    r"\b(?:why|how come|nobody|no one|they|he|she|someone|anyone|it|tms|ketamine|nurse|doctor|phone|if you|"
    r"clinic) (?:\w+ )?"
    r"(?:never|don't|do not|stop\w*|won't|not|quit)\b|\byou (?:guys )?(?:never|didn't|don't|do not|stopped|won't|"
    r"still)\b|"
    r"\b(?:does not|doesn't|doesnt) (?:text|call|get|do)\b|"
    r"\b(?:did|do|will|would|are|why|does) you\b.*\b(?:stop|not|never|no)\b|\bpor que\b|\b(?:nadie|nunca|"
    r"no) me (?:han?|llamaron|escribi\w+on)\b|"
    r"\bi (?:don't|do not|never) (?:text|call)\b|\b(?:text|call|texting|calling) (?:him|her|them|it)\b|"
    r"\b(?:reply|txt|text) (?:\w+ )?(?:stop|unsub\w*)\b|\bunsubscribe (?:text|txt|reply|send|with|"
    r"from this service)\b"
)

_DONT_STOP = re.compile(
    r"\b(?:don't|dont|do not|never) (?:stop|quit)\b|\bno (?:me )?dejen? de\b|\bbother(?:ing)? you\b|\bno bother\b|"
    r"\bwhy are there\b|\b(?:came|come|went) through\b"
)

_NO_MORE_OF_IT = re.compile(
    r"\b(?:end|cancel|discontinue|halt) (?:\w+ )?(?:texts?|messages|mensajes|reminders)\b|"
    r"\b(?:stop|quit|don't|dont|do not|never) (?:sending|send)(?: me)?(?: any)? (?:stuff|things|anything|this|"
    r"these|crap)\b"
)

_ABOUT_THE_CALL = re.compile(r"\b(?:call|calls|calling|callback|call-back|phone|queue|llam\w+)\b")

_ABOUT_A_VISIT = re.compile(r"\b(?:schedule|session|appointment|appt|cita|visit)\b")

_ONE_CALL_MISSING = re.compile(
    r"\b(?:no|never a|not a) (?:phone )?(?:call|text|message|llamada|mensaje)\b(?! me\b| please$| us\b)"
)


_SHOUTED_STOP = re.compile(r"\W*STOP\b(?!\s+(?:me|him|her|them|it|this|that)\b)(?=.*[a-z])", re.DOTALL)


def read_keyword(text: str) -> Keyword | None:
    """The carriers' word that is the whole message, whatever its case, quotes, spacing or punctuation."""
    return _KEYWORDS.get(re.sub(r"[\W_]", "", fold(text))) if len(text) <= 40 else None


def opens_with_stop(text: str) -> bool:
    """STOP in capitals as the first word, with more behind it; not "STOP me"."""
    return bool(_SHOUTED_STOP.match(text[:LONGEST]))


def asks_to_stop(text: str) -> Scope | None:
    """What the person wants no more of, said in any words; None if nothing, or only for a while or at a time.

    "Don't call me" is CALLS: it takes back a call-back as well. "Don't text, call me instead" is TEXTS: a wish for
    another channel, whose call-back stays.
    """
    if read_keyword(text) is Keyword.STOP:
        return Scope.ALL
    clauses = _clauses(text)
    if _ENOUGH_ALONE.fullmatch(" ".join(clauses)):
        return Scope.ALL
    scopes = {scope for clause in clauses if (scope := _of_clause(clause)) is not None}
    if Scope.ALL in scopes or scopes == {Scope.TEXTS, Scope.CALLS}:
        return Scope.ALL
    return next(iter(scopes), None)


def _of_clause(clause: str) -> Scope | None:
    if _STOP_ALONE.fullmatch(clause):
        return Scope.ALL
    if any(other.search(clause) for other in (_COMPLAINT, _ONE_CALL_MISSING, _DONT_STOP)):
        return None
    if _LEAVE_ME.search(clause):
        return None if _ABOUT_A_VISIT.search(clause) else Scope.CALLS if _ABOUT_THE_CALL.search(clause) else Scope.ALL
    if _ONLY_PARTLY.search(clause) and not _FOR_GOOD.search(clause):
        return None
    letters = _letters(clause)
    if re.search(r"N+B(?!C)|N+T\+N*C|N+C\+N*T", letters):
        return Scope.ALL
    if re.search(r"N+T", letters) or _NO_MORE_OF_IT.search(clause):
        return Scope.TEXTS
    return Scope.CALLS if re.search(r"N+B?C", letters) else None


def _letters(clause: str) -> str:
    return "".join(map(_letter, clause.replace("do not", "don't").split()))


@lru_cache(maxsize=4096)
def _letter(word: str) -> str:
    return next((letter for letter, words in _LETTER if words.fullmatch(word)), ".")


def _clauses(text: str) -> list[str]:
    clauses = re.split(r"[.,;:!?\n]+|\s-+\s|\b(?:but|pero|instead|mejor)\b", fold(text))
    return [clean for clause in clauses if (clean := " ".join(re.sub(r"[^\w\s'&-]", " ", clause).split()))]
