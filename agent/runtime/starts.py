"""How often the agent was started in this boot, and whether that ends in a safe mode.

Contract: `Starts` is the account; `started` answers it as it is afterwards and how to go on. Pure. `Ledger` keeps it in
a file and never raises: what cannot be kept is not counted.
Rules: an end that nobody asked for is a bad one, whatever it was: a crash, a kill, the watchdog. `MOST` of them within
`WITHIN_S`, with no process among them that ran for `WELL_S`, and the next start is in safe mode; a bad end there makes
the next one wait, longer each time. Another configuration file, another boot, and an hour without a bad end are a new
chance. The file is in the runtime folder, which systemd makes in memory and keeps over restarts, so that a loop of
crashes does not wear the card. Without a runtime folder nothing is counted: who starts the agent by hand sees it end.
Reasons: issue 6 (a restart cap per boot that ends in a safe mode rather than an endless loop); agent.remote.trial has
given a bad document back before, after three starts.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

MOST: Final = 5
WITHIN_S: Final = 3600.0
WELL_S: Final = 600.0
"""An agent that a setting or its store ends is dead sooner."""
SAFE_WELL_S: Final = 3600.0
"""So long in safe mode without a fault, and the usual way is tried again."""
PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 600.0
DOUBLINGS: Final = 8
NAME: Final = "starts.json"
MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Usual:
    """Start as always."""


@dataclass(frozen=True, slots=True)
class Safe:
    """Start with the last good configuration, after `pause_s` seconds. `why`: for people."""

    why: str
    pause_s: float = 0.0


Mode = Usual | Safe


@dataclass(frozen=True, slots=True)
class Starts:
    """`ends`: boot-time seconds of the bad ends that count. `running`: a process is at work. `why`: of the safe mode;
    None outside of it. `crashes`: bad ends in safe mode, in a row. `file`: which configuration file it was, by digest.
    """

    boot_id: str = ""
    file: str = ""
    ends: tuple[float, ...] = ()
    running: bool = False
    why: str | None = None
    crashes: int = 0

    def started(self, boot_id: str, file: str, now: float) -> "tuple[Starts, Mode]":
        """A process starts at `now` (boot-time s)."""
        if boot_id != self.boot_id or file != self.file:
            return Starts(boot_id, file), Usual()
        after = self._ended_badly(now) if self.running else self
        if after.why is not None:
            pause = min(PAUSE_S * 2.0 ** min(after.crashes - 1, DOUBLINGS), LONGEST_PAUSE_S) if after.crashes else 0.0
            return after, Safe(after.why, pause)
        if len(after.ends) < MOST:
            return after, Usual()
        minutes = max(1, round((now - after.ends[0]) / 60))
        why = f"the agent ended {len(after.ends)} times within {minutes} min without being told to"
        return replace(after, why=why), Safe(why)

    def _ended_badly(self, now: float) -> "Starts":
        ends = tuple(end for end in (*self.ends, now) if end > now - WITHIN_S)[-MOST:]
        return replace(self, ends=ends, running=False, crashes=self.crashes + (self.why is not None))

    def working(self) -> "Starts":
        """The process begins its work: an end from now on is a bad one."""
        return replace(self, running=True)

    def over(self) -> "Starts":
        """The process ends as it should."""
        return replace(self, running=False)

    def well(self) -> "Starts":
        """The process has run for `WELL_S`."""
        return replace(self, ends=(), crashes=0)

    def left(self) -> "Starts":
        """The safe mode is over."""
        return replace(self.well(), why=None)


class Ledger:
    """The account in its file. `starts`: as it stands."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / NAME
        self.starts = Starts()

    @classmethod
    def found(cls, environ: Mapping[str, str]) -> "Ledger":
        """In the runtime folder that systemd names; of several in the first."""
        folder = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
        return cls(Path(folder) if folder else None)

    def start(self, boot_id: str, file: str, now: float) -> Mode:
        """A process starts."""
        self.starts, mode = (self._read() if self._path else Starts()).started(boot_id, file, now)
        self.keep(self.starts)
        return mode

    def keep(self, starts: Starts) -> None:
        """This is how it stands now."""
        self.starts = starts
        if self._path is None:
            return
        beside = self._path.with_suffix(".new")
        with suppress(OSError):
            # No fsync: what a power cut takes away is of a boot that is over.
            beside.write_text(json.dumps(asdict(starts)), encoding="utf-8")
            beside.replace(self._path)

    def _read(self) -> Starts:
        assert self._path is not None
        try:
            with self._path.open("rb") as file:
                return _starts(json.loads(file.read(MOST_BYTES)))
        except (OSError, ValueError, RecursionError):
            return Starts()


def _starts(plain: Any) -> Starts:
    """Raises ValueError."""
    try:
        return Starts(
            boot_id=str(plain["boot_id"]),
            file=str(plain["file"]),
            ends=tuple(float(end) for end in plain["ends"])[-MOST:],
            running=plain["running"] is True,
            why=None if plain["why"] is None else str(plain["why"]),
            crashes=int(plain["crashes"]),
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("no account of starts") from error
