"""How gunicorn serves the web process; found by its name."""

import os
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from triage import understanding
from triage.team import accounts

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "web_worker.BufferingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True
timeout = 30
graceful_timeout = 20
accesslog = None
control_socket_disable = True

UNGUARDED = (
    "Staff: nobody who administers the console ({logins}) has a second step, so a password alone opens it. Run `flask "
    "staff password LOGIN` for each of them, or start a rehearsal (REHEARSAL=1)."
)


def when_ready(server: Any) -> None:
    """Load the encoder and the heads once, before the workers are forked, so that they share the memory.

    Nothing is served where a rehearsal has left a console that passwords alone open.
    """
    if logins := _unguarded(server.app.wsgi()):
        raise SystemExit(UNGUARDED.format(logins=", ".join(logins)))
    understanding.warm()


def _unguarded(app: Any) -> list[str]:
    runtime = app.extensions.get("runtime")
    if runtime is None or runtime.environment.rehearsal:
        return []
    try:
        with runtime.db.read() as db:
            found = accounts.unguarded(db)
        runtime.db.close()  # workers share no connection
    except (SQLAlchemyError, OSError):
        return []  # away, or not migrated yet: whatever is asked for says so
    return found
