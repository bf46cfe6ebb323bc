"""Parts a text into clauses, and hears of each whether it asks for the call or tells of something else.

Reads the vocabulary of `triage._time_words`.
"""

import re
from dataclasses import dataclass
from itertools import islice

from triage.reading.times.grammar import SCAN
from triage.reading.times.marks import Wish

# Every find is held against the others, so their number bounds the work; nobody's wish has more.
MOST_FINDS = 100


@dataclass(frozen=True)
class Clause:
    start: int
    end: int
    segment: int
    found: tuple[re.Match[str], ...]
    concludes: bool = False  # opened by "so", where no purpose follows
    is_aside: bool = False  # "while she's not busy", "before my shift at 9"
    if_else: bool = False  # "if she's busy, then Monday at 2", to the end of its sentence


def clauses_of(words: str) -> list[Clause]:
    """Cut at punctuation, "but", "so", "and I", and at corrections, which open a new segment; once a time is named,
    also at what only goes with it: "if she's not busy", "because I work at 2"."""
    clauses: list[Clause] = []
    found: list[re.Match[str]] = []
    start = segment = 0
    concludes = is_aside = if_else = False
    for match in islice(SCAN.finditer(words), MOST_FINDS):
        corrects = match.lastgroup == "fix" or (match.lastgroup == "no" and _corrects(words, match, clauses, found))
        if corrects or match.lastgroup == "stop":
            # "Tomorrow works" says what it says with its verb, "tomorrow but" does not.
            end = match.end() if match[0] == "works" else match.start()
            clauses.append(Clause(start, end, segment, tuple(found), concludes, is_aside, if_else))
            start, found, segment = match.end(), [], segment + corrects
            if_else = if_else and not corrects and match[0] in (",", "but", "say")
            concludes, is_aside = match[0] == "so" and not _PURPOSE.match(words, start), False
        elif match.lastgroup == "aside":
            otherwise = _IF.match(words, match.start()) is not None
            spoken = [find for clause in clauses for find in clause.found] if otherwise else []
            if match[0] == "because" or any(find.lastgroup not in _NO_TIMES for find in [*spoken, *found]):
                clauses.append(Clause(start, match.start(), segment, tuple(found), concludes, is_aside, if_else))
                start, found, concludes, is_aside = match.start(), [], False, True
                if_else = otherwise
        else:
            found.append(match)
    clauses.append(Clause(start, len(words), segment, tuple(found), concludes, is_aside, if_else))
    return clauses


_IF = re.compile(r"(?:if|si) (?![.,;!?])")

_PURPOSE = re.compile(r" (?:that|(?:i|we|he|she|they|you|my \w+) (?:can|could|will|won't|not|have|get|do)(?!\S))")


def says_only_no(words: str, clause: Clause) -> bool:
    """ "Maybe tomorrow, maybe never" """
    return [find.lastgroup for find in clause.found] == ["against"] and re.fullmatch(
        r"(?:(?:or|and|well|maybe|not|[.,;!?]) ?)+", words[clause.start : clause.end].strip()
    ) is not None


_NO_TIMES = ("against", "bad", "no", "none", "vague", "open")


def _corrects(words: str, no: re.Match[str], clauses: list[Clause], found: list[re.Match[str]]) -> bool:
    """Whether "no" takes back what was said before: "at 3, no, at 4", not "mondays no"."""
    if words[: no.start()].endswith(("and ", "and i ", "if ")):
        return False
    ends_its_clause = re.match(r" ?(?:[.,;!?]|but|$)", words[no.end() :]) is not None
    return bool(clauses and any(clause.found for clause in clauses) and not found) or bool(
        found and not ends_its_clause
    )


def wish_of(said: str, before_last: str) -> Wish:
    """Tell how plainly a clause asks for the call.

    before_last: what stands before the last clock time in it, or else before the last thing found.
    """
    if _CALL_THAT_WAS.search(said):
        return Wish.NONE
    if _WISH.search(said):
        return Wish.ASKED
    if _OWN_DAY.search(said):
        return Wish.OWN_DAY
    told = _TOLD.search(said) or _DAILY.search(before_last) or _ASKED.match(said)
    return Wish.NONE if told else Wish.PLAIN


