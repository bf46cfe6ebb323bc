"""Figures of the understanding: `python -m bench.understanding` prints every table and writes bench/eval.json.

`questions.jsonl` and `safety.jsonl` are cross-validated five-fold, over three partitions into folds: each line counts
three times, and the lists say in how many partitions it went wrong. The outside sets, times and conversations are read
by the shipped heads, which have seen none of them.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.fernet import Fernet

from commands.dialogues import evaluate_dialogues
from commands.evaluate import evaluate_times
from triage.environment import Environment
from triage.runtime import Runtime, open_runtime
from triage.settings import ROOT, read_clinic
from triage.understanding import saved_heads
from triage.understanding.build import thresholds_older_than
from triage.understanding.crossval import (
    FOLDS,
    PARTITIONS,
    HeldOut,
    KnownSentences,
    NoSentences,
    measure_all,
    measure_held_out,
)
from triage.understanding.decide import decide
from triage.understanding.encoder import Ngrams, Sentences, the_encoder
from triage.understanding.evaluate import as_shares, evaluate_questions, evaluate_safety, wrong_scripts
from triage.understanding.fold import fold
from triage.understanding.labels import SCRIPTED
from triage.understanding.reading import Understanding, interpret, understand
from triage.understanding.safety import LABELS, Tier
from triage.understanding.tuning import settings_for
from triage.wording import Wording

HERE = Path(__file__).parent
DATA = HERE.parent / "tests" / "data"
OUTSIDE = {
    "banking77": ("intents_banking77_test", None),
    "clinc150": ("intents_clinc150_subset", None),
    "uci ham": ("sms_uci_ham_spam", "ham"),
    "uci spam": ("sms_uci_ham_spam", "spam"),
}
ENCODERS = (Sentences.name, Ngrams.name)
Tables = dict[str, Any]
Row = dict[str, str]


def five_fold(encoder: str) -> Tables:
    questions, dangers = measure_held_out(encoder)
    tables: Tables = {}
    for name, told in (("eval", True), ("further phrases", False)):
        asked, meant = _read([one for one in questions if (one.phrase.file == "questions") == told], encoder)
        screened, seen = _read([one for one in dangers if (one.phrase.file == "safety") == told], encoder)
        safety = _untimed(evaluate_safety(screened, _in_turn(seen)))
        tables[name] = {
            "questions": questions_table(asked, meant),
            "safety": safety | {"missed": _each_once(safety["missed"])},
            "ordinary": alarms(meant),
        }
        tables[name]["within"] = intervals(tables[name], asked, screened)
    return tables


def intervals(table: Tables, asked: Sequence[Row], screened: Sequence[Row]) -> dict[str, list[float]]:
    """Return between what bounds each share would fall, 95 times of 100, for as many lines of other people (Wilson).

    A line counts once here, though it is read once in each division.
    """
    scripted = sum(row["label"] in SCRIPTED for row in asked)
    shares = {
        "right": (table["questions"]["right"], len(asked)),
        "answered": (table["questions"]["answered"], scripted),
    }
    for label in LABELS:
        lines = sum(row["label"] == label for row in screened)
        for kind in ("alarm", "seen"):
            shares[f"{label} {kind}"] = (table["safety"][kind][label], lines)
    return {name: wilson(share, lines / PARTITIONS) for name, (share, lines) in shares.items() if lines}


def wilson(share: float, lines: float) -> list[float]:
    """Return the bounds of a share that was seen in so many lines."""
    square = 1.96**2 / lines
    middle = share + square / 2
    spread = (square * (share * (1 - share) + square / 4)) ** 0.5
    return [round((middle + sign * spread) / (1 + square), 4) for sign in (-1, 1)]


def how() -> Tables:
    """Return what the figures rest on: the folds, and hashes of what weights, heads and thresholds were made from."""
    return {
        "folds": FOLDS,
        "divisions into folds": PARTITIONS,
        "seeds of the divisions": list(range(PARTITIONS)),
        "made from": {name: digest[:12] for name, digest in saved_heads.made_from().items()},
        "changed since the thresholds were derived": thresholds_older_than(),
    }


def questions_table(rows: Sequence[Row], understood: Sequence[Understanding]) -> Tables:
    decided = [(row, decide(one)) for row, one in zip(rows, understood, strict=True)]
    wrong = [(row["label"], wrong_scripts(row["label"], decision), row["text"]) for row, decision in decided]
    table = _untimed(as_shares(evaluate_questions(rows, _in_turn(understood))))
    return table | {
        "wrong": _each_once(table["wrong"]),
        "wrong_scripts": _each_once([label, given[0], text] for label, given, text in wrong if given),
        "medical_answered_by_script": _each_once(
            [text] for label, given, text in wrong if given and label == "handover.medical"
        ),
        "confusions": Counter(
            f"{row['label']} -> {decision.labels[0]}" for row, decision in decided if decision.labels[0] != row["label"]
        ).most_common(15),
        "risk_coverage": risk_coverage(rows, understood),
    }


def risk_coverage(rows: Sequence[Any], understood: Sequence[Understanding]) -> list[list[float]]:
    """Return rows of threshold, share of lines with a scripted best label of that chance, share of those wrong."""
    points = []
    for threshold in np.arange(0.0, 1.0, 0.02):
        sent = [
            (row, one.scores[0][0])
            for row, one in zip(rows, understood, strict=True)
            if one.scores and one.scores[0][0] in SCRIPTED and one.scores[0][1] >= threshold
        ]
        wrong = sum(row["label"] != label for row, label in sent)
        points.append(
            [round(float(threshold), 2), round(len(sent) / len(rows), 4), round(wrong / max(len(sent), 1), 4)]
        )
    return points


def outside(encoder: str) -> Tables:
    """Count scripts given to, and alarms raised by, sentences that have nothing to do with the clinic."""
    texts = {
        name: [row["text"] for row in lines_of(file) if label is None or row["label"] == label]
        for name, (file, label) in OUTSIDE.items()
    }
    every = [text for part in texts.values() for text in part]
    reader = KnownSentences(every) if encoder == Sentences.name else NoSentences()
    topic, danger = saved_heads.read("topic", encoder), saved_heads.read("safety", encoder)
    measured = measure_all(every, reader, topic, danger)
    read = {text: interpret(one, settings_for(encoder)) for text, one in zip(every, measured, strict=True)}
    return {name: outside_table(part, [read[text] for text in part]) for name, part in texts.items()}


def outside_table(texts: Sequence[str], understood: Sequence[Understanding]) -> Tables:
    read = list(zip(texts, understood, strict=True))
    given = [text for text, one in read if (done := decide(one)).kind == "act" and set(done.labels) & SCRIPTED]
    return {
        "n": len(texts),
        "script_given": len(given),
        **alarms(understood),
        "scripts": given,
        "alarmed": [text for text, one in read if one.danger.tier == Tier.ALARM],
    }


def conversations() -> Tables:
    """Run whole conversations through the real rules and store."""
    runtime = measured_runtime()
    return {name: evaluate_dialogues(lines_of(name), runtime) for name in ("dialogues", "voice_dialogues")}


def measured_runtime() -> Runtime:
    """Open the parts that a measurement needs, with keys that are used nowhere else."""
    environment = Environment(
        database_url="sqlite://",  # each file of conversations has a database of its own
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="nothing is sent",
        secret_key="nobody signs in to a measurement",
        data_keys=(Fernet.generate_key().decode(),),
        phone_hash_key="numbers here are invented, all of them",
    )
    return open_runtime(environment, read_clinic(ROOT / "clinic.toml"), Wording())


def speed() -> Tables:
    """Return milliseconds a message, and those of its encoding alone, measured in this process."""
    texts = [row["text"] for row in lines_of("questions")[::3]]
    understood = [_spent_ms(understand, text) for text in texts]
    encoded = [_spent_ms(the_encoder().encode, [fold(text)]) for text in texts]
    return {
        f"{name}_p{share}_ms": round(float(np.percentile(spent, share)), 1)
        for name, spent in (("understand", understood), ("encode", encoded))
        for share in (50, 99)
    }


def _spent_ms(work: Callable[[Any], object], given: object) -> float:
    started = time.perf_counter()
    work(given)
    return (time.perf_counter() - started) * 1000


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _untimed(table: Tables) -> Tables:
    """Leave out the times, which held-out lines do not have: they were measured before."""
    return {key: value for key, value in table.items() if not key.endswith("_ms")}


def alarms(understood: Iterable[Understanding]) -> dict[str, float]:
    tiers = [one.danger.tier for one in understood]
    return {
        "alarm": round(tiers.count(Tier.ALARM) / len(tiers), 4),
        "seen": round(1 - tiers.count(Tier.NONE) / len(tiers), 4),
    }


def _in_turn(understood: Sequence[Understanding]) -> Callable[[str], Understanding]:
    """Return a stand-in for `understand` that is called once for each line, in their order."""
    left = iter(understood)
    return lambda text: next(left)  # noqa: ARG005


def _each_once(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return each row once, with the number of partitions in which it stands."""
    return [[*row, f"{count} of {PARTITIONS}"] for row, count in Counter(map(tuple, rows)).most_common()]


