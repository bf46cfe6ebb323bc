"""What `flask` offers on the command line; Flask finds `app.py`."""

from commands import audit, backup, balance, doctor, drill, evaluate, outbox, queue, rekey, say, sbom, setup, staff
from commands.database import take_as

COMMANDS = (
    audit.group,
    backup.command,
    balance.command,
    doctor.command,
    drill.group,
    evaluate.group,
    outbox.group,
    queue.command,
    rekey.command,
    say.command,
    sbom.command,
    setup.migrate,
    setup.new_key,
    setup.prepare,
    staff.group,
)

for one in (audit.group, backup.command, balance.command, outbox.group, queue.command, rekey.command, staff.group):
    take_as(one)
