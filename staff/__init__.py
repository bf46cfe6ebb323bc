"""The console edge: the queue that staff work, one request at a time. `blueprint` is all that the app needs."""

from staff import access
from staff.admin import staff_list, trail
from staff.desk import bp as blueprint
from staff.queue import people_page, queue_page, search_page
from staff.request import call_button, moves, put_right, request_page, same_person, voicemail_player, wrap_up
from staff.signing_in import account, enrolment, idle_lock, login

__all__ = [
    "access",
    "account",
    "blueprint",
    "call_button",
    "enrolment",
    "idle_lock",
    "login",
    "moves",
    "people_page",
    "put_right",
    "queue_page",
    "request_page",
    "same_person",
    "search_page",
    "staff_list",
    "trail",
    "voicemail_player",
    "wrap_up",
]
