"""Claims: which process computes a thing, so that none is computed twice at the same time.

A claim is taken under an identity (:func:`fer.identity.identity`). It is a lease: its holder renews it while it lives,
and it expires when its holder dies.
"""

from fer.claims.contract import Claim, ClaimLostError, ClaimStore, held, wait_for
from fer.claims.opening import CLAIMS_VARIABLE, claims_address, open_claims

__all__ = [
    "CLAIMS_VARIABLE",
    "Claim",
    "ClaimLostError",
    "ClaimStore",
    "claims_address",
    "held",
    "open_claims",
    "wait_for",
]
