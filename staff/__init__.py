"""The console edge: the queue that staff work, one request at a time. `blueprint` is all that the app needs."""

from staff import console, login, wrap_up
from staff.desk import bp as blueprint

__all__ = ["blueprint", "console", "login", "wrap_up"]
