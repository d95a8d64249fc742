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

DEPLOY = Path(__file__).parents[2] / "deploy"
SECRETS = ("mlflow_database_password", "optuna_database_password", "mlflow_admin_password", "mlflow_flask_key")
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
            options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
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
        for attempt in range(20):
            try:
                self.run("pg_ctl", "--pgdata", self.folder, "--log", log, "--wait", "--options", words, "start")
            except subprocess.CalledProcessError:  # What a killed one leaves behind takes a moment to end.
                if attempt == 19:
                    raise
                time.sleep(0.5)
            else:
                return

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
        """Back a database up, with the owners of its tables."""
        content = self.run("pg_dump", *self._where, "--format=plain", database).stdout
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


class Team:
    """The parts of deploy/ on this machine: databases made and server started by the scripts there.

    Attributes:
        address: the server's.
        secrets: by name, as deploy/make_secrets.sh makes them.
        folder: where the server runs, with its log.

    """

    def __init__(
        self,
        database: Postgres,
        folder: Path,
        store: dict[str, str] | None = None,
        known: dict[str, str] | None = None,
    ):
        self._database, self.folder, self._store = database, folder, store or {}
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / "secrets"
        place.mkdir(0o700)
        self.secrets = known or {name: secrets.token_hex(12) for name in SECRETS}
        if store is not None:
            self.secrets |= {
                "s3_access_key": store["AWS_ACCESS_KEY_ID"],
                "s3_secret_key": store["AWS_SECRET_ACCESS_KEY"],
            }
        for name, secret in self.secrets.items():
            (place / name).write_text(secret)
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_TRACKING", "AWS_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "FER_SECRETS": str(place), "PGHOST": "127.0.0.1", "PGPORT": str(database.port),
        }  # fmt: skip
        given = {"PGPASSWORD": database.password, "POSTGRES_USER": "fer"}
        subprocess.run(["sh", str(DEPLOY / "make_databases.sh")], env=self._environment | given, check=True)

    def database(self, name: str) -> str:
        """Return the address of a database for the user of MLflow, with the password."""
        password = self.secrets["mlflow_database_password"]
        return f"postgresql+psycopg2://mlflow:{password}@127.0.0.1:{self._database.port}/{name}"

    @contextmanager
    def served(self, workers: int = 1) -> Iterator[None]:
        """Run the server during the block."""
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        artifacts = {} if self._store else {"FER_ARTIFACTS": str(self.folder / "artifacts")}
        environment = {
            **self._environment, **artifacts, "FER_BUCKET": "artifacts", "FER_HOST": "localhost", "FER_PORT": "8443",
            "FER_WORKERS": str(workers), "FER_LISTEN": "127.0.0.1", "FER_LISTEN_PORT": str(port),
            "MLFLOW_AUTH_CONFIG_PATH": str(DEPLOY / "basic_auth.ini"),
            "MLFLOW_S3_ENDPOINT_URL": self._store.get("MLFLOW_S3_ENDPOINT_URL", ""),
        }  # fmt: skip
        log = open(self.folder / "server.log", "a")  # noqa: SIM115 - open as long as the server writes to it
        process = subprocess.Popen(
            ["sh", str(DEPLOY / "start_mlflow.sh")], stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
            env=environment,
        )  # fmt: skip
        try:
            self._wait(process)
            yield
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
            log.close()

    def _wait(self, process: subprocess.Popen) -> None:
        for _ in range(240):
            with suppress(requests.RequestException):
                if requests.get(f"{self.address}/health", timeout=1).ok:
                    return
            if process.poll() is not None:
                break
            time.sleep(0.5)
        pytest.fail(f"the server did not start: {(self.folder / 'server.log').read_text()[-3000:]}")
