"""The scripted answers: complete, short enough, and saying what the clinic's page says, no more and no less."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from triage.segments import Encoding, count_segments

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
PAGE = (ROOT / "tests" / "data" / "clinic-page.md").read_text("utf-8")
REGISTER = tomllib.loads((TEMPLATES / "answers.toml").read_text("utf-8"))
LABELS = [
    "tms.what",
    "tms.how",
    "tms.approval",
    "tms.safety",
    "tms.effectiveness",
    "tms.first_line",
    "both.benefit",
    "both.together",
    "both.neuroplasticity",
    "ketamine.after_tms",
    "ketamine.tms_failed",
    "ketamine.difference",
    "ketamine.right_for_me",
]
PLACES = [(channel, language) for channel in ("sms", "voice") for language in ("en", "es")]
EVERY = [(channel, language, label) for channel, language in PLACES for label in LABELS]

# What may not be cut from an answer, however short it must be.
KEPT = {
    ("tms.what", "en"): ["major depressive disorder", "obsessive", "approved"],
    ("tms.what", "es"): ["trastorno depresivo mayor", "obsesivo", "aprobado"],
    ("tms.how", "en"): ["magnetic pulses", "scalp", "prefrontal cortex", "depressive symptoms"],
    ("tms.how", "es"): ["pulsos", "cuero cabelludo", "corteza prefrontal", "síntomas depresivos"],
    ("tms.approval", "en"): ["major depressive disorder", "obsessive", "approved"],
    ("tms.approval", "es"): ["trastorno depresivo mayor", "obsesivo", "aprobado"],
    ("tms.safety", "en"): [
        "is considered",
        "scalp discomfort",
        "headache",
        "lightheadedness",
        "tingling",
        "spasms or twitching",
    ],
    ("tms.safety", "es"): [
        "se considera",
        "cuero cabelludo",
        "dolor de cabeza",
        "aturdimiento",
        "hormigueo",
        "espasmos o contracciones",
    ],
    ("tms.effectiveness", "en"): ["research", "approximately 50", "depression", "significant reduction"],
    ("tms.effectiveness", "es"): ["estudios", "aproximadamente el 50", "depresión", "reducción significativa"],
    ("tms.first_line", "en"): [
        "is not a first",
        "recommended",
        "failed antidepressant",
        "electroconvulsive",
        "ketamine",
    ],
    ("tms.first_line", "es"): ["no es un tratamiento de primera", "recomienda", "antidepresivos", "electroconvulsiva"],
    ("both.benefit", "en"): ["some patients", "have shown", "neuroplasticity"],
    ("both.benefit", "es"): ["algunos pacientes", "han mostrado", "neuroplasticidad"],
    ("both.together", "en"): ["there are patients", "reported", "coordinate with your"],
    ("both.together", "es"): ["hay pacientes", "reportado", "coordinamos con su proveedor"],
    ("both.neuroplasticity", "en"): ["ability to form new connections", "have shown"],
    ("both.neuroplasticity", "es"): ["capacidad de formar conexiones nuevas", "han mostrado"],
    ("ketamine.after_tms", "en"): [
        "contraindications",
        "trying or completing",
        "if you still have depressive symptoms",
    ],
    ("ketamine.after_tms", "es"): ["contraindicaciones", "probar o completar", "si usted todavía tiene síntomas"],
    ("ketamine.tms_failed", "en"): ["a likelihood", "may work for you", "specific receptors"],
    ("ketamine.tms_failed", "es"): ["probabilidad", "pueda", "receptores"],
    ("ketamine.difference", "en"): ["specific receptors", "electromagnetic pulse"],
    ("ketamine.difference", "es"): ["receptores específicos", "pulso electromagnético"],
    ("ketamine.right_for_me", "en"): ["medical team", "?"],
    ("ketamine.right_for_me", "es"): ["equipo médico", "?"],
}
# The page's own words in another form, and the joints between them.
JOINTS = frozenset(re.findall(r"\w+", "using use your so f d a t m s ocd percent that"))
NEVER_SAID = re.compile(
    r"\b(?:cur(?:e|es|ed|ar|a)|guarant\w+|garanti\w+|always|siempre|never|nunca|best treatment|most patients|"
    r"(?:our|we (?:offer|give|provide|do)) (?:tms|t m s)|(?:ofrecemos|damos|hacemos|nuestra) (?:la )?(?:tms|t m s)|"
    r"no side effects|sin efectos|risk-free|sin riesgo|dose|dosis|price|precio|you are a candidate|"
    r"usted es candidat\w+)\b",
    re.IGNORECASE,
)
OPENS_BY_ANSWERING = re.compile(
    r"(?:yes|no|not at all|certainly|of course|sí|claro|desde luego|por supuesto)(?: not| que no| que sí)?[,.!]",
    re.IGNORECASE,
)


def answer(channel: str, language: str, label: str) -> str:
    return (TEMPLATES / channel / language / "answers" / f"{label}.txt").read_text("utf-8").strip()


def way_on(language: str) -> str:
    return (TEMPLATES / "sms" / language / "way_on.txt").read_text("utf-8").strip()


@pytest.mark.parametrize(("channel", "language"), PLACES)
def test_every_label_has_one_answer_in_each_channel_and_language(channel: str, language: str) -> None:
    files = {path.name for path in (TEMPLATES / channel / language / "answers").iterdir()}
    assert files == {f"{label}.txt" for label in LABELS}


@pytest.mark.parametrize("label", LABELS)
def test_an_english_text_with_its_way_on_fits_two_parts_of_gsm_7(label: str) -> None:
    encoding, parts = count_segments(f"{answer('sms', 'en', label)} {way_on('en')}")
    assert (encoding, parts <= 2) == (Encoding.GSM_7, True)


@pytest.mark.parametrize("label", LABELS)
def test_a_spanish_text_with_its_way_on_fits_three_parts(label: str) -> None:
    assert count_segments(f"{answer('sms', 'es', label)} {way_on('es')}")[1] <= 3


@pytest.mark.parametrize(("channel", "language", "label"), EVERY)
def test_no_hedge_condition_or_number_of_the_page_is_lost(channel: str, language: str, label: str) -> None:
    words = answer(channel, language, label).lower()
    assert [kept for kept in KEPT[label, language] if kept not in words] == []


@pytest.mark.parametrize(("channel", "language", "label"), EVERY)
def test_nothing_is_promised_and_no_number_added(channel: str, language: str, label: str) -> None:
    words = answer(channel, language, label)
    assert not NEVER_SAID.search(words)
    assert re.findall(r"\d+", words) == (["50"] if label == "tms.effectiveness" else [])


@pytest.mark.parametrize(("channel", "label"), [(channel, label) for channel in ("sms", "voice") for label in LABELS])
def test_an_english_answer_uses_the_words_of_its_source_and_few_joints(channel: str, label: str) -> None:
    page = set(re.findall(r"[a-z']+", PAGE.replace("’", "'").lower()))
    said = set(re.findall(r"[a-z']+", answer(channel, "en", label).lower()))
    assert said - page - JOINTS == set()


@pytest.mark.parametrize(("language", "label"), [(language, label) for language in ("en", "es") for label in LABELS])
def test_a_voice_answer_is_written_for_the_ear(language: str, label: str) -> None:
    words = answer("voice", language, label)
    assert not re.search(r"[/%()*&]|\b[A-Z]{2,}\b", words)


@pytest.mark.parametrize(("channel", "language", "label"), EVERY)
def test_an_answer_names_no_way_on_and_is_one_clean_line(channel: str, language: str, label: str) -> None:
    words = answer(channel, language, label)
    assert "\n" not in words
    assert words[-1] in ".?"
    assert not re.search(r"\b(?:reply|press|responda|oprima|marque)\b", words, re.IGNORECASE)


@pytest.mark.parametrize(("channel", "language", "label"), EVERY)
def test_an_answer_holds_whichever_way_round_the_question_is_put(channel: str, language: str, label: str) -> None:
    # "Certainly not" said to "does ketamine work if tms didn't?" says the opposite of the page.
    words = answer(channel, language, label)
    assert not OPENS_BY_ANSWERING.match(words)


def test_the_register_tells_source_reviewer_and_expiry_of_every_answer() -> None:
    assert list(REGISTER) == LABELS
    for entry in REGISTER.values():
        assert entry["source"]
        assert all(sentence in PAGE for sentence in entry["source"])
        assert entry["reviewer"] == "medical director"
        assert entry["reviewed_on"] == date(2026, 11, 20)
        assert entry["expires_on"] == entry["reviewed_on"].replace(year=2027)
        assert entry["version"] >= 1
