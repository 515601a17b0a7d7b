"""Recorded lives of a store."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.outbox.connection import STORE_NAME
from tests.crash import recording
from tests.crash.exploring import Outcome, explore
from tests.crash.recording import Mark, Operation, Recording
from tests.crash.store_judge import Promises, recover

LIFE, REPAIR, MIGRATION = ("life",), ("damage", "repair"), ("migration",)
VERSION_1 = Path(__file__).parents[1] / "outbox" / "store_version_1.db"
VERSION_5 = VERSION_1.with_name("store_version_5.db")


@cache
def recorded(acts: Sequence[str], mutation: str = "") -> Recording:
    """The acts, one process after the other on one folder; the same each time, so one recording serves all tests."""
    with TemporaryDirectory() as name:
        folder, log = Path(name) / "state", Path(name) / "log"
        folder.mkdir()
        if acts == MIGRATION:
            shutil.copy(VERSION_1, folder / STORE_NAME)
        before = recording.contents(folder)
        environment = recording.environment(folder, log=log)
        for act in acts:
            program = [sys.executable, "-m", "tests.crash.store_script", str(folder), act]
            subprocess.run([*program, *([mutation] if mutation else [])], env=environment, check=True)
        return recording.read(log, folder, before)


def explored(
    acts: Sequence[str],
    found: Recording | None = None,
    *,
    states: int,
    share: float,
    seed: int = 2026,
    honest: bool = True,
) -> Outcome:
    """What power cuts leave of these acts; `found`: another recording of them."""
    life = recorded(acts) if found is None else found
    broken = Promises(life, repairs=acts == REPAIR).broken
    name = f"store, {' and '.join(acts)}"
    return explore(name, life, recover, broken, states=states, share=share, seed=seed, honest=honest)


def answering_early(life: Recording) -> Recording:
    """The same life of a store that says that a deed is done as soon as it has begun it."""
    moved: list[Operation] = []
    begun = 0
    for operation in life.operations:
        if isinstance(operation, Mark) and b'"done"' in operation.data[:8]:
            moved.insert(begun, operation)
            continue
        moved.append(operation)
        if isinstance(operation, Mark):
            begun = len(moved)
    return replace(life, operations=tuple(moved))
