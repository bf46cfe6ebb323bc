"""`make check-web`: Lighthouse on the queue, signed in; ends with 1 below 95 for accessibility or best practices.

Lighthouse comes by npx and is no part of the program. It needs Node and Chromium.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.console import a_full_desk, served
from tests.browser.console import session_of as token_of
from tests.conftest import use_new_keys
from tests.console_desk import Desk
from triage import migrations
from triage.store.engine import Database

LIGHTHOUSE = "lighthouse@12.8.2"
LEAST = 95
CATEGORIES = ("accessibility", "best-practices")
LONGEST_S = 300


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not (chromium and shutil.which("npx")):
        print("Lighthouse needs npx and Chromium; one of them is not on this machine.")
        return 1
    use_new_keys()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/console.db")
        migrations.upgrade(database)
        desk = Desk(database)
        desk.has_staff("rosa")
        a_full_desk(desk)
        with served(desk) as address:
            scores = scores_of(f"{address}/staff/", session_of(desk), chromium, Path(folder))
        database.close()
    for category, score in scores.items():
        print(f"{category}: {score:.0f}")
    return 0 if min(scores.values()) >= LEAST else 1


def session_of(desk: Desk) -> str:
    return f"session={token_of(desk, 'rosa')}"


def scores_of(address: str, cookie: str, chromium: str, folder: Path) -> dict[str, float]:
    report = folder / "report.json"
    command = [
        "npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={json.dumps({'Cookie': cookie})}",
        "--chrome-flags=--headless=new --no-sandbox",
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=LONGEST_S, env=os.environ | {"CHROME_PATH": chromium})
    categories = json.loads(report.read_text())["categories"]
    for category in CATEGORIES:
        assert categories[category]["score"] is not None, f"{category} was not measured"
    return {category: categories[category]["score"] * 100 for category in CATEGORIES}


if __name__ == "__main__":
    sys.exit(main())
