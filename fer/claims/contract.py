"""What a store of claims is."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from fer.errors import InputError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


class ClaimLostError(InputError):
    """A claim expired while its holder was working, as when a machine was suspended; another may hold it now."""


class Claim(Protocol):
    """A claim that this process holds."""

    def check(self) -> None:
        """Raise ClaimLostError if the claim has expired and is no longer this process's."""

    def release(self) -> None:
        """Give the claim back; without effect if it is no longer this process's."""


class ClaimStore(Protocol):
    """Takes claims; of several processes that take one at the same time, one gets it.

    Attributes:
        spans_machines: whether processes of other machines see these claims too.

    """

    @property
    def spans_machines(self) -> bool:
        """Whether processes of other machines see these claims too."""

    def take(self, identity: str) -> Claim | None:
        """Return the claim, or None if another process holds it."""


def wait_for(store: ClaimStore, identity: str, waiting: Callable[[], None] = lambda: None) -> Claim:
    """Return the claim once no other process holds it; ``waiting`` is called once if one does."""
    claim, pause = store.take(identity), _FIRST_PAUSE
    if claim is None:
        waiting()
    while claim is None:
        time.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(2 * pause, _LONGEST_PAUSE)
        claim = store.take(identity)
    return claim


@contextmanager
def held(store: ClaimStore, identity: str, waiting: Callable[[], None] = lambda: None) -> Iterator[Claim]:
    """Hold the claim during the block; wait while another process holds it, after calling ``waiting`` once.

    Raises ClaimLostError at the end of the block if the claim expired meanwhile.

    Example::

        with held(open_claims("sqlite:///claims.db"), "0123456789abcdef") as claim:
            compute()

    """
    claim = wait_for(store, identity, waiting)
    try:
        yield claim
        claim.check()
    finally:
        claim.release()
