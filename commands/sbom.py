"""`flask sbom`: what this program is made of, as CycloneDX JSON, told by what is installed; or the licences."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any
from uuid import uuid4

import click

from triage.settings import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
# A licence of few words; a longer one is its text.
LONGEST_LICENCE = 80
NOT_TOLD = "not told by the package"


@dataclass(frozen=True)
class Part:
    """A package that is needed. purl: its name in the world. licence: as the package tells it."""

    name: str
    version: str
    purl: str
    licence: str


@click.command("sbom", help="Print what this program is made of (CycloneDX 1.5, JSON).")
@click.option("--licences", is_flag=True, help="Print names, versions and licences as a list instead.")
def command(licences: bool) -> None:
    found = list(parts())
    if licences:
        for part in found:
            click.echo(f"{part.name}  {part.version}  {part.licence}")
        return
    click.echo(json.dumps(as_cyclonedx(found), indent=1))


def parts() -> Iterator[Part]:
    """Yield what requirements.txt pins, as it is installed, and what the console brings to the browser."""
    for name in sorted(set(PINNED.findall((ROOT / "requirements.txt").read_text("utf-8"))), key=str.lower):
        told = metadata.metadata(name)
        yield Part(name, told["Version"], f"pkg:pypi/{name.lower()}@{told['Version']}", _licence(told))
    for script in sorted((ROOT / "staff" / "static" / "vendor").glob("*.js")):
        name, _, version = script.name.removesuffix(".min.js").rpartition("-")
        yield Part(name, version, f"pkg:npm/{name}.org@{version}", "0BSD")


def _licence(told: Any) -> str:
    written = told.get("License-Expression") or told.get("License") or ""
    if written and len(written) <= LONGEST_LICENCE and "\n" not in written:
        return str(written)
    classes = [one for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    return ", ".join(one.rpartition(" :: ")[2] for one in classes) or NOT_TOLD


def as_cyclonedx(found: list[Part]) -> dict[str, Any]:
    """Return a CycloneDX document of these parts."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "component": {"type": "application", "name": project["name"], "version": project["version"]},
        },
        "components": [
            {
                "type": "library",
                "bom-ref": part.purl,
                "name": part.name,
                "version": part.version,
                "purl": part.purl,
                "licenses": [{"license": {"name": part.licence}}],
            }
            for part in found
        ],
    }
