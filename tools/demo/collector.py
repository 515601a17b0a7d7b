"""The collector as the demo uses it: a process of its own, its record read as it grows, sent away and called back.

Contract: `Collector(folder, port)` starts it and waits until it listens; `news()` gives the events that were logged
since the last call; `take_away` and `bring_back` go through its control port.
Rules: what was counted is read from the record file, which the collector writes before it answers.
"""

import errno
import json
import os
import sys
import time
import urllib.request
from pathlib import Path

from tools.demo.failure import DemoError
from tools.demo.processes import Process
from tools.standin.event import Event

_PROGRAM = Path(__file__).resolve().parent.parent / "collector"
_START_WITHIN_S = 20.0
_ASK_WITHIN_S = 5.0
_POLL_S = 0.02
_LISTENS, _CONTROL = "Collector listening on ", "Control on "
# Only the loopback interface is asked: a proxy of the environment has no part in it.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Collector:
    """A running collector."""

    def __init__(self, folder: Path, port: int) -> None:
        """Start it on loopback; port 0 takes a free one. Raises DemoError, for instance where the port is in use."""
        self._log = folder / "collector.log"
        self._record = folder / "events.jsonl"
        self._record.touch()
        self._read_bytes = 0
        self.is_away = False
        self.process = Process(
            "The collector",
            [sys.executable, str(_PROGRAM), "--quiet", "--port", str(port), "--record", str(self._record)],
            self._log,
        )
        try:
            self.url, self._control = self._addresses(port)
        except BaseException:
            self.process.stop(1.0)
            raise

    def news(self) -> list[Event]:
        """The events that were logged since the last call, oldest first."""
        with self._record.open("rb") as file:
            file.seek(self._read_bytes)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]  # the last line may be half written
        self._read_bytes += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def take_away(self) -> None:
        """Let it refuse connections, as a server that is down."""
        self._ask("away")
        self.is_away = True

    def bring_back(self) -> None:
        """Let it listen again."""
        self._ask("back")
        self.is_away = False

    def _ask(self, call: str) -> None:
        request = urllib.request.Request(f"{self._control}/{call}", data=b"", method="POST")
        try:
            _DIRECT.open(request, timeout=_ASK_WITHIN_S).close()
        except OSError as error:
            raise self.process.failed(f"The collector's control port does not answer ({error}).") from error

    def _addresses(self, port: int) -> tuple[str, str]:
        """Where it serves and where it is controlled, from its first two lines."""
        deadline = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < deadline:
            alive = self.process.is_alive()  # asked before its last words are read
            text = self._log.read_text(encoding="utf-8", errors="replace")
            lines = text.splitlines()
            if text.endswith("\n") and len(lines) >= 2 and lines[1].startswith(_CONTROL):
                return lines[0].removeprefix(_LISTENS), lines[1].removeprefix(_CONTROL).rstrip("/")
            if not alive:
                if os.strerror(errno.EADDRINUSE) in text:
                    raise DemoError(
                        f"Port {port} on 127.0.0.1 is in use by another program: "
                        f"choose one with tools/run --port N (0 takes a free one)."
                    )
                self.process.check()
            time.sleep(_POLL_S)
        raise self.process.failed(f"The collector did not start within {_START_WITHIN_S:.0f} s.")
