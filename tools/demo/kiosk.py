"""The agent as the demo uses it: the real command, asked over its control socket, killed and started again.

Contract: `Kiosk(config, folder)` starts `kiosk-agent run`; `await_ready` waits until it answers; `status` and
`command` ask it; `kill_and_restart` is a power cut for the agent alone.
Rules: everything here is what an operator could do by hand; nothing reaches into the agent's files.
"""

import sys
import time
from pathlib import Path
from typing import Any

from agent.runtime.control import ControlError, ask
from tools.demo.processes import Process

_PROGRAM = Path(sys.executable).with_name("kiosk-agent")
# A Raspberry Pi Zero takes its time to import everything; the first start makes the database too.
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 10.0
_POLL_S = 0.05


class Kiosk:
    """A running agent."""

    def __init__(self, config: Path, folder: Path, program: Path = _PROGRAM) -> None:
        """Start it on `config`. Raises DemoError."""
        self._state = folder / "state"
        self._log = folder / "agent.log"
        self._command = [str(program), "run", "--config", str(config), "--state-dir", str(self._state)]
        self.process = self._start()

    def await_ready(self) -> dict[str, Any]:
        """Wait until it answers; its first status. Raises DemoError where it ends, or does not answer in time."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline:
            self.process.check()
            if (status := self.status()) is not None:
                return status
            time.sleep(_POLL_S)
        raise self.process.failed(f"The agent did not answer within {_READY_WITHIN_S:.0f} s.")

    def status(self) -> dict[str, Any] | None:
        """What `kiosk-agent status --json` says; None while it does not answer."""
        try:
            answer = ask(self._state, "status")
        except ControlError:
            return None
        return answer if isinstance(answer, dict) else None

    def command(self, call: str) -> str:
        """Give the player a command, such as `player.next`; what the agent said against it, or nothing."""
        try:
            ask(self._state, call)
        except ControlError as error:
            return str(error)
        return ""

    def kill_and_restart(self) -> None:
        """SIGKILL, then start it again on the same state folder. `await_ready` tells when it is back."""
        self.process.kill()
        self.process = self._start()

    def stop(self) -> bool:
        """End it in good order; False where it had to be killed."""
        return self.process.stop(_STOP_WITHIN_S)

    def _start(self) -> Process:
        return Process("The agent", self._command, self._log)
