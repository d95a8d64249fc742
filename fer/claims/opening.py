"""Where claims are kept: a database that is named, the tracking store's own, or files of this machine."""

import os

from fer.claims.contract import ClaimStore
from fer.claims.files import FileClaims
from fer.errors import InputError
from fer.redaction import has_secret
from fer.sentinels import AUTO

CLAIMS_VARIABLE = "FER_CLAIMS"
FILES = "files"


def claims_address(claims: str, tracking: str) -> str:
    """Return where claims are kept: an address of a database, or ``files``.

    ``auto`` is ``FER_CLAIMS``, else the tracking store if that is a database which this process opens itself, else
    ``files``: a tracking server over HTTP does not let its database be asked.

    Raises InputError for an address with a password, but from the variable: parameters are logged on the run.

    Example:
        >>> claims_address("auto", "sqlite:///mlflow.db"), claims_address("auto", "http://127.0.0.1:5000")
        ('sqlite:///mlflow.db', 'files')

    """
    if claims != AUTO:
        if has_secret(claims):
            raise InputError(
                f"claims {claims} holds a password, and `mlflow run` logs parameters as they are; set the environment "
                f"variable {CLAIMS_VARIABLE} instead of claims=, delete this run and change the password."
            )
        return claims
    given = os.environ.get(CLAIMS_VARIABLE)
    if given:
        return given
    is_database = tracking.startswith(("sqlite:///", "postgresql", "mysql", "mssql"))
    return tracking if is_database else FILES


def open_claims(address: str) -> ClaimStore:
    """Return the store of claims at an address: that of a database, or ``files``.

    Raises InputError if the database cannot be opened.
    """
    if address == FILES:
        return FileClaims()
    from fer.claims.database import DatabaseClaims  # SQLAlchemy takes a moment.

    return DatabaseClaims(address)
