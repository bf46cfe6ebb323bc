"""What the words name: the language, the treatment, and matters on which no scripted answer may be given."""

import re
import tomllib
from functools import cache
from pathlib import Path

# Common words of one language that are not words of the other.
_SPANISH = frozenset(
    """
    que como cual cuales cuando donde quien es la el los las un una de del por para con y si mi se lo le su sus
    tu usted hola gracias buenas buenos quiero quisiera puedo pueden puede tengo estoy esta estan soy son hay muy
    mas pero porque cuanto cuanta llamar llamen llamenme llamada cita seguro funciona sirve ayuda despues antes
    mientras ya todavia hace hacen dolor duele siento vivir morir matar dias noches tardes adios favor ustedes eso
    esto cosa hacer hice nada algo otra otro ahora manana ayer hoy necesito cancelar cambiar cuesta precio direccion
    abren desde hasta sobre tambien sirven dosis pastillas esposo hijo hija ella ambos juntos tratamiento ketamina
    interesa interesado interesada informacion llamenme baja alto basta paren pare parenle detenganse salir dejen
    mensajes textos
    """.split()
)
_ENGLISH = frozenset(
    """
    the an is are was were do does did i you it we they my your his her to of for in on at with and or not what how
    when where who why which can could will would should have has had be been am this that there if about please
    thanks thank hello hi hey call want need get much many work works after before while still help treatment hours
    open cost appointment today tomorrow from someone person doctor nurse just like know think feel going really
    never always too any some out up now
    """.split()
)

# The machine, the coil and the head belong to TMS: ketamine has none of them.
_TMS = re.compile(
    r"\b(?:tms|magnet\w*|helmet|coils?|zapping|casco|bobina|iman(?:es)?|prefrontal|scalp|"
    r"my head|machine|aparato|maquina|part of (?:the|my|your) brain|parte del cerebro)\b"
)
_KETAMINE = re.compile(
    r"\b(?:ketamine|ketamina|infusion(?:s|es)?|troches?|lozenges?|(?:the|k|iv) drip|horse (?:stuff|tranq\w*))\b"
)
# "las dos" is both of them or two o'clock: "a las 2", "después de las dos", "las dos de la tarde" are a time.
_LAS_DOS = (
    r"(?<!\ba )(?<!\bdespues de )(?<!\bantes de )(?<!\bdesde )(?<!\bhasta )(?<!\bentre )(?<!\btipo )(?<!\bpara )"
    r"las (?:dos|2)(?! (?:de la|en punto|y|am|pm|a las|hasta)\b)"
)
_EACH = re.compile(rf"\b(?:both|ambos?|ambas|{_LAS_DOS}|los dos|combo)\b")
_BOTH = re.compile(rf"{_EACH.pattern}|\b(?:(?:the|these|those|los) (?:two|2)|combin\w+|pair(?:ing|ed))\b")
# "not the ketamine one, is TMS safe?" speaks of TMS; "TMS did not work" and "not TMS work" do not set it aside.
_SET_ASIDE = re.compile(
    r"(?<!\bare )(?<!\bis )(?<!\bdo )(?<!\bdoes )(?<!\bcan )\b(?:not|no) (?:the |la |about (?:the )?)?(?:ketamine|tms)"
    r"(?: (?:one|thing|part))?\b(?! (?:work|help|hurt|treat)\w*)"
)
_NEITHER = re.compile(r"\bnothing to do with\b|\bnot about\b|\bneither\b|\bnada que ver con\b")
_OTHER = re.compile(
    r"\b(?:treatments?|tms|ketamine|tratamientos?|neither|bill|billing|invoice|paperwork|records|facturas?|expediente|"
    r"something else|(?:another|other|different) (?:thing|matter|topic|subject|reason)s?|"
    r"otra cosa|otro tema|none of (?:those|these|them))\b"
)
_OTHER_ALONE = re.compile(
    r"\b(?:my bill|billing|invoice|paperwork|medical records|my records|facturas?|expediente|something else|"
    r"otra cosa|otro tema|(?:another|other|different) (?:matter|topic|subject|reason)s?|none of (?:those|these|them))\b"
)


def language_of(text: str, folded: str) -> str | None:
    """Return "en" or "es" by common words and Spanish signs; None when the text does not tell."""
    words = set(folded.split())
    spanish = len(words & _SPANISH) + 2 * bool(re.search(r"[¿¡ñáíóú]", text.lower()))
    english = len(words & _ENGLISH)
    if spanish == english:
        return None
    return "es" if spanish > english else "en"


def subject_of(folded: str) -> str | None:
    """Return the treatment that the words name: "tms", "ketamine" or "both"; "other" when they set both aside."""
    if _NEITHER.search(folded) and _OTHER.search(folded):
        return "other"
    meant = _SET_ASIDE.sub(" ", folded)
    tms, ketamine = bool(_TMS.search(meant)), bool(_KETAMINE.search(meant))
    if tms or ketamine:
        both = (tms and ketamine) or _EACH.search(meant)
        return "both" if both else "tms" if tms else "ketamine"
    if _BOTH.search(meant):
        return "both"
    return "other" if _OTHER_ALONE.search(folded) else None


def vetoes_in(folded: str) -> tuple[str, ...]:
    """Return the names of the matters in the text on which no scripted answer may judge a person."""
    return tuple(dict.fromkeys(name for name, pattern in _vetoes() if pattern.search(folded)))


@cache
def _vetoes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads((Path(__file__).parent / "vetoes.toml").read_text(encoding="utf-8"))
    vetoes = []
    for row in table["veto"]:
        says = "|".join(row["says"])
        for name, words in table["words"].items():
            says = says.replace("{" + name + "}", "|".join(words))
        vetoes.append((row["name"], re.compile(says)))
    return tuple(vetoes)
