"""`python -m phone`: the local phone on 127.0.0.1, for nobody but this machine."""

import logging
import os
import sys

from werkzeug.serving import make_server

from phone import create_phone
from phone.config import WrongSetting, from_environment, port

if __name__ == "__main__":
    try:
        config = from_environment(os.environ)
    except WrongSetting as wrong:
        sys.exit(f"The local phone cannot start: {wrong}")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    make_server("127.0.0.1", port(os.environ), create_phone(config), threaded=True).serve_forever()
