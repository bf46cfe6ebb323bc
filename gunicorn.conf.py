"""How gunicorn serves the web process; found by its name."""

import os

from triage import understanding

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True
timeout = 30
graceful_timeout = 20
keepalive = 15
accesslog = None
control_socket_disable = True
# Nobody may say by a header where this program is mounted: gunicorn believes one from this machine, on which a proxy
# passes on what strangers send, and answers 500.
forwarder_headers = ""


def when_ready(_server: object) -> None:
    """Load the encoder and the heads once, before the workers are forked, so that they share the memory."""
    understanding.warm()
