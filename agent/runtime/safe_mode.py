"""What the agent begins with when its configuration cannot be used, or ends it again and again.

Contract: `Footing.begin` answers what counts at this start: the configuration file, or its last good copy. It raises
ConfigurationError where there is none either. `look` is called by the main loop after each step; `status` says how it
stands. `wait` lets the pause of the safe mode pass.
Rules: what ran for `WELL_S` with something to be seen is kept, in the state folder, for its owner alone: the file as it
was read, and the broker's documents that were in force. It is written only when it is another one. Secrets stand in
files of their own and are not copied. A configuration file that cannot be read or is wrong is told problem by problem,
and the last good one counts; the screen comes first. The usual way is tried again as soon as the file is another one
that is not wrong, and after an hour that went well.
A store that ends the agent gets no other: the queue is not thrown away for it; the starts become rare.
Reasons: house rules (bad input: a clear error, and the daemon goes on with the last good state); agent.runtime.starts.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from agent.config.files import FILE_BYTES, Loaded, load
from agent.config.layers import Layer
from agent.config.problems import ConfigurationError
from agent.kernel.instants import Instant
from agent.remote import durable
from agent.remote.vault import applied_layers
from agent.runtime.starts import SAFE_WELL_S, WELL_S, Ledger, Mode, Safe
from agent.runtime.steering.begin import Begun, begin
from agent.runtime.steering.judging import Judge

log = structlog.get_logger()

COPY: Final = "last-good.toml"
DOCUMENTS: Final = "last-good.json"
LOOK_EVERY_S: Final = 10.0
MOST_BYTES: Final = 64 * 1024 * 1024
_SLICE_S: Final = 10.0


def digest(path: Path) -> str:
    """Which content the file at `path` has; "" for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.blake2b(file.read(FILE_BYTES + 1), digest_size=16).hexdigest()
    except OSError:
        return ""


def wait(seconds: float, tell: Callable[[str], None], pause: Callable[[float], None] = time.sleep) -> None:
    """Let `seconds` pass; `tell` is given a line now and then."""
    left = seconds
    while left > 0:
        tell(f"safe mode, waiting {left:.0f} s before the start")
        pause(min(left, _SLICE_S))
        left -= _SLICE_S


class Footing:
    """What this process stands on. `reason`: why it is not on the configuration file; None where it is.

    `mode`: how it was started; `began`: boot-time second.
    """

    def __init__(self, config_path: Path, state_dir: Path, ledger: Ledger, mode: Mode, *, began: float) -> None:
        self._config_path = config_path
        self._state_dir = state_dir
        self._ledger = ledger
        self._safe = mode.why if isinstance(mode, Safe) else None
        self._file = ledger.starts.file
        self._refused = self._file
        self._began = began
        self._look_at = 0.0
        self._is_well = False
        self.reason: str | None = None

    def begin(self, now: Instant) -> Begun:
        """What counts at this start. Raises ConfigurationError."""
        copy = self._state_dir / COPY
        is_other = copy.is_file() and digest(copy) != self._file
        if self._safe is not None:
            log.error("safe mode", reason=self._safe, last_good_configuration=is_other)
            if is_other and (begun := self._begin_safely(copy, now)) is not None:
                self.reason = self._safe
                return begun
        try:
            return begin(self._config_path, self._state_dir, now)
        except ConfigurationError as error:
            begun = self._begin_safely(copy, now) if copy.is_file() else None
            if begun is None:
                raise
            _tell_problems(error)
            self.reason = f"the configuration file cannot be used: {error.problems[0]}"
            log.error("going on with the last good configuration", file=str(self._config_path))
            return begun

    def _begin_safely(self, copy: Path, now: Instant) -> Begun | None:
        """With what ran well; None where that cannot be used any more."""
        try:
            judge = Judge.of(self._config_path, own=copy)
            begun = begin(self._config_path, self._state_dir, now, judge=judge)
        except ConfigurationError as error:
            log.error("last good configuration cannot be used", problem=str(error.problems[0]))
            return None
        found = judge(self._documents()) if begun.vault is not None else begun.loaded
        return replace(begun, loaded=found) if isinstance(found, Loaded) else begun

    def work(self) -> None:
        """The work begins: an end from now on that nobody asked for is a bad one."""
        self._ledger.keep(self._ledger.starts.working())

    def end(self) -> None:
        """The process ends as it should, or begins again."""
        self._ledger.keep(self._ledger.starts.over())

    def look(self, now: float, *, shows: bool, again: Callable[[], None]) -> None:
        """Look whether it goes well, and whether another configuration may be tried: then `again` is called.

        `shows`: there is something to be seen, or rightly nothing.
        """
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        ran = now - self._began
        if not self._is_well and ran >= WELL_S and (shows or self.reason is not None):
            self._is_well = True
            self._ledger.keep(self._ledger.starts.well())
            if self.reason is None:
                self._keep()
        if self.reason is not None and self._is_mended():
            log.info("configuration file is another one, beginning again with it")
            again()
        elif self._safe is not None and ran >= SAFE_WELL_S:
            log.info("safe mode is over, no fault for an hour")
            self._ledger.keep(self._ledger.starts.left())
            self._safe = None
            if self.reason is not None:
                again()

    def status(self) -> dict[str, Any]:
        """How it stands, as JSON. `configuration`: why the last good one counts; null where the file does."""
        return {"on": self._safe is not None, "why": self._safe, "configuration": self.reason}

    def _is_mended(self) -> bool:
        """Whether the file was changed since, and is good."""
        found = digest(self._config_path)
        if found in ("", self._refused):
            return False
        self._refused = found
        try:
            load(self._config_path)
        except ConfigurationError as error:
            _tell_problems(error)
            return False
        return True

    def _keep(self) -> None:
        if digest(self._config_path) != self._file:
            return  # It was changed since; what runs well is what was read.
        try:
            self._write(self._state_dir / COPY, self._config_path.read_bytes())
            layers = [{"name": layer.name, "tree": layer.tree} for layer in applied_layers(self._state_dir)]
            documents = self._state_dir / DOCUMENTS
            if layers or documents.exists():
                self._write(documents, json.dumps(layers, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        except (OSError, ValueError) as error:
            log.warning("last good configuration cannot be kept", error=str(error))

    def _write(self, path: Path, content: bytes) -> None:
        """Spares flash where nothing has changed."""
        if not path.is_file() or path.read_bytes() != content:
            durable.write(path, content)

    def _documents(self) -> Sequence[Layer]:
        """The broker's documents with which it ran well; none where they cannot be read."""
        try:
            with (self._state_dir / DOCUMENTS).open("rb") as file:
                plain = json.loads(file.read(MOST_BYTES))
            return [Layer(str(each["name"]), dict(each["tree"]), {}, remote=True) for each in plain]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return []


def _tell_problems(error: ConfigurationError) -> None:
    for problem in error.problems:
        log.error("configuration cannot be used", problem=str(problem))