_WISH = re.compile(
    r"""(?<!\S)(?:(?:call|ring|phone|text|reach|contact|try|buzz|dial)(?!ed)(?:\ (?:me|us|her|him|back|my|them)
      |(?=\ (?:at|on|,|\.|~|tomorrow|today|wd|back))|$)
    |a\ call|the\ call|call-back|callback|calls?\ back|my\ call|calling|phone\ call|talk|speak|chat|hear\ from
    |works?(?=\ (?:for\ me|best|better|well|great|fine|$|[.,!?]))|works|good|best|better|great|fine|perfect|ideal
      |free|available|availability
    |(?:im|i'm|am)\ (?:home|here|around)|what\ if\ you|if\ (?:you|someone|somebody|we)\ (?:called|rang|phoned|tried)
    |(?:has|have|needs?|got)\ to\ be|gotta\ be|must\ be|wide\ open|was\ (?:right|correct)|que\ sea|tiene\ que\ ser
    |(?:wd\d|\d+th|today|tomorrow|morning|afternoon)\ is\ (?:pretty\ |all\ )?open|is\ open(?=\ ?$)
    |please|pls|plz|prefer\S*|lets|let's|say|hoping|hope|wondering|thinking|would|wanna|want|wants|need|schedule
      |can\ you|can\ u|could
    |can\ (?:someone|somebody|we|they|she|he|the)|ok|okay|sounds|suits?|shall
    |hacer|agend\w+|program\w+|reserv\w+|llam(?:en|e|ar|ada|enme|eme|arme|arla|arlo|enlo|enla|arnos|alo|ame|adme|eis
      |an|arle)|habl(?:ar|emos|amos)|puedo|pueden?|podria\w*|prefiero|prefiere
    |bien|perfecto|libre|disponible|gustaria|quiero|quisiera|favor|sirve|conviene|seria|queda|funciona|contact(?:en
      |ar|arme|enme)|vale|marquenme|marcar|marquen)(?!\S)""",
    re.X,
)

_CALL_THAT_WAS = re.compile(
    r"(?<!\S)(?:supposed to|did (?:you|u|yall|y'all|they|someone|somebody|anyone|anybody)"
    r"|(?:have|has) \w+ (?:called|tried)|missed (?:your|the|a|my) call"
    r"|(?:never|nobody|no one|didnt|didn't) (?:got a call|call(?:ed)?)"
    r"|me iban a|quedaron en)(?!\S)"
)

_OWN_DAY = re.compile(
    r"(?<!\S)(?:i|im|i'm|he|she|we) (?:am |usually )?(?:at |in )?(?:works?|working|get off|get out|get home|get done"
    r"|get back|finish|done|off|back)"
    r"(?!\S)|(?<!\S)(?:get off|gets off|off work|out of work|salgo"
    r"|(?<!al )(?<!the )(?<!mi )(?<!of )(?<!on )trabajo|termino|llego a casa"
    r"|estoy en at trabajo)(?!\S)"
)

# What people do day by day; behind a time it only gives the reason ("Tuesday at 3, I take my pills then").
_DAILY = re.compile(
    r"""(?<!\S)(?:(?:i|he|she|we|they|my\ \w+)\ (?:take|come|arrive|bring|wake|sleep|feel|eat|drop|pick
      |go(?!\ on\ (?:break|lunch))|see|leave|start|walk|feed|teach|drive|meet|watch|lie|lay|stay|cry
      |get(?!s?\ (?:off|home|out|back|done|my|a|the|lunch|break)))s?(?!\S)
    |tomo|entro|recojo|cuido|me\ (?:despierto|levanto|acuesto|duermo))(?!\S)""",
    re.X,
)

_ASKED = re.compile(r" ?(?:and |so |but )?(?:are|is) (?:the(?! \d)|your|my|they|these|those)(?!\S)")

_TOLD = re.compile(
    r"""(?<!\S)(?:was|were|had|did|died|told|went|took|began|got(?!\ (?:time|a\ break|nothing))|said|saw|felt|ago
      |been|since|gave|came|left|lost|heard
    |(?!need|wed|retired|interested|preferred|confused|scared|tired)(?<!be\ )(?<!get\ )\w{2,}ed|has
    |(?:habit|some|most|other|many)\ (?:days|morning|afternoon|evening|tomorrow|wd\d)|habit
    |have\ (?!lunch|time|any|from|until|free|nothing|no)\w+\ (?:at|on|~|until)|i've\ got\ (?:a|my|the)
    |have\ (?:a|my|an|tms|to|surgery
      |class|school|work|therapy|\d\w*)(?!\ (?:break|few|moment|minute|free|gap|window|opening|lunch|bit))
    |(?:infusion|appointment|appt|session|treatment|procedure|surgery)\ (?:is|was|at|on|starts)
    |my\ (?:appointment|appt|session|infusion|treatment|shift|birthday|surgery|procedure|wife's|flight|next|first
      |last|phone|tms|ketamine|meeting|class)(?:'s)?
    |naps?|sleeps?|starts?|ends|(?<!wide\ )opens?|closes?|closed|always|siempre
      |shuts?|seeing|old|daily|usually|are\ you|your\ hours
      |hours\ on|do\ (?:you|y'all|yall|u|they|ustedes)|is\ (?:anyone|anybody|someone|somebody)\ (?:there|in)
      |atienden|atiende|hay\ (?:alguien|gente|servicio)|trabajan
      |there's
      |kids|nobody|no\ one|hurts?|headaches?|dizzy|pain|worse|nausea\w*|sick|duele\w*
    |(?!quieran)\w{2,}(?:aron|ieron)|threw|fell|broke|quit|woke|met|spoke|tuve|fue|desde|hace|murio|termine|empece
      |empezo|cita|dijo|dijeron|tenia|tengo\ (?:que|mucho|a|cita|trabajo)|cumplo
      |habian?|hubo|estaba|estuve|llamaron|abren|cierran|abierto|hice|hicieron|tome|me\ siento)(?!\S)""",
    re.X,
)
