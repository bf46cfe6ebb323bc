"""The port Recorder over Twilio's REST interface."""

from urllib.parse import quote

import requests

from triage.environment import Environment
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal

TWILIO = "https://api.twilio.com"

MOST_BYTES = 8 * 1024 * 1024  # two minutes of telephone sound are a quarter of that

CHUNK = 64 * 1024


class TwilioRecorder:
    """Fetches and deletes recordings at Twilio, at URLs built from the SID: a posted one could lead anywhere."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def fetch(self, sid: str, timeout_s: float) -> tuple[bytes, str]:
        """Fetch a recording as the port says."""
        answer = self._request("GET", f"{quote(sid, safe='')}.mp3", timeout_s)
        audio = b""
        try:
            for piece in answer.iter_content(CHUNK):
                audio += piece
                if len(audio) > MOST_BYTES:
                    raise DeliveryFailed(Refusal.OTHER)
        except requests.RequestException as fault:
            raise DeliveryUnknown(type(fault).__name__) from None
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip()
        return audio, kind if kind.startswith("audio/") else "audio/mpeg"

    def forget(self, sid: str, timeout_s: float) -> None:
        """Delete a recording as the port says."""
        self._request("DELETE", f"{quote(sid, safe='')}.json", timeout_s)

    def _request(self, method: str, name: str, timeout_s: float) -> requests.Response:
        environment = self._environment
        base = environment.twilio_api_base_url or TWILIO
        account = environment.twilio_account_sid
        credentials = (
            environment.twilio_api_key or account,
            environment.twilio_api_secret or environment.twilio_auth_token,
        )
        url = f"{base}/2010-04-01/Accounts/{account}/Recordings/{name}"
        try:
            answer = requests.request(
                method, url, auth=credentials, timeout=timeout_s, stream=True, allow_redirects=False
            )
        except requests.RequestException as fault:
            raise DeliveryUnknown(type(fault).__name__) from None
        if method == "DELETE" and answer.status_code == 404:
            return answer  # deleted by an answer that was lost
        if not answer.ok or answer.is_redirect:
            raise DeliveryFailed(Refusal.LATER, answer.status_code)
        return answer
