"""What the program is made of: told whole, and no licence in it that the owner has not been told of."""

import ast
import json
import re
from pathlib import Path

from click.testing import CliRunner

from commands import sbom

ROOT = Path(__file__).parents[2]
# Licences that ask something of who passes the program on; SECURITY.md says what.
NAMED = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only", "certifi": "MPL-2.0"}
FREE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software|0BSD|Zlib|ZPL|CC0|not told", re.IGNORECASE)


def test_the_bill_names_every_package_that_is_pinned_with_its_version():
    printed = CliRunner().invoke(sbom.command).output
    bill = json.loads(printed)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    told = {part["name"].lower(): part for part in bill["components"]}
    pinned = dict(
        re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.M)
    )
    assert set(told) == {name.lower() for name in pinned} | {"htmx"}
    assert told["flask"]["purl"] == f"pkg:pypi/flask@{pinned['flask']}"
    assert all(part["version"] and part["licenses"][0]["license"]["name"] for part in told.values())


def test_every_licence_is_free_of_duties_or_named():
    printed = CliRunner().invoke(sbom.command, ["--licences"]).output
    for line in printed.splitlines():
        name, _, licence = line.split("  ", 2)
        if name in NAMED:
            assert licence == NAMED[name]
        else:
            assert FREE.search(licence), line
            assert "GPL" not in licence, line


def test_psycopg_stays_replaceable_because_only_sqlalchemy_loads_it():
    """Its LGPL asks that whoever runs the program can put another version in its place."""
    sources = [
        path
        for folder in ("triage", "webhooks", "staff", "commands", "phone")
        for path in (ROOT / folder).rglob("*.py")
    ]
    for path in [*sources, ROOT / "app.py", ROOT / "clock.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [one.name for one in node.names] + [getattr(node, "module", None) or ""]
                assert not any(name.split(".")[0] == "psycopg" for name in names), path
