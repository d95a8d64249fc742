"""A team's server as deploy/ describes it, on this machine: PostgreSQL, and `mlflow server` with authentication."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from tracking_servers import free_port

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
# What a test's database may lose when the machine dies; what it must not lose when its process does, it keeps.
_FAST = ("fsync=off", "full_page_writes=off")


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, None if it is not installed."""
    if _PROGRAMS:
        return _PROGRAMS[-1]
    found = shutil.which("initdb")
    return None if found is None else Path(found).parent


class Postgres:
    """A PostgreSQL cluster of its own: on a free port of 127.0.0.1, with a password, in ``folder``."""

    def __init__(self, folder: Path, settings: Sequence[str] = _FAST):
        self.folder, self.port, self.password = folder / "data", free_port(), secrets.token_hex(12)
        self._settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        given = folder / "password"
        given.write_text(self.password)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root; its user must reach the folder.
            for place in (folder, *folder.parents):
                if place.owner() == "root" and not place.stat().st_mode & 0o001:
                    place.chmod(place.stat().st_mode | 0o011)
            shutil.chown(folder, "postgres")
            shutil.chown(given, "postgres")
        self.run("initdb", "--pgdata", self.folder, "--username=fer", f"--pwfile={given}", "--auth=scram-sha-256",
                 "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        given.unlink()
        self.start()

    def address(self, database: str) -> str:
        """Return the address of a database, with the password."""
        return f"postgresql+psycopg2://fer:{self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *words: object, **options: object) -> subprocess.CompletedProcess:
        """Run one of PostgreSQL's programs, as its user; the password is in the environment, as `ps` shows commands."""
        folder = postgres_programs()
        assert folder is not None
        command = [str(folder / program), *map(str, words)]
        if os.geteuid() == 0:
            command = ["runuser", "--user", "postgres", "--", *command]
        environment = {**os.environ, "PGPASSWORD": self.password, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, env=environment, cwd="/", capture_output=True, text=True, check=True, timeout=120, **options
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [*self._settings, f"port={self.port}", "listen_addresses=127.0.0.1", "max_connections=200",
                    f"unix_socket_directories={self.folder}"]  # fmt: skip
        words = " ".join(f"-c {setting}" for setting in settings)
        log = self.folder.parent / "data" / "log"
        self.run("pg_ctl", "--pgdata", self.folder, "--log", log, "--wait", "--options", words, "start")

    def kill(self) -> None:
        """Kill it at once, with all that its clients were doing."""
        main = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(main, signal.SIGKILL)
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "--pgdata", self.folder, "--mode=immediate", "--wait", "stop")

    def stop(self) -> None:
        """Stop it; it may be stopped already."""
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "--pgdata", self.folder, "--mode=immediate", "--wait", "stop")

    def create(self, database: str) -> str:
        """Create a database; return its address."""
        self.run("createdb", *self._where, database)
        return self.address(database)

    def dump(self, database: str, file: Path) -> None:
        """Back a database up, as docs/team_server.md says."""
        content = self.run("pg_dump", *self._where, "--format=plain", "--no-owner", database).stdout
        file.write_text(content)

    def restore(self, database: str, file: Path) -> None:
        """Restore a back-up into an empty database."""
        self.run("psql", *self._where, "--quiet", "--set=ON_ERROR_STOP=1", database, input=file.read_text())

    @property
    def _where(self) -> list[str]:
        return ["--host=127.0.0.1", f"--port={self.port}", "--username=fer"]


@contextmanager
def postgres(folder: Path, settings: Sequence[str] = _FAST) -> Iterator[Postgres]:
    """Give a running PostgreSQL; skip the test, with the reason, where it is not installed."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    database = Postgres(folder, settings)
    try:
        yield database
    finally:
        database.stop()


@contextmanager
def team_server(
    folder: Path,
    store: str,
    users: str,
    artifacts: str | None = None,
    workers: int = 1,
    environment: dict | None = None,
) -> Iterator[tuple[str, str]]:
    """Give the address and the administrator's password of `mlflow server` with authentication.

    ``store`` and ``users`` are addresses of databases; ``artifacts`` a folder or an ``s3://`` address. Secrets go by
    the environment and by a file that others cannot read: a command line is for all to see.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_hex(12)
    settings = folder / "auth.ini"
    settings.touch(0o600)
    settings.write_text(
        "[mlflow]\ndefault_permission = EDIT\n"
        f"database_uri = {users}\nadmin_username = admin\nauth_cache_ttl_seconds = 60\n"
    )
    command = [
        sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "--artifacts-destination",
        artifacts or str(folder / "artifacts"), "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
    ]  # fmt: skip
    given = {
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": store,
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_AUTH_ADMIN_PASSWORD": password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(16),
        # Its eight consumers of jobs, a Python process with MLflow each, would take most of the time to start.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        **(environment or {}),
    }
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        given.pop(name, None)
    log = open(folder / "server.log", "w")  # noqa: SIM115 - open as long as the server writes to it
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder, env=given)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(requests.RequestException):
                if requests.get(f"{address}/health", timeout=1).ok:
                    break
            if process.poll() is not None:
                break
            time.sleep(0.5)
        else:
            process.kill()
        if process.poll() is not None:
            pytest.fail(f"the server did not start: {(folder / 'server.log').read_text()[-3000:]}")
        yield address, password
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()
