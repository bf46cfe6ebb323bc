"""`python -m bench`: this webhook beside a bare Flask route that returns a constant, same server, same run.

Prints a table, writes bench/bench.json, and ends with 1 when the limit on CPU is broken.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from cryptography.fernet import Fernet

from bench.load import Sample, send
from bench.serving import Served, served
from bench.traffic import ACCOUNT, BASE_URL, NOBODY, TOKEN, Post, texts
from triage import migrations
from triage.store.engine import Database
from triage.store.keys import Keys

MOST_CPU = 4.0  # times the bare route's, a request
CONNECTIONS = 4
PEOPLE_A_ROUND = 48
ROUNDS = 8
RESULTS = Path(__file__).with_name("bench.json")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--database", help="a database of its own for the run; a new SQLite file if not given")
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_of(asked.parse_args().database or f"sqlite:///{folder}/bench.db")
        with served("bare", environment) as bare, served("whole", environment) as whole:
            measured = _measured(bare, whole)
    report = _report(*measured)
    print(_table(report))
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    if report["ratio"]["cpu"] > MOST_CPU:
        print(f"Too dear: {report['ratio']['cpu']} times the CPU of a bare route; the limit is {MOST_CPU}.")
        return 1
    return 0


def environment_of(database_url: str) -> dict[str, str]:
    """Return the settings of a measured run, its database made."""
    made = {
        "DATABASE_URL": database_url,
        "REHEARSAL": "1",
        "PUBLIC_BASE_URL": BASE_URL,
        "TWILIO_API_BASE_URL": NOBODY,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": "a secret that is used for measuring only",
        "DATA_KEYS": Fernet.generate_key().decode(),
        "PHONE_HASH_KEY": "a key for hashes that is used for measuring only",
    }
    Keys.use((made["DATA_KEYS"],), made["PHONE_HASH_KEY"])
    database = Database(database_url.replace("postgresql://", "postgresql+psycopg://"))
    migrations.upgrade(database)
    database.close()
    return made


def _measured(bare: Served, whole: Served) -> tuple[Sample, Sample]:
    """Measure both in turn, round by round, so that whatever else the machine does burdens both; the first round
    warms up.
    """
    dialogues = texts()
    samples: dict[Served, Sample] = {bare: Sample(), whole: Sample()}
    for place in range(ROUNDS + 1):
        people = list(islice(dialogues, PEOPLE_A_ROUND))
        shares = [[post for one in people[n::CONNECTIONS] for post in one] for n in range(CONNECTIONS)]
        for app in (bare, whole):
            sample = _one_round(app, shares)
            if place:
                samples[app] += sample
    return samples[bare], samples[whole]


def _one_round(app: Served, shares: list[list[Post]]) -> Sample:
    before = app.cpu_s()
    sample = send(app.port, shares)
    sample.cpu_s = app.cpu_s() - before
    if sample.refused:
        raise SystemExit(f"bench: {sample.refused} requests were refused, so nothing was measured.")
    return sample


def _report(bare: Sample, whole: Sample) -> dict[str, dict[str, float]]:
    figures = {"bare": _figures(bare), "whole": _figures(whole)}
    ratio = {
        name.removesuffix("_ms"): round(figures["whole"][name] / figures["bare"][name], 2) for name in figures["bare"]
    }
    return {**figures, "ratio": ratio}


def _figures(sample: Sample) -> dict[str, float]:
    count = len(sample.latencies)
    percentiles = statistics.quantiles(sample.latencies, n=100)
    return {
        "cpu_ms": round(sample.cpu_s / count * 1000, 3),
        "p50_ms": round(percentiles[49] * 1000, 2),
        "p99_ms": round(percentiles[98] * 1000, 2),
        "per_second": round(count / sample.wall_s, 1),
    }


def _table(report: Mapping[str, Mapping[str, float]]) -> str:
    rows: list[tuple[str, ...]] = [("", "CPU a request", "p50", "p99", "a second")]
    for name, label in (("bare", "bare Flask route"), ("whole", "this webhook")):
        of = report[name]
        rows.append((label, f"{of['cpu_ms']} ms", f"{of['p50_ms']} ms", f"{of['p99_ms']} ms", f"{of['per_second']}"))
    rows.append(("times bare", *(f"{value}" for value in report["ratio"].values())))
    return "\n".join(f"{label:<18}" + "".join(f"{cell:>15}" for cell in cells) for label, *cells in rows)


if __name__ == "__main__":
    sys.exit(main())
