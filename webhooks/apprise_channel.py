"""The port OutsideChannel by e-mail, chat and webhooks, over the package apprise."""

import logging
from typing import TYPE_CHECKING

import structlog

from triage.environment import Environment

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

log = structlog.get_logger()

# For the connection, and for each answer.
TIMEOUT_S = 5.0


class AppriseChannel:
    """Sends to every address of ALERT_URLS. They hold passwords, so neither a log nor a page shows them."""

    def __init__(self, environment: Environment) -> None:
        self._urls = environment.alert_urls

    @property
    def is_set_up(self) -> bool:
        return bool(self._urls)

    def tell(self, title: str, body: str) -> bool:
        """Send one message to all addresses; True if one of them took it. Never raises."""
        return any(list(self.tell_each(title, body).values()))

    def tell_each(self, title: str, body: str) -> dict[int, bool]:
        """Return for each address, counted from 1, whether it took the message."""
        return {number: _told(url, title, body) for number, url in enumerate(self._urls, 1)}


def _told(url: str, title: str, body: str) -> bool:
    try:
        # Loaded at the first use: it takes a second, and a clock that starts has alerts to send.
        from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

        # What it logs may quote an address with its password.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        sender: Apprise = Apprise(asset=AppriseAsset(app_id="Clinic line"))
        service: NotifyBase | None = Apprise.instantiate(url, asset=sender.asset, suppress_exceptions=True)
        if service is None:
            return False
        service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT_S
        sender.add(service)
        return bool(
            sender.notify(body=body, title=title, notify_type=NotifyType.FAILURE, body_format=NotifyFormat.TEXT)
        )
    except Exception as fault:
        log.error("outside_channel_fault", fault=type(fault).__name__)
        return False
