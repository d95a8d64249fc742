"""Who may use the app: everyone on this machine; from other machines only those who know the shared secret.

An app that other machines reach shows them what its models say and accepts their pictures, so it is not opened to them
by an address alone: either it asks for a secret itself, or a proxy before it decides who may come in.
"""

import hashlib
import hmac
import ipaddress
import os
import threading
from collections.abc import MutableMapping

from fer.errors import InputError

SECRET = "FER_APP_SECRET"
_LEAST_LETTERS = 12
# Wrong secrets in a row that cost no waiting, and the longest wait, in seconds.
_FREE, _LONGEST = 5, 60.0


def is_of_this_machine(address: str) -> bool:
    """Return whether an address can be reached from this machine only.

    Example:
        >>> is_of_this_machine("127.0.0.1"), is_of_this_machine("localhost"), is_of_this_machine("0.0.0.0")
        (True, True, False)

    """
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def secret_for(address: str, proxy: bool, environment: MutableMapping[str, str] = os.environ) -> str | None:
    """Return the shared secret to be asked for; None where none is needed.

    It is read from the environment variable FER_APP_SECRET and removed from it, so that no process started later
    inherits it. Raises InputError for an address that other machines reach with neither a secret nor a proxy, and for a
    secret that is too short.
    """
    secret = environment.pop(SECRET, "")
    if secret:
        if len(secret) < _LEAST_LETTERS:
            raise InputError(f"the secret in {SECRET} is shorter than {_LEAST_LETTERS} letters; set a longer one.")
        return secret
    if is_of_this_machine(address) or proxy:
        return None
    raise InputError(
        f"the address {address} can be reached from other machines, which could then use this machine's models and see "
        f"what the app shows; set a shared secret in the environment variable {SECRET}, or give proxy=true if a proxy "
        "before the app asks who comes in."
    )


class Gate:
    """Compares given secrets with the right one, and makes those who try many wait.

    Example:
        >>> gate = Gate("a long shared secret")
        >>> gate.opens("a guess", now=0.0), gate.opens("a long shared secret", now=1.0)
        (False, True)

    """

    def __init__(self, secret: str) -> None:
        self._digest = _digest(secret)
        self._lock = threading.Lock()
        self._wrong, self._closed_until = 0, 0.0

    def wait(self, now: float) -> float:
        """Return for how many seconds no secret is looked at."""
        with self._lock:
            return max(0.0, self._closed_until - now)

    def opens(self, given: str, now: float) -> bool:
        """Return whether ``given`` is the secret, at ``now`` in seconds; False, without a look, while one must wait."""
        with self._lock:
            if now < self._closed_until:
                return False
            # Digests of equal length: the time of the comparison says nothing of the secret, not even its length.
            if hmac.compare_digest(_digest(given), self._digest):
                self._wrong = 0
                return True
            self._wrong += 1
            if self._wrong >= _FREE:
                self._closed_until = now + min(_LONGEST, 2.0 ** (self._wrong - _FREE))
            return False


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
