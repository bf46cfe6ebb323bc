"""By what guesses at passwords and codes are counted: account, browser, address, and all strangers together."""

from ipaddress import ip_address, ip_network

from flask import request

from triage.policy import MOST_GUESSES_OF_ADDRESS, MOST_GUESSES_OF_STRANGERS
from triage.store.keys import storable
from triage.store.sign_ins import Counter

# Whoever has one IPv6 address has as many.
IPV6_OF_ONE = 64
# This machine, and the inner networks on which hosts put their proxies.
BESIDE_US = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7")
    )
)


def of_sign_in(login: str, staff_id: int | None, device: str) -> tuple[Counter, ...]:
    """Return what a password for this login counts by; staff_id: whose account was found, whatever was typed.

    device: of a browser in which its owner has signed in. Those are counted by themselves, so that no stranger shuts
    the owner out.
    """
    who = ("member", str(staff_id)) if staff_id is not None else ("typed", storable(login).casefold())
    if device:
        return (Counter(("sign_in", *who, device)),)
    return (
        Counter(("sign_in", *who)),
        Counter(("address", address()), MOST_GUESSES_OF_ADDRESS),
        Counter(("strangers",), MOST_GUESSES_OF_STRANGERS),
    )


def of_member(purpose: str, staff_id: int, browser: str = "") -> tuple[Counter, ...]:
    """Return what a guess of somebody counts by who is past the password. browser: a token of theirs."""
    return (Counter((purpose, str(staff_id), browser)),)


def address() -> str:
    """Return the address that a request came from, as far as it can be known.

    A proxy beside us adds, behind whatever the browser claimed, whom it heard; from elsewhere nothing of that counts.
    """
    near = request.remote_addr or ""
    added = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return _of_one(added) or near if added and _is_beside_us(near) else _of_one(near) or near


def _is_beside_us(near: str) -> bool:
    try:
        return any(ip_address(near) in network for network in BESIDE_US)
    except ValueError:
        return False


def _of_one(written: str) -> str:
    """Return an address, or the network that one customer has; "" for what is none."""
    try:
        found = ip_address(written)
    except ValueError:
        return ""
    return str(ip_network((found, IPV6_OF_ONE), strict=False)) if found.version == 6 else str(found)
