"""Going through the states that power cuts could have left, and judging what comes of each.

Contract: `explore` builds states at the moments of a recording, has each recovered, judges it by what had been promised
at its moment, and gives the outcome; the same seed asks the same questions.
Rules: the same content at a later moment is judged anew and not recovered anew.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from agent.outbox.ballast import BALLAST_NAME
from tests.crash.disk import Disk, State
from tests.crash.recording import Recording

T = TypeVar("T")

SHARED_MEMORY = Path("/dev/shm")
SHOWN = 12
"""Findings that an outcome's text tells whole."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A state that is not as was promised. `moment`: how many operations had happened."""

    moment: int
    kind: str
    complaint: str


@dataclass(slots=True)
class Outcome:
    """`kinds`: states by kind; `distinct`: different contents among them, each of which was recovered."""

    name: str
    kinds: Counter[str] = field(default_factory=Counter)
    distinct: int = 0
    bad: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def states(self) -> int:
        """How many states there were."""
        return self.kinds.total()

    def __str__(self) -> str:
        kinds = ", ".join(f"{number} {kind}" for kind, number in self.kinds.most_common())
        told = "".join(f"\n  at {one.moment}, {one.kind}: {one.complaint}" for one in self.findings[:SHOWN])
        return f"{self.name}: {self.states} states ({kinds}), {self.distinct} distinct, {self.bad} bad{told}"


def explore(
    name: str,
    recording: Recording,
    recover: Callable[[Path], T],
    judge: Callable[[T, int], Collection[str]],
    *,
    states: int,
    share: float = 1.0,
    seed: int = 2026,
    honest: bool = True,
) -> Outcome:
    """Judge about `states` states at each of a `share` (0..1) of the moments, the prefix first.

    `recover`: what a start makes of the files; `judge`: what is wrong with that. `honest`: whether an fsync counts.
    """
    random = Random(seed)
    outcome = Outcome(name)
    disk = Disk(recording.before, honest=honest)
    known: dict[frozenset[tuple[str, int]], T] = {}
    with Workshop() as workshop:
        for moment in range(len(recording.operations) + 1):
            if moment:
                disk.advance(recording.operations[moment - 1])
            if random.random() >= share:
                continue
            for kind, state in disk.states(random, states):
                outcome.kinds[kind] += 1
                key = frozenset((name, hash(content)) for name, content in state.items())
                if key not in known:
                    known[key] = recover(workshop.build(state, random))
                    outcome.distinct += 1
                complaints = judge(known[key], moment)
                outcome.bad += bool(complaints)
                outcome.findings += [Finding(moment, kind, complaint) for complaint in complaints]
    return outcome


class Workshop:
    """A folder in memory where states are built, one after the other."""

    def __init__(self) -> None:
        self._folder = Path(
            tempfile.mkdtemp(prefix="kiosk-crash-", dir=SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None)
        )

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def build(self, state: State, random: Random) -> Path:
        """The folder with these files; beside a WAL there may be any nonsense as its index."""
        folder = self._folder / "state"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in state.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == BALLAST_NAME:
                with path.open("wb") as ballast:
                    ballast.truncate(len(content))
            else:
                path.write_bytes(content)
            if path.name.endswith("-wal") and random.random() < 0.5:
                path.with_name(path.name.removesuffix("-wal") + "-shm").write_bytes(random.randbytes(32 * 1024))
        return folder
