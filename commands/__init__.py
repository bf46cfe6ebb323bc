"""What `flask` offers on the command line; Flask finds `app.py`."""

from commands import audit, doctor, drill, evaluate, queue, say, setup, staff

COMMANDS = (
    audit.group,
    doctor.command,
    drill.group,
    evaluate.group,
    queue.command,
    say.command,
    setup.migrate,
    setup.new_key,
    setup.prepare,
    staff.group,
)
