"""What the rules need from outside; fakes stand here in tests."""

from collections.abc import Mapping
from typing import Protocol

from triage.messages import Channel, Reply


class Messenger(Protocol):
    """Sends texts that we start."""

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        """Send one text to an E.164 phone and return the provider's id for it.

        `ref` comes back in delivery receipts. Raises DeliveryFailed when the provider refused it, DeliveryUnknown when
        nobody can say whether it went out.
        """
        ...


class Words(Protocol):
    """Turns keys into the words of templates/."""

    def say(
        self, key: str, lang: str, values: Mapping[str, object] | None = None, channel: Channel = Channel.SMS
    ) -> str:
        """One text, to be read or to be heard. Raises WordsMissing for an unknown key or a missing value."""
        ...

    def texts(self, reply: Reply, lang: str, channel: Channel) -> tuple[str, ...]:
        """A reply as the texts to send, or the sentences to speak, in order."""
        ...
