"""A Slurm of one node, started by hand in a folder of its own, for the tests of `darklat submit`.

Any user can run it: munged with a key of its own, slurmctld and slurmd on free ports, no database.
`cred_expire` is also how long a requeued job waits, 120 s by default.
"""

from __future__ import annotations

import getpass
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
INSTALL = "apt-get install slurm-wlm munge"
NODE = "darklat-test"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # where Debian puts the daemons

CONFIGURATION = """\
ClusterName=darklat
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={root}/munge.socket,cred_expire=6
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
GresTypes=gpu
MpiDefault=none
ReturnToService=2
KillWait=10
MinJobAge=3600
PropagateResourceLimits=NONE
SlurmdParameters=config_overrides
NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 Gres=gpu:1
PartitionName=main Nodes={node} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """What of Slurm is not installed; empty if all is there."""
    return ", ".join(name for name in NEEDED if shutil.which(name, path=PATH) is None)


@dataclass
class Cluster:
    """A running Slurm; `environment` is what its commands need."""

    root: Path
    environment: dict[str, str]
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def call(self, *command: str) -> str:
        """The output of one of Slurm's commands."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def job(self, number: str) -> dict[str, str]:
        """What `scontrol show job` says."""
        words = self.call("scontrol", "--oneliner", "show", "job", number).split(" ")
        return dict(word.partition("=")[::2] for word in words)

    def wait(self, number: str, *states: str, seconds: float = 240) -> dict[str, str]:
        """What Slurm says of a job once it is in one of the states."""
        seen: list[str] = []

        def arrived() -> bool:
            state = self.job(number)["JobState"]
            if seen[-1:] != [state]:
                seen.append(state)
            return state in states

        until(arrived, seconds, lambda: f"job {number} was {seen}, not {states}")
        return self.job(number)


def until(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    """Waits for the condition; fails with what() when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds:g} s: {what()}"
        time.sleep(0.1)


@contextmanager
def running(root: Path) -> Iterator[Cluster]:
    """Starts the daemons in an empty folder, and stops them and all jobs in the end."""
    root.chmod(0o755)
    for name in ("state", "spool"):
        (root / name).mkdir()
    key = root / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    port, node_port = _free_ports()
    (root / "gres.conf").write_text("Name=gpu File=/dev/null\n")
    (root / "slurm.conf").write_text(
        CONFIGURATION.format(
            root=root, host=socket.gethostname().partition(".")[0], node=NODE,
            user=getpass.getuser(), port=port, node_port=node_port,
        )
    )  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH"))}
    environment |= {"SLURM_CONF": str(root / "slurm.conf"), "PATH": PATH}
    cluster = Cluster(root, environment)
    try:
        _start(cluster, "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={root}/munge.socket",
               f"--pid-file={root}/munged.pid", f"--log-file={root}/munged.log", f"--seed-file={root}/munge.seed")  # fmt: skip
        until((root / "munge.socket").exists, 20, lambda: _said(cluster))
        _start(cluster, "slurmctld", "-D", "-i")
        # slurmctld 22.05 may hang when a node speaks to it before it is up.
        until(lambda: " UP" in _asked(cluster, "scontrol", "ping"), 60, lambda: _said(cluster))
        _start(cluster, "slurmd", "-D", "-N", NODE)
        sinfo = ("sinfo", "--noheader", "--format=%T")
        until(lambda: _asked(cluster, *sinfo) == "idle", 60, lambda: _said(cluster))
        yield cluster
    finally:
        _stop(cluster)


def _start(cluster: Cluster, *command: str) -> None:
    with open(cluster.root / f"{command[0]}.out", "wb") as output:
        cluster.daemons.append(
            subprocess.Popen(
                command, env=cluster.environment, stdout=output, stderr=subprocess.STDOUT
            )
        )


def _stop(cluster: Cluster) -> None:
    """Ends all jobs, then the daemons in the opposite order."""
    if len(cluster.daemons) == 3:
        _asked(cluster, "scancel", "--me")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and _asked(cluster, "squeue", "--noheader"):
            time.sleep(0.2)
    for daemon in reversed(cluster.daemons):
        daemon.terminate()
        try:
            daemon.wait(timeout=20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _asked(cluster: Cluster, *command: str) -> str:
    """What Slurm answers, if it does within ten seconds."""
    try:
        done = subprocess.run(
            command,
            env=cluster.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def _said(cluster: Cluster) -> str:
    return "\n".join(
        f"{path.name}: {path.read_text(errors='replace')[-2000:]}"
        for path in sorted(cluster.root.glob("*.out"))
    )


def _free_ports() -> tuple[int, int]:
    """Two ports below those that the kernel gives to outgoing connections, as those of Slurm are:
    a client that asks for a daemon before it listens could get the daemon's own port otherwise."""
    found: list[int] = []
    while len(found) < 2:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found[0], found[1]
