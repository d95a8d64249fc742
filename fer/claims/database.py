"""Claims in a table of a database, ``fer_claims``: across machines, by the database's clock.

Taking a claim is one statement, which the database makes atomic: an INSERT, of which the primary key lets one succeed,
or an UPDATE of a row that has expired, which for a second process has no longer expired.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

import sqlalchemy
from sqlalchemy import BigInteger, Column, MetaData, String, Table, delete, insert, literal_column, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fer.claims.contract import ClaimLostError
from fer.errors import InputError
from fer.redaction import redacted

LEASE = 60
_SHARES_OF_LEASE = 6  # A claim is renewed so often within its lease.
_SECONDS_FOR_LOCK = 30

_CLAIMS = Table(
    "fer_claims",
    MetaData(),
    Column("identity", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
# Seconds since 1970 by the database's clock: those of the machines may differ.
_NOW: Mapping[str, str] = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    "mysql": "UNIX_TIMESTAMP()",
    "mssql": "DATEDIFF_BIG(second, '1970-01-01', SYSUTCDATETIME())",
}


class DatabaseClaims:
    """Claims in the database at an address of SQLAlchemy's; ``lease`` in seconds (whole, at least 2)."""

    spans_machines = True

    def __init__(self, address: str, lease: int = LEASE) -> None:
        """Open the database and make the table if it is not there.

        Raises InputError if the database cannot be opened, or is of a kind whose clock is not known here.
        """
        self._lease = lease
        try:
            url = sqlalchemy.make_url(address)
            kind = url.get_backend_name()
            if kind not in _NOW:
                raise InputError(f"claims cannot be kept in a database of {kind}; give one of {', '.join(_NOW)}.")
            waits = {"timeout": _SECONDS_FOR_LOCK} if kind == "sqlite" else {}
            # No pool: a claim is renewed every ten seconds, and a connection that a fork inherits would be shared.
            self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, connect_args=waits)
            self._now = literal_column(_NOW[kind], BigInteger)
            self._make()
        except (SQLAlchemyError, ModuleNotFoundError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise InputError(
                f"the database of claims {redacted(address)} cannot be opened ({redacted(reason)}); check claims= or "
                "FER_CLAIMS."
            ) from error

    def take(self, identity: str) -> "_DatabaseClaim | None":
        """Return the claim, or None if another process, or another claim of this one, holds it."""
        owner = secrets.token_hex(16)
        values = {"owner": owner, "host": f"{socket.gethostname()}:{os.getpid()}"[:255]}
        times = {"started": self._now, "expires": self._now + self._lease}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_CLAIMS).values(identity=identity, **values, **times))
        except IntegrityError:
            expired = (_CLAIMS.c.identity == identity) & (_CLAIMS.c.expires < self._now)
            with self._engine.begin() as connection:
                if connection.execute(update(_CLAIMS).where(expired).values(**values, **times)).rowcount != 1:
                    return None
        return _DatabaseClaim(self, identity, owner)

    def renew(self, identity: str, owner: str) -> bool:
        """Put the end of a lease off; return whether the claim is still the owner's."""
        mine = (_CLAIMS.c.identity == identity) & (_CLAIMS.c.owner == owner)
        with self._engine.begin() as connection:
            done = connection.execute(update(_CLAIMS).where(mine).values(expires=self._now + self._lease))
            return bool(done.rowcount == 1)

    def remove(self, identity: str, owner: str) -> None:
        """Remove a claim if it is still the owner's."""
        mine = (_CLAIMS.c.identity == identity) & (_CLAIMS.c.owner == owner)
        with self._engine.begin() as connection:
            connection.execute(delete(_CLAIMS).where(mine))

    @property
    def pause(self) -> float:
        """Seconds between two renewals."""
        return self._lease / _SHARES_OF_LEASE

    def _make(self) -> None:
        if sqlalchemy.inspect(self._engine).has_table(_CLAIMS.name):
            return
        try:
            _CLAIMS.create(self._engine)
        except SQLAlchemyError:
            time.sleep(1.0)  # Another process may just have made it.
            if not sqlalchemy.inspect(self._engine).has_table(_CLAIMS.name):
                raise


class _DatabaseClaim:
    """A claim, and the thread that renews it."""

    def __init__(self, store: DatabaseClaims, identity: str, owner: str) -> None:
        self._store, self._identity, self._owner = store, identity, owner
        self._ended = threading.Event()
        threading.Thread(target=self._renew, daemon=True, name="claim").start()

    def check(self) -> None:
        """Raise ClaimLostError if the claim has expired and another process has taken it.

        A database that does not answer says nothing of this: then the claim counts as held.
        """
        with suppress(SQLAlchemyError):
            if not self._store.renew(self._identity, self._owner):
                raise ClaimLostError(
                    "the claim on this work expired while it ran (was the machine suspended?), and another process may "
                    "have done it; give the same command again."
                )

    def release(self) -> None:
        """Give the claim back; one that cannot be removed now expires by itself."""
        self._ended.set()
        with suppress(SQLAlchemyError):
            self._store.remove(self._identity, self._owner)

    def _renew(self) -> None:
        while not self._ended.wait(self._store.pause):
            with suppress(SQLAlchemyError):  # Tried again soon: a lease outlasts several attempts.
                if not self._store.renew(self._identity, self._owner):
                    return
