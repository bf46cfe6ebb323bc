"""What `flask` offers on the command line; Flask finds `app.py`."""

from commands import audit, backup, balance, doctor, drill, evaluate, outbox, queue, say, setup, staff

COMMANDS = (
    audit.group,
    backup.command,
    balance.command,
    doctor.command,
    drill.group,
    evaluate.group,
    outbox.group,
    queue.command,
    say.command,
    setup.migrate,
    setup.new_key,
    setup.prepare,
    staff.group,
)
