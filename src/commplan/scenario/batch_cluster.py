"""The engine of a batch on Dask: the one door to ``distributed``."""

import logging
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from commplan.errors import Fault
from commplan.optimise.communities.divide import Part, solve_part
from commplan.outputs.batch_tables import Row
from commplan.problem.result import Result
from commplan.problem.threads import shared_by
from commplan.scenario.batch_run import Outcome, Task, run_task
from commplan.scenario.log import Log
from commplan.texts import LANGUAGES, input_error, load_texts

RETRIES = 3  # workers that a scenario may outlive
_CONNECT_S = 30
_PART_PRIORITY = 10  # the parts of a scenario that has begun go before scenarios that have not


@dataclass(frozen=True)
class ClusterSettings:
    """Where the work is done.

    Parameters
    ----------
    workers : int
        Processes on this machine.
    address : str or None
        Of a scheduler that is there; None starts one here.
    memory : str or None
        Limit for each worker on this machine (``"4GB"``); None shares the machine's evenly.
    """

    workers: int = 1
    address: str | None = None
    memory: str | None = None


#: Scenarios that can be done at once on each machine, by its address.
Hosts = Mapping[str, int]


def run_on_worker(task: Task, hosts: Hosts) -> Outcome:
    """Do a task on a worker; a scenario that is large enough has its parts done by others."""
    solver = None if task.split_units is None else partial(solve_on_workers, hosts=hosts)
    with shared_by(_sharers(hosts)):
        return run_task(task, solver)


def solve_on_workers(parts: Sequence[Part], hosts: Hosts) -> list[Result]:
    """Solve parts on the workers of the cluster that this process works for."""
    from distributed import worker_client

    solve = partial(_solve_on_worker, hosts=hosts)
    with worker_client() as client:
        futures = client.map(solve, parts, pure=False, priority=_PART_PRIORITY)
        return list(client.gather(futures))


def _solve_on_worker(part: Part, hosts: Hosts) -> Result:
    with shared_by(_sharers(hosts)):
        return solve_part(part)


def _sharers(hosts: Hosts) -> int:
    """Return how many scenarios may be under way on the machine of this worker."""
    from distributed import get_worker

    return hosts.get(_host_of(get_worker().address), 1)


def _host_of(address: str) -> str:
    from distributed.comm.addressing import get_address_host

    return str(get_address_host(address))


class Cluster:
    """Tasks on the workers of a scheduler.

    Parameters
    ----------
    client : distributed.Client
    log : Log
        Told of workers that come and go.
    """

    def __init__(self, client: Any, log: Log) -> None:
        self._client = client
        self._log = log
        self._waiting: deque[Task] = deque()
        self._dropped: deque[Task] = deque()
        self._tasks: dict[str, tuple[Task, Any]] = {}
        self._done: queue.Queue[Any] = queue.Queue()
        client.subscribe_topic("all", self._heard)

    @property
    def hosts(self) -> dict[str, int]:
        """Tasks that can be done at once, now, on each machine."""
        found: dict[str, int] = {}
        for address, count in self._client.nthreads().items():
            host = _host_of(address)
            found[host] = found.get(host, 0) + int(count)
        return found

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take on tasks; those of workers that are lost are handed out again."""
        self._waiting.extend(tasks)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give every worker one task: what dies with a worker is one scenario, not its neighbour."""
        if not self._waiting:
            return
        hosts = self.hosts
        while self._waiting and len(self._tasks) < max(1, sum(hosts.values())):
            task = self._waiting.popleft()
            key = f"commplan-{task.token}-{task.case.name}"
            future = self._client.submit(run_on_worker, task, hosts, key=key, pure=False)
            self._tasks[key] = (task, future)
            future.add_done_callback(self._done.put)

    def next(self, timeout_s: float) -> tuple[Task, Outcome | None] | None:
        """Return a task that is over with what came of it; None where none is within the time."""
        if self._dropped:
            return self._dropped.popleft(), None
        self._hand_out()
        try:
            future = self._done.get(timeout=timeout_s)
        except queue.Empty:
            return None
        task = self._tasks.pop(future.key)[0]
        if future.status == "finished":
            return task, future.result()
        if future.status == "error":
            return task, _lost(task, future.exception())
        return task, None

    def drop_waiting(self) -> None:
        """Give back what no worker was given."""
        self._dropped.extend(self._waiting)
        self._waiting.clear()

    def close(self) -> None:
        """Hear no more, before the connection ends."""
        self._client.unsubscribe_topic("all")

    def _heard(self, event: tuple[float, Any]) -> None:
        """Note what the scheduler tells of its workers."""
        message = event[1]
        if not isinstance(message, dict):
            return
        action = message.get("action")
        if action == "add-worker":
            self._log("worker_joined", worker=message.get("worker"))
        elif action == "remove-worker":
            held = message.get("processing-tasks") or {}
            names = [self._tasks[key][0].case.name for key in held if key in self._tasks]
            expected = message.get("expected")
            self._log("worker_left", worker=message.get("worker"), had=names, expected=expected)


