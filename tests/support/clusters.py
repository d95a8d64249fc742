"""Real clusters of two machines on this one: Ray's on loopback, and Slurm's as Debian has it.

Each has ports, sockets and folders of its own, so that others run beside it, and leaves nothing behind. Programs that
use one get its ``environment``.
"""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# Where Debian has what an administrator starts.
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
_SLURM = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")


def until(what: str, true: Callable[[], bool], seconds: float = 240.0, pause: float = 0.5) -> None:
    """Wait until something is true; TimeoutError, which says what, if it is not within these seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)


def ray_is_missing() -> str | None:
    """Return why there can be no Ray cluster here, None if there can."""
    return None if find_spec("ray") else "Ray is not installed (pip install '.[cluster]')"


def slurm_is_missing() -> str | None:
    """Return why there can be no Slurm cluster here, None if there can."""
    if find_spec("submitit") is None:
        return "submitit is not installed (pip install '.[cluster]')"
    missing = [name for name in _SLURM if shutil.which(name, path=_PLACES) is None]
    return f"{missing[0]} is missing (on Debian: apt-get install munge slurmctld slurmd)" if missing else None


class RayNodes:
    """A Ray cluster of three sessions of processes: a head without CPUs, and two nodes of one CPU each.

    Attributes:
        address: of the cluster.
        environment: what a program needs to be let in, and to leave no files elsewhere.

    """

    def __init__(self) -> None:
        port, *others = _free_ports(6)
        # A short path: that of a socket may have 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="ray-"))
        self.address = f"127.0.0.1:{port}"
        # Ray lets in who has the cluster's token.
        self.environment = {
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_AUTH_MODE": "token",
            "RAY_TMPDIR": str(self._folder),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        self._environment = {
            **os.environ,
            **self.environment,
            "PYTHONPATH": str(ROOT),
            "RAY_worker_niceness": "0",
            # A machine that is gone is noticed in five seconds, not in thirty.
            "RAY_health_check_initial_delay_ms": "1000",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_timeout_ms": "10000",
        }
        self._nodes: list[subprocess.Popen] = []
        try:
            head = (f"--port={port}", f"--ray-client-server-port={others.pop()}", "--include-dashboard=false")
            self._start("--head", "--num-cpus=0", f"--dashboard-agent-listen-port={others.pop()}", *head)
            until("the head of the Ray cluster", lambda: _listens(port) and self._raylets() == 1)
            for number in (2, 3):  # One after another, as two that start at once would take the same socket.
                agent = f"--dashboard-agent-listen-port={others.pop()}"
                self._start(f"--address={self.address}", "--num-cpus=1", agent)
                until(f"machine {number} of the Ray cluster", lambda number=number: self._raylets() == number)
            until("three machines of the Ray cluster", lambda: self._there() == 3)
        except BaseException:
            self.stop()
            raise

    def _start(self, *words: str) -> None:
        fixed = ("--node-ip-address=127.0.0.1", "--object-store-memory=200000000", "--block")
        command = [_beside_python("ray"), "start", *fixed, *words]
        self._nodes.append(subprocess.Popen(command, env=self._environment, start_new_session=True, **_SILENT))

    def _raylets(self) -> int:
        """Return how many machines have begun here; to ask Ray takes seconds of computation."""
        for node in self._nodes:
            if node.poll() is not None:
                raise RuntimeError(f"a node of Ray ended with {node.returncode} when it started")
        return len(list(self._folder.glob("**/sockets/raylet*")))

    def _there(self) -> int:
        """Return how many machines, the head among them, the cluster has."""
        asked = [_beside_python("ray"), "status", f"--address={self.address}"]
        shown = subprocess.run(asked, env=self._environment, capture_output=True, text=True, check=False).stdout
        return shown.count("node_")

    @property
    def last(self) -> int:
        """Return the session, by its number, of the processes of the node that :meth:`kill_last` kills."""
        return self._nodes[-1].pid

    def kill_last(self) -> None:
        """Kill a node with all its processes, as a machine that loses its power."""
        _end_session(self._nodes.pop(), signal.SIGKILL)

    def stop(self) -> None:
        """Stop what is left, and remove its files."""
        for node in reversed(self._nodes):
            _end_session(node, signal.SIGTERM)
        shutil.rmtree(self._folder, ignore_errors=True)


class SlurmNodes:
    """A Slurm cluster on this machine: its controller and two nodes of one CPU each.

    Attributes:
        environment: what a program needs to find it.

    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.environment = {"SLURM_CONF": str(self._folder / "slurm.conf")}
        self._environment = {**os.environ, **self.environment}
        for name in ("state", "spool.node1", "spool.node2"):
            (self._folder / name).mkdir()
        key = self._folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        (self._folder / "slurm.conf").write_text(self._configuration())
        self._daemons: list[subprocess.Popen] = []
        try:
            files = {
                "key-file": key,
                **{f"{name}-file": self._folder / f"munge.{name}" for name in ("pid", "seed", "log")},
            }
            self._start("munged", "--foreground", "--force", f"--socket={self._folder}/munge.socket",
                        *(f"--{name}={file}" for name, file in files.items()))  # fmt: skip
            until("munged", (self._folder / "munge.socket").exists)
            self._start("slurmctld", "-D")
            for node in ("node1", "node2"):
                self._start("slurmd", "-D", "-N", node)
            until("two idle nodes of Slurm", lambda: self._asked("sinfo", "-h", "-o", "%T %D").strip() == "idle 2")
        except BaseException:
            self.stop()
            raise

    def _configuration(self) -> str:
        name, folder, user = socket.gethostname().split(".")[0], self._folder, getpass.getuser()
        controller, first, second = _free_ports(3)
        # Of each node half the machine's, but more than a job asks for.
        memory = min(8000, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 * 9 // 20)
        return f"""ClusterName=loopback
SlurmctldHost={name}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
SlurmctldPort={controller}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=5
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=60
InactiveLimit=0
KillWait=5
NodeName=node1 NodeHostname={name} NodeAddr=127.0.0.1 Port={first} CPUs=1 RealMemory={memory}
NodeName=node2 NodeHostname={name} NodeAddr=127.0.0.1 Port={second} CPUs=1 RealMemory={memory}
PartitionName=faces Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
"""

    def _start(self, name: str, *words: str) -> None:
        program = shutil.which(name, path=_PLACES)
        assert program is not None
        self._daemons.append(
            subprocess.Popen([program, *words], env=self._environment, start_new_session=True, **_SILENT)
        )

    def _asked(self, *words: str) -> str:
        return subprocess.run(words, env=self._environment, capture_output=True, text=True, check=False).stdout

    def running(self) -> list[str]:
        """Return the ids of the jobs that run."""
        return self._asked("squeue", "-h", "--array", "-t", "R", "-o", "%i").split()

    def cancel(self, job: str) -> None:
        """Cancel a job."""
        subprocess.run(["scancel", job], env=self._environment, check=True)

    def stop(self) -> None:
        """End the jobs and the cluster, and remove its files."""
        if len(self._daemons) == 4:
            self._asked("scancel", f"--user={getpass.getuser()}")
            with suppress(TimeoutError):
                until("no jobs in Slurm", lambda: not self._asked("squeue", "-h"), 20)
        for daemon in reversed(self._daemons):
            _end_session(daemon, signal.SIGTERM)
        shutil.rmtree(self._folder, ignore_errors=True)


def _end_session(leader: subprocess.Popen, with_signal: signal.Signals) -> None:
    """Send a signal to the group of a process that we started, and kill what has not ended after 20 seconds."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, with_signal)
    with suppress(subprocess.TimeoutExpired):
        leader.wait(20)
    for process in _session(leader.pid):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    leader.wait()


def _session(number: int) -> list[int]:
    """Return the processes of a session, in which all that a program has started stays."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getsid(int(place.name)) == number:
                found.append(int(place.name))
    return found


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    """Return different ports of 127.0.0.1 that nobody has."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
