"""What the words themselves name: the language, the treatment, and matters on which a script must stay silent."""

import re

_SPANISH = frozenset(
    "que como cual cuales cuando donde quien es la el los las un una de del por para con y si no mi me se lo le su sus yo tu usted hola "
    "gracias buenas buenos quiero quisiera puedo pueden puede tengo estoy esta estan soy son hay muy mas pero porque cuanto cuanta "
    "llamar llamen llamenme llamada cita seguro funciona sirve ayuda despues antes mientras ya todavia hace hacen dolor duele siento "
    "vivir morir matar quiero ketamina dias noches tardes adios favor ustedes eso esto cosa hacer hice nada algo otra otro ahora manana "
    "ayer hoy necesito cancelar cambiar cuesta precio direccion abren desde hasta sobre tambien sirven dosis pastillas mamá esposo hijo "
    "hija mi ella ambos juntos tratamiento".split())
_ENGLISH = frozenset(
    "the a an is are was were do does did i you he she it we they my your his her to of for in on at with and or not what how when where "
    "who why which can could would will should have has had be been am this that there if about me please thanks thank hello hi hey "
    "call want need get much many work works after before while still help treatment hours open cost appointment today tomorrow from "
    "someone person doctor nurse over so just like know think feel going really never always too any some out up now".split())
_SHARED = frozenset("no me he a y so over el".split())

_TMS = re.compile(r"\btms\b|\bmagnet(?:s|ic|ico|ica|os)?\b|\bhelmet\b|\bcoils?\b|\bcasco\b|\bbobina\b|\biman(?:es)?\b|\bprefrontal\b|\bmagnetized?\b")
_KETAMINE = re.compile(r"\bketamin[ae]\b|\bketamine\b|\binfusion(?:s|es)?\b|\btroches?\b|\blozenges?\b")
_BOTH = re.compile(
    r"\bboth (?:treatments?|therapies|of them|at|together|in)\b|\bboth\b|\b(?:the|these|those) (?:two|2)\b|\bthe 2\b|\bambos?\b|\bambas\b|"
    r"\b(?:las|los) (?:dos|2)\b|\bcombin\w+|\bpair(?:ing|ed)\b")
_OTHER = re.compile(
    r"\bnothing to do with (?:the |any |your )?(?:treatment|tms|ketamine)|\bnot about (?:the |any |either )?(?:treatment|tms|ketamine)|"
    r"\b(?:my |the |a )?(?:bill|billing|invoice|paperwork|records|medical records|factura|facturas|expediente)\b|\bsomething else\b|"
    r"\b(?:another|other|different) (?:thing|matter|topic|subject|reason)s?\b|\botra cosa\b|\botro tema\b|\bneither\b|\bnone of (?:those|these|them)\b")
PLASTICITY = re.compile(r"plasti\w+|rewir\w*|\bconnections?\b|\bconexion\w*|\bpathways?\b|\bsynap\w+|\bneurogen\w+|\bsinap\w+")

_DRUGS = (
    r"lithium|litio|lamictal|lamotrigin\w*|depakote|xanax|klonopin|clonazepam|ativan|lorazepam|valium|benzos?|benzodiazep\w+|adderall|ritalin|"
    r"vyvanse|suboxone|methadone|metadona|opioids?|oxycodone|oxy|percocet|tramadol|gabapentin\w*|seroquel|quetiapin\w*|abilify|aripiprazol\w*|"
    r"maoi|nardil|parnate|emsam|blood thinners?|warfarin\w*|eliquis|losartan|lisinopril|metformin\w*|insulin\w*|ozempic|prednison\w*|"
    r"paxlovid|tylenol|ibuprofen\w*|benadryl|marijuana|weed|cannabis|thc|cbd|edibles|marihuana|alcohol|cocaine|cocaina|meth|heroin\w*|"
    r"shrooms|psilocybin|mdma|ambien|propranolol|birth control|antibiotic\w*|steroids?|naltrexon\w*|topamax|risperdal|olanzapin\w*|haldol")
_ANTIDEPRESSANTS = (
    r"lexapro|zoloft|prozac|wellbutrin|effexor|paxil|celexa|cymbalta|pristiq|trintellix|viibryd|remeron|trazodon\w*|sertralin\w*|fluoxetin\w*|"
    r"bupropion\w*|venlafaxin\w*|escitalopram|citalopram|duloxetin\w*|mirtazapin\w*|paroxetin\w*|auvelity|amitriptylin\w*|nortriptylin\w*|ssris?|snris?")