def _lost(task: Task, error: BaseException) -> Outcome:
    """Say that the workers of a task died, or what else the cluster made of it."""
    from distributed.scheduler import KilledWorker

    killed = isinstance(error, KilledWorker)
    key = "batch.lost" if killed else "batch.error"
    times = getattr(error, "allowed_failures", RETRIES) + 1
    params = {"times": times, "reason": f"{type(error).__name__}: {error}"}
    faults = {x: [load_texts(x)(key, **params)] for x in LANGUAGES}
    row = Row(task.case.name, task.case.title, "lost" if killed else "failed", 1)
    return Outcome(replace(row, faults=faults), trace="" if killed else repr(error))


@contextmanager
def open_cluster(settings: ClusterSettings, log: Log) -> Iterator[Cluster]:
    """Start workers on this machine, or connect to a scheduler.

    Raises
    ------
    InputError
        Where ``distributed`` is not installed, the limit is no size of memory, or no scheduler
        answers at the address.
    """
    try:
        import dask
        import distributed as distributed_library
    except ImportError:
        raise input_error([Fault("batch.no_dask")]) from None
    distributed: Any = distributed_library
    if settings.address is not None:
        try:
            client = distributed.Client(settings.address, timeout=_CONNECT_S)
        except (OSError, ValueError) as error:
            params = {"address": settings.address, "reason": str(error)}
            raise input_error([Fault("batch.no_scheduler", params)]) from None
        with client, closing(Cluster(client, log)) as cluster:
            yield cluster
        return
    if settings.memory is not None:
        _check_memory(settings.memory)
    config = {"distributed.scheduler.allowed-failures": RETRIES}
    local = {
        "n_workers": settings.workers,
        "threads_per_worker": 1,
        "memory_limit": settings.memory or "auto",
        "dashboard_address": None,
        "silence_logs": logging.CRITICAL,
    }
    with (
        dask.config.set(config),
        distributed.LocalCluster(**local) as workers,
        distributed.Client(workers) as client,
    ):
        client.register_plugin(_own_plugin(distributed.WorkerPlugin))
        with closing(Cluster(client, log)) as engine:
            yield engine


def _check_memory(size: str) -> None:
    from dask.utils import parse_bytes

    try:
        parse_bytes(size)
    except ValueError:
        raise input_error([Fault("batch.bad_memory", {"got": size})]) from None


def _own_plugin(base: Any) -> Any:
    """Make what every worker on this machine is told when it starts."""

    class Unbothered(base):  # type: ignore[misc]
        """Ctrl-C at the terminal reaches every process there; the batch decides what it means."""

        def setup(self, worker: Any) -> None:  # noqa: ARG002
            """Leave Ctrl-C to the batch."""
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Unbothered()
