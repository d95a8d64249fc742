"""Run jobs on a Ray cluster: an existing one by its address, or one on this machine that is started for them.

Ray places each job by the CPUs, GPUs and memory that it asks for, and starts a job whose worker or machine is lost
again elsewhere. What is sent is pickled; the machines need this code at the same path, or installed.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import Field

from fer.errors import InputError
from fer.launching import worker
from fer.launching.contract import Job, Launcher, Result
from fer.options import Options as _Options
from fer.progress import announce, say

_LOCAL = "127.0.0.1"
_SECONDS_BETWEEN_LOOKS = 30.0
# No line of each worker in the caller's terminal, and no figures of usage sent to Ray's makers.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


class Options(_Options):
    """The cluster's address (None: one on this machine is started), what a job asks for, and how often it is repeated.

    ``cpus`` and ``gpus`` of a job (a share of a GPU such as 0.5, too), ``memory`` in GB (None: not asked for),
    ``threads`` of its computation (None: as many as CPUs).
    """

    address: str | None = None
    cpus: int = Field(default=1, ge=1)
    gpus: float = Field(default=0, ge=0)
    memory: float | None = Field(default=None, gt=0)
    threads: int | None = Field(default=None, ge=1)
    retries: int = Field(default=3, ge=0)


def open(options: Options, workers: int | None = None) -> Launcher:
    """Return the launcher; ``workers``: jobs that are given to Ray at a time; None: all, which Ray queues.

    Raises InputError if Ray is not installed.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
    if _has_token():  # `ray start` takes it by itself, a program that connects does not.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "launcher ray needs the package ray, which is not installed; install it by `pip install "
            "'fair-fer[cluster]'`."
        ) from error
    return _Ray(ray, options, workers)


def _has_token() -> bool:
    """Return whether there is a token for Ray's clusters where Ray looks for one."""
    given = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    return given or (Path.home() / ".ray" / "auth_token").is_file()


class _Ray:
    def __init__(self, ray: ModuleType, options: Options, workers: int | None) -> None:
        self._ray, self._options, self._workers = ray, options, workers

    def __call__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
        lost: Callable[[Job, str], Result],
    ) -> list[Result]:
        if not jobs:
            return []
        ray = self._ray
        mine = not ray.is_initialized()
        # Ray prints what it says of lost machines, among the tables of the caller.
        with redirect_stdout(sys.stderr):
            if mine:
                self._start()
            try:
                return self._run(jobs, work, began, ended, lost)
            finally:
                if mine:
                    ray.shutdown()

    def _has_room(self) -> bool:
        """Return whether a machine of the cluster could take a job, were it idle."""
        wanted = {"CPU": self._options.cpus, "GPU": self._options.gpus}
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        return any(all(node.get(name, 0) >= number for name, number in wanted.items()) for node in nodes)

    def _start(self) -> None:
        options, ray = self._options, self._ray
        announce("starting Ray here" if options.address is None else f"connecting to Ray at {options.address}")
        here: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
        if options.address is None:
            here |= {"include_dashboard": False, "_node_ip_address": _LOCAL}
        try:
            ray.init(address=options.address or "local", **here)
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
            raise InputError(
                f"there is no Ray cluster at {options.address} ({str(error).splitlines()[0]}); start one (`ray start "
                "--head`), or leave address out for one on this machine."
            ) from error
        short = [
            f"{wanted:g} {name}s"
            for name, wanted in (("CPU", options.cpus), ("GPU", options.gpus))
            if wanted > max((node["Resources"].get(name, 0) for node in ray.nodes()), default=0)
        ]
        if short:
            ray.shutdown()
            raise InputError(f"no machine of the Ray cluster has {' and '.join(short)} for a job; ask for fewer.")

    def _run(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Result],
        began: Callable[[Job], None],
        ended: Callable[[Result], None],
        lost: Callable[[Job, str], Result],
    ) -> list[Result]:
        options, ray = self._options, self._ray
        path = os.pathsep.join(filter(None, [str(worker.package_root()), os.environ.get("PYTHONPATH")]))
        # Read at the start of a worker. Addresses with passwords are not among them: Ray shows these variables.
        starts_with = worker.thread_variables(options.threads or options.cpus) | {"PYTHONPATH": path}
        remote = ray.remote(_done).options(
            num_cpus=options.cpus,
            num_gpus=options.gpus,
            memory=None if options.memory is None else int(options.memory * 1e9),
            max_retries=options.retries,
            runtime_env={"env_vars": starts_with},
        )
        surroundings = ray.put((os.getcwd(), worker.passed_environment()))
        told = False
        waiting, running, results = list(range(len(jobs))), dict[Any, int](), dict[int, Result]()
        try:
            while waiting or running:
                while waiting and len(running) < (self._workers or len(jobs)):
                    number = waiting.pop(0)
                    running[remote.remote(surroundings, work, jobs[number])] = number
                    began(jobs[number])
                ready, _ = ray.wait(list(running), num_returns=1, timeout=_SECONDS_BETWEEN_LOOKS)
                alone = not ready and not self._has_room()
                if alone and not told:
                    say("warning: no machine of the Ray cluster is left for a job; they wait until one joins it.")
                told = alone
                for reference in ready:
                    number = running.pop(reference)
                    try:
                        result = ray.get(reference)
                    except ray.exceptions.RayTaskError as error:
                        raise (error.cause if isinstance(error.cause, Exception) else error) from None
                    except ray.exceptions.RayError as error:
                        reason = str(error).splitlines()[0].rstrip(".")
                        result = lost(
                            jobs[number], f"its worker on Ray was lost {options.retries + 1} times ({reason})."
                        )
                    results[number] = result
                    ended(result)
        except BaseException:
            for reference in running:
                ray.cancel(reference, force=False)
            raise
        return [results[number] for number in range(len(jobs))]


def _done(surroundings: tuple[str, dict[str, str]], work: Callable[[Job], Result], job: Job) -> Result:
    worker.prepare()
    worker.enter(*surroundings)
    return work(job)
