"""`make check-web`: Lighthouse on the queue with 300 rows, signed in, as on a desk and as on a phone.

Ends with 1 below what each must reach. Each is measured three times and the middle counts: what else runs on the
machine moves the performance by ten points and more. Lighthouse is no part of the program: it is taken where it is
installed, else it comes by npx. It needs Node and Chromium.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from staff.pages import ASK_AGAIN_MS
from tests.browser.console import a_full_desk, served, session_of
from tests.conftest import use_new_keys
from tests.console_desk import Desk
from triage import migrations
from triage.model.message import Arrival, Channel
from triage.model.request import Priority, RequestValues
from triage.store import messages, people, requests
from triage.store.engine import Database

LIGHTHOUSE = "lighthouse@12.8.2"
ROWS = 300
EVERYWHERE = {"accessibility": 100, "best-practices": 100}
LEAST = {"desktop": EVERYWHERE | {"performance": 95}, "phone": EVERYWHERE | {"performance": 85}}
# A phone is what Lighthouse plays unless it is told otherwise.
AS = {"desktop": ["--preset=desktop"], "phone": []}
LONGEST_S = 300
TIMES = 3
FLAGS = "--headless=new --no-sandbox"


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    lighthouse = [found] if (found := shutil.which("lighthouse")) else ["npx", "--yes", LIGHTHOUSE]
    if not (chromium and shutil.which(lighthouse[0])):
        print("Lighthouse needs npx and Chromium; one of them is not on this machine.")
        return 1
    use_new_keys()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/console.db")
        migrations.upgrade(database)
        desk = Desk(database)
        desk.has_staff("rosa")
        a_full_queue(desk)
        cookie = f"session={session_of(desk, 'rosa')}"
        with served(desk) as address:
            desk.app.config["ASK_AGAIN_MS"] = ASK_AGAIN_MS  # as often as for staff
            asked = [*lighthouse, f"{address}/staff/?show={2 * ROWS}", f"--chrome-flags={FLAGS}"]
            asked.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
            runs = {on: [scores_of(asked, on, chromium, Path(folder)) for _ in range(TIMES)] for on in LEAST}
        database.close()
    missed = []
    for on, measured in runs.items():
        for category, least in LEAST[on].items():
            each = [one[category] for one in measured]
            found = statistics.median(each)
            print(f"{on}, {category}: {found:.0f} of {', '.join(f'{one:.0f}' for one in each)}, at least {least}")
            missed += [category] if found < least else []
    return 1 if missed else 0


def a_full_queue(desk: Desk) -> None:
    """Fill the queue: one of each kind of row, and so many with words and a window."""
    a_full_desk(desk)
    with desk.db.write() as db:
        for number in range(ROWS):
            person, _ = people.meet(db, f"+1{602 + number // 90}555{110 + number % 90:04d}", "en", desk.at)
            window = {"name": f"Patient {number}", "topic": "tms", "promised_start": desk.at + timedelta(hours=1)}
            window["promised_end"] = desk.at + timedelta(hours=2, minutes=number)
            due_at = desk.at + timedelta(hours=2, minutes=number)
            requests.create(db, RequestValues(person.id, Priority.ROUTINE, "sms", "en", due_at, window), desk.at)
            words = "Could somebody call me tomorrow after three, please?"
            messages.keep(db, Arrival(f"SM{number}", person.id, Channel.SMS, words, desk.at, "+16025550100"))


def scores_of(asked: list[str], on: str, chromium: str, folder: Path) -> dict[str, float]:
    report = folder / f"{on}.json"
    command = [*asked, *AS[on], "--quiet", "--output=json", f"--output-path={report}"]
    command.append(f"--only-categories={','.join(LEAST[on])}")
    subprocess.run(command, check=True, timeout=LONGEST_S, env=os.environ | {"CHROME_PATH": chromium})
    categories = json.loads(report.read_text())["categories"]
    for category in LEAST[on]:
        assert categories[category]["score"] is not None, f"{category} was not measured"
    return {category: categories[category]["score"] * 100 for category in LEAST[on]}


if __name__ == "__main__":
    sys.exit(main())