def _read(lines: Sequence[HeldOut], encoder: str) -> tuple[list[Row], list[Understanding]]:
    limits = settings_for(encoder)
    rows = [
        {"text": one.phrase.text, "label": one.phrase.label, "lang": one.phrase.lang, "channel": one.phrase.channel}
        for one in lines
    ]
    return rows, [interpret(one.measured, limits) for one in lines]


def picture(points: Sequence[Sequence[float]]) -> str:
    """Draw risk over coverage as a small SVG: right is more answered, up is more of them wrong."""
    most = max(0.02, *(risk for _, _, risk in points))
    widest = max(0.01, *(coverage for _, coverage, _ in points))
    line = " ".join(f"{40 + 340 * coverage / widest:.1f},{190 - 170 * risk / most:.1f}" for _, coverage, risk in points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 220" font-family="sans-serif" font-size="10">'
        '<path d="M40 10V190H390" fill="none" stroke="#666"/>'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
        f'<text x="4" y="20">{most:.1%}</text><text x="4" y="190">0 %</text>'
        f'<text x="345" y="204">{widest:.0%}</text><text x="120" y="214">share of messages answered by a script</text>'
        '<text x="50" y="20">share of those that are wrong</text></svg>\n'
    )


def show(name: str, value: Any, indent: int = 0) -> None:
    pad = "  " * indent
    if isinstance(value, dict) and any(isinstance(part, dict | list) for part in value.values()):
        print(f"{pad}{name}")
        for key, part in value.items():
            show(key, part, indent + 1)
    elif isinstance(value, list) and name != "risk_coverage":
        print(f"{pad}{name}: {len(value)}")
        for row in value[:60]:
            print(f"{pad}  {'  |  '.join(map(str, row)) if isinstance(row, list | tuple) else row}")
    elif name != "risk_coverage":
        print(f"{pad}{name}: {value}")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger(__name__).info("five-fold, with the encoder and without ...")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        with_encoder, without = pool.map(five_fold, ENCODERS)
    tables: Tables = {"how": how(), "five-fold": with_encoder, "five-fold, n-gram fallback": without}
    parts: tuple[tuple[str, Callable[[], Tables]], ...] = (
        ("outside", lambda: outside(Sentences.name)),
        ("outside, n-gram fallback", lambda: outside(Ngrams.name)),
        ("times", lambda: {name: evaluate_times(lines_of(name)) for name in ("times", "times_more")}),
        ("conversations", conversations),
        ("speed", speed),
    )
    for part, measured in parts:
        logging.getLogger(__name__).info("%s ...", part)
        tables[part] = measured()
    (HERE / "eval.json").write_text(json.dumps(tables, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show("understanding", tables)
    curve = tables["five-fold"]["eval"]["questions"]["risk_coverage"]
    (HERE / "risk_coverage.svg").write_text(picture(curve), encoding="utf-8")


if __name__ == "__main__":
    main()
