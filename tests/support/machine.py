"""A Debian machine that boots: systemd as process 1 in a container of its own, without a network.

`Machine` runs commands in it as root (`run`), puts files into it and waits for what happens there. systemd-nspawn gets
control groups of its own and is never killed but asked to end, since SIGKILL would orphan what runs inside. Where it
cannot boot, whoever asks for one is skipped, with the reason.

Not enforced in it: MemoryMax, CPUQuota, TasksMax, IPAddressDeny, and LimitNOFILE above this machine's.
"""

import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.machine_root import laid_over, skipped

# Far beyond what anything here takes on a busy machine.
PATIENCE_S = 240.0
# A package that is installed on a slow machine, with all its byte code; and a boot.
_COMMAND_S = 600.0
_GROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"))
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    """`root`: its file system, as seen from here; /run, /tmp and /dev/shm are its own and not in it."""

    def __init__(self, root: Path, pid: int) -> None:
        self.root = root
        self._pid = pid

    def run(self, *command: str, stdin: str | None = None) -> str:
        """What the command says, stripped; AssertionError with all that it said where it failed."""
        done = self.attempt(*command, stdin=stdin)
        assert done.returncode == 0, f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def attempt(self, *command: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """The command's end, whatever it is."""
        inside = ["nsenter", f"--target={self._pid}", "--all", "env", "-i", _PATH, "LANG=C.UTF-8", "HOME=/root"]
        return subprocess.run(
            [*inside, *command], capture_output=True, text=True, input=stdin or "", timeout=_COMMAND_S, check=False
        )

    def put(self, place: str, content: str | bytes, mode: int = 0o644) -> None:
        """A file, owned by root."""
        path = self.root / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)

    def wait(self, done: Callable[[], bool], what: str, unit: str = "kiosk-agent.service") -> None:
        """Wait until `done`; else AssertionError with the state and the log of `unit`."""
        until = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > until:
                state = self.attempt("systemctl", "status", "--no-pager", "--lines=0", unit).stdout
                log = self.attempt("journalctl", "--no-pager", "--lines=60", "--output=cat", f"--unit={unit}").stdout
                raise AssertionError(f"not in time: {what}\n{state}\n{log}")
            time.sleep(0.1)  # between two looks; the wait is for `done`

    def shows(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", unit, f"--property={name}", "--value")

    def main_pid(self, unit: str) -> int:
        """0 while the service does not run."""
        return int(self.shows(unit, "MainPID"))

    def signal(self, number: int, pid: int) -> None:
        self.run("kill", f"-{signal.Signals(number).value}", str(pid))


@contextmanager
def booted(base: Path, folder: Path) -> Iterator[Machine]:
    """A machine with the system of `base`; what it writes is in `folder`, and gone afterwards."""
    if shutil.which("systemd-nspawn") is None or shutil.which("nsenter") is None:
        raise skipped("systemd-nspawn (Debian's systemd-container) or nsenter is not installed")
    # One process may have several of them at a time, and another's control groups may be left under its number.
    name = f"kiosk-test-{uuid.uuid4().hex[:12]}"
    with laid_over(base, folder / "system") as root, _groups(name) as enter:
        # Packages come and go here by the dozen, and nothing must survive a power cut.
        (root / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")
        # What Debian does each day, at an hour of its choice, locks the packages and writes files in mid-test.
        (root / "etc/systemd/system/timers.target").symlink_to("/dev/null")
        said = folder / "console.log"
        command = [
            *("systemd-nspawn", f"--directory={root}", "--boot", "--register=no", "--keep-unit", f"--machine={name}"),
            *("--private-network", "--kill-signal=SIGRTMIN+3", "--console=pipe", "--link-journal=no"),
            *("--resolv-conf=off", "--timezone=off"),
        ]
        with said.open("wb") as console:
            spawn = subprocess.Popen(
                ["sh", "-c", f'{enter} exec "$@"', "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                # The container's systemd has cgroups in version 2 only, whatever this machine's has.
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        try:
            machine = _up(spawn, root, said)
            yield machine
        finally:
            spawn.terminate()
            try:
                spawn.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                spawn.terminate()  # asked once more: an end at once, without the services'
                spawn.wait(PATIENCE_S)


def _up(spawn: "subprocess.Popen[bytes]", root: Path, said: Path) -> Machine:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and spawn.poll() is None:
        children = Path(f"/proc/{spawn.pid}/task/{spawn.pid}/children").read_text().split()
        for child in filter(_is_process_1, children):
            machine = Machine(root, int(child))
            state = machine.attempt("systemctl", "is-system-running", "--wait").stdout.strip()
            if state in ("running", "degraded"):
                return machine
        time.sleep(0.1)  # between two looks
    last = (said.read_text(errors="replace").strip() or "it said nothing").splitlines()[-1]
    raise skipped(f"systemd-nspawn cannot boot a Debian system here: {last}")


def _is_process_1(pid: str) -> bool:
    """Whether it is that in a namespace of its own."""
    with suppress(OSError):
        numbers = re.search(r"^NSpid:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return numbers is not None and numbers[1].split()[1:] == ["1"]
    return False


@contextmanager
def _groups(name: str) -> Iterator[str]:
    """Control groups of the container's own; answers the shell's words that move a process into them."""
    whole = Path("/sys/fs/cgroup")
    parents = [whole] if (whole / "cgroup.controllers").exists() else [each for each in _GROUPS if each.is_dir()]
    made = [parent / name for parent in parents]
    try:
        for each in made:
            each.mkdir()
    except OSError as error:
        raise skipped(f"control groups cannot be made here: {error.strerror}") from error
    try:
        yield "".join(f"echo $$ > {each}/cgroup.procs && " for each in made)
    finally:
        for each in made:
            # A group goes after those in it; the last processes leave a moment after the container's end.
            until = time.monotonic() + 10.0
            while each.exists() and time.monotonic() < until:
                for inner in sorted((path for path in each.rglob("*") if path.is_dir()), reverse=True):
                    with suppress(OSError):
                        inner.rmdir()
                with suppress(OSError):
                    each.rmdir()
                time.sleep(0.05)  # between two tries