_CONDITIONS = (
    r"bipolar|schizo\w+|esquizo\w+|psychosis|psychotic|psicosis|epilep\w+|seizures?|convulsion\w*|stroke|derrame|heart|cardiac|corazon|blood pressure|"
    r"presion|hypertension|hipertens\w+|diabet\w+|cancer|tumor|glaucoma|liver|higado|kidneys?|rinon\w*|asthma|asma|thyroid|tiroides|copd|epoc|"
    r"borderline|bpd|ptsd|anxiety disorder|panic disorder|autis\w+|adhd|tdah|dementia|demencia|parkinson\w*|multiple sclerosis|lupus|migraines?|"
    r"anorexi\w+|bulimi\w+|eating disorder|addict\w+|adict\w+|alcoholi\w+|sober|dissociat\w+|did|mania|manic|hallucinat\w+|brain injury|tbi|"
    r"concussion\w*|aneurysm|aneurisma|arrhythmia|afib|a fib|sleep apnea|apnea|fibromyalgia|chronic pain|surgery|cirugia|allerg\w+|alerg\w+|"
    r"hiv|vih|hepatitis|cirrhosis|dialysis|tinnitus|vertigo|cystitis|interstitial|porphyria|anemi\w+|murmur|overweight|obes\w+")
_VETOES = tuple((name, re.compile(pattern)) for name, pattern in (
    ("drug", rf"\b(?:{_DRUGS})\b"),
    ("drug", rf"\b(?:on|taking|take|takes|with|w|while|mix\w*|interact\w*|interfere\w*|stop|quit|tomo|tomando|con) (?:my |mi |the |la |el )?(?:\w+ )?(?:{_ANTIDEPRESSANTS})\b"),
    ("dose", r"\b(?:dos(?:e|es|ing|age|ages|is)|mg|milligrams?|miligramos?|mcg|how (?:many|often) (?:infusions|sessions|treatments)|refills?|taper\w*)\b"),
    ("pregnancy", r"\b(?:pregnan\w+|embaraz\w+|breast ?feed\w*|nursing (?:a|my)|lactan\w+|amamant\w+|pecho a mi|ttc|trimester|weeks along|postpartum|post partum|posparto|c section|fertility|ivf)\b"),
    ("implant", r"\b(?:pace ?makers?|marca ?pasos?|defibrillator\w*|desfibrilador|icd|implant\w*|cochlear|coclear|shunts?|stents?|metal|plates?|placa\w*|"
                r"screws?|tornillos?|clips?|titanium|titanio|shrapnel|bullet|braces|piercings?|hearing aids?|aneurysm clip|electrodes?|stimulator|vns|dbs|pins?|rods?|tattoos?|iud|retainer|protesis|loop recorder)\b"),
    ("diagnosis", rf"\b(?:{_CONDITIONS})\b"),
    ("child", r"\b(?:my|our) (?:little |young |teen\w* )?(?:kid|child|toddler|teen\w*|boy|girl)\b|\b(?:1[0-7]|[3-9]) (?:years? old|yrs? old|yo|y o|anos)\b|\b(?:1[0-7]|[3-9])yo\b|"
              r"\b(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen) (?:years?|yr) old\b|\b(?:teenager|minor|adolescen\w+|under 18|menor(?:es)? de edad|kids|children|ninos?)\b|"
              r"\bis (?:1[0-7])\b|\btiene (?:1[0-7]|[3-9]|trece|catorce|quince|dieciseis|diecisiete)\b|\b(?:1[0-7]) year old\b|\b(?:7|8|9)\d (?:years? old|yrs? old|yo|anos)\b"),
    ("price", r"\b(?:cost|costs|price\w*|expensive|insurance|medicare|medicaid|aetna|cigna|copay|deductible|afford|coverage|covered|cuesta|cuestan|precio\w*|"
              r"seguro medico|aseguranza|caro|cobran|how much (?:is|are|do you charge|money|for))\b"),
))


def language_of(text: str, folded: str) -> str | None:
    """"en" or "es" by common words and Spanish signs; None when the text does not tell."""
    words = set(folded.split()) - _SHARED
    spanish = len(words & _SPANISH) + 2 * bool(re.search(r"[¿¡ñÑáíóúÁÍÓÚ]", text))
    english = len(words & _ENGLISH)
    if spanish == english:
        return None
    return "es" if spanish > english else "en"


def subject_of(folded: str) -> str | None:
    """The treatment that the words name: "tms", "ketamine" or "both"; "other" when they set the treatments aside."""
    if re.search(r"\bnothing to do with\b|\bnot about\b|\bneither\b", folded) and _OTHER.search(folded):
        return "other"
    tms, ketamine = bool(_TMS.search(folded)), bool(_KETAMINE.search(folded))
    if tms and ketamine or not (tms or ketamine) and _BOTH.search(folded):
        return "both"
    if tms or ketamine:
        return "tms" if tms else "ketamine"
    return "other" if _OTHER.search(folded) else None


def vetoes_in(folded: str) -> tuple[str, ...]:
    """Names of the matters in the text on which no script may judge a person."""
    return tuple(dict.fromkeys(name for name, pattern in _VETOES if pattern.search(folded)))
