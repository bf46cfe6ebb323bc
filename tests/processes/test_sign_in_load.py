"""Sixteen strangers who try passwords as fast as they can hold up neither patients nor staff."""

import re
import statistics
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from tests.processes.running import Posted, running

pytestmark = [pytest.mark.processes, pytest.mark.rare]

STRANGERS = 16
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def here(sqlite_database, tmp_path):
    with running(sqlite_database, tmp_path) as here:
        yield here


def the_form(here):
    """The sign-in page's token and the cookie that goes with it."""
    connection = HTTPConnection("127.0.0.1", here.port, timeout=20)
    connection.request("GET", "/staff/sign-in")
    answer = connection.getresponse()
    page = answer.read().decode()
    return re.search(r'name="csrf" value="([^"]+)"', page)[1], answer.headers["Set-Cookie"].partition(";")[0]


@contextmanager
def guessing(here):
    """Post wrong passwords for many logins, each post as soon as the last was answered; yields what came back."""
    csrf, cookie = the_form(here)
    over, answers = threading.Event(), []

    def guess(place):
        tries = 0
        while not over.is_set():
            tries += 1
            form = {"csrf": csrf, "login": f"somebody{place}.{tries}", "password": "a wrong one, of some length"}
            answers.append(here._ask("POST", "/staff/sign-in", urlencode(form), FORM | {"Cookie": cookie})[0])

    threads = [threading.Thread(target=guess, args=(place,)) for place in range(STRANGERS)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


def median_s(here, first):
    """How long a text takes, in the middle of fifteen."""
    taken = []
    for number in range(first, first + 15):
        began = time.monotonic()
        status, _ = here.post(Posted(f"SM{number:032x}", f"+1480555{100 + number:04d}", "do you treat depression"))
        taken.append(time.monotonic() - began)
        assert status == 200
    return statistics.median(taken)


def test_wrong_passwords_do_not_slow_the_texts_of_patients(here):
    """They were 38 times as slow with a thread for each post; what is left is what the posts themselves cost."""
    here.start_web()
    median_s(here, 0)
    quiet = median_s(here, 20)
    with guessing(here) as answers:
        time.sleep(1.0)
        beside = median_s(here, 40)
    assert beside / quiet < 5, (beside, quiet)
    assert answers
    assert set(answers) <= {0, 401, 429}, "0: not looked at in the time that the poster waits"
    assert 401 in answers, "some are looked at"
