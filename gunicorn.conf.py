"""How gunicorn serves the web process; found by its name."""

import os

from triage import understanding

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "web_worker.BufferingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True
timeout = 30
graceful_timeout = 20
accesslog = None
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Load the encoder and the heads once, before the workers are forked, so that they share the memory."""
    understanding.warm()
