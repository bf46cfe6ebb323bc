"""The web process is stopped: a text and a call meet the answers that Twilio keeps, and Twilio keeps both."""

import pytest

from tests.calls import phones_of
from tests.phone_line import CLINIC, DANA
from tests.processes.running import running

pytestmark = [pytest.mark.processes, pytest.mark.rare]


def test_while_the_program_is_down_988_is_said_and_a_message_is_kept(sqlite_database, tmp_path):
    with running(sqlite_database, tmp_path) as here:
        client = here.phone.client()
        (number,) = client.incoming_phone_numbers.list()
        bins = {"sms_fallback_url": f"{here.phone.url}/bins/text", "voice_fallback_url": f"{here.phone.url}/bins/voice"}
        number.update(**bins)
        web = here.start_web()
        assert here.phone.text("What is TMS?")["state"] == "taken"
        web.terminate()
        web.wait()
        assert here.phone.text("please call me")["state"] == "fallback"
        assert "988" in here.phone.received()[-1]
        call = phones_of(here.phone).calls(DANA).hears("9 8 8").hears("9 1 1")
        call.records("please call me back").hangs_up()
        assert [text.body for text in client.messages.list(to=CLINIC)] == ["please call me", "What is TMS?"]
        assert [left.call_sid for left in client.recordings.list()] == [call.sid]
        here.start_web()
        assert here.phone.text("What is TMS?")["state"] == "taken"
