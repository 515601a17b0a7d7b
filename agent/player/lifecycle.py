"""How a player host comes to life and ends: a strategy.

Contract: `start` brings a host that will dial our socket; `ended` tells that it will not (any more); `kill` makes sure
that it is gone. `Child` starts and ends a process of ours.
Rules: always a fresh interpreter (`sys.executable -m`), never a fork: the agent has threads. The child is in a session
of its own, so that Ctrl-C on our terminal reaches only us, and asks the kernel to die with us.
Reasons: decision 32; a host that is a service of its own (unit mode) is another strategy and is never ended by us.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from agent.player.hostoptions import HostArguments, HostOptions, command_line, environment

# Only to reap after SIGKILL; a process in an uninterruptible driver call may take longer and is left to init.
REAP_WITHIN_S = 2.0


class Lifecycle(Protocol):
    """What the supervisor needs of a way to run hosts."""

    def configure(self, options: HostOptions) -> None:
        """What the next start is given; for any thread."""
        ...

    def start(self, run: int, *, careful: bool, without: tuple[str, ...]) -> None:
        """Have a host dial our socket as run `run`.

        `careful`: the last one ended before it said a word. `without`: VLC options that an earlier one found refused.
        """
        ...

    def ended(self) -> str | None:
        """Why no host will dial (any more), or None while one may."""
        ...

    def wait(self, timeout: float) -> None:
        """Give a host whose line has ended at most `timeout` seconds to end, too."""
        ...

    def kill(self) -> None:
        """Make sure that the host is gone."""
        ...


class Child:
    """A host that is started and ended by the agent, from the thread that supervises it: it dies with that thread."""

    def __init__(self, socket_path: Path, options: HostOptions) -> None:
        self._socket_path = socket_path
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, options: HostOptions) -> None:
        self._options = options

    def start(self, run: int, *, careful: bool, without: tuple[str, ...]) -> None:
        options = self._options
        arguments = HostArguments(self._socket_path, run, os.getpid(), careful, options, without)
        variables = environment()
        if options.headless:
            # Where it is missing, libwayland complains on stderr each time that libvlc looks for a screen.
            variables.setdefault("XDG_RUNTIME_DIR", str(self._socket_path.parent.absolute()))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agent.player.host", *command_line(arguments)],
            stdin=subprocess.DEVNULL,
            env=variables,
            start_new_session=True,
        )

    def ended(self) -> str | None:
        if self._process is None:
            return "not started"
        status = self._process.poll()
        if status is None:
            return None
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"

    def wait(self, timeout: float) -> None:
        if self._process is not None:
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self.wait(REAP_WITHIN_S)
