"""SIGKILL at each step of an update of the store's schema, and of saving the fleet's configuration."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.outbox.connection import STORE_NAME
from agent.remote.vault import Vault
from tests.crash import recording
from tests.crash.book import book
from tests.crash.stores import VERSION_1, VERSION_5
from tests.support.outbox import open_outbox

pytestmark = [
    pytest.mark.all,
    pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED),
]

OPEN = (
    "import sys; from pathlib import Path; from tests.support.outbox import open_outbox; open_outbox(Path(sys.argv[1]))"
)
SAVES = 4


def run(folder: Path, kill: str, *program: str) -> "subprocess.CompletedProcess[str]":
    """Run a program until it ends or the step comes."""
    made = subprocess.run(
        [sys.executable, *program],
        env=recording.environment(folder, kill=kill),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode in (0, -9), made.stderr
    return made


@pytest.mark.parametrize("store", [VERSION_1, VERSION_5], ids=lambda path: path.stem)
def test_migration_killed_at_each_of_its_writes_keeps_every_event(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An update of a whole fleet meets somebody who pulls the plug during it; what was playing is remembered too."""
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.copy(store, whole / STORE_NAME)
    outbox = open_outbox(whole)
    expected = book(outbox)
    outbox.close()
    cycles = 0
    for kind, name in (("write", "store.db-wal"), ("datasync", "store.db-wal"), ("write", "store.db")):
        for when in ("before", "after"):
            for count in (1, 2, 5, 13, 34):
                folder = tmp_path / f"{kind}-{name}-{when}-{count}"
                folder.mkdir()
                shutil.copy(store, folder / STORE_NAME)
                if run(folder, f"{kind}|{name}|{count}|{when}|", "-c", OPEN, str(folder)).returncode == 0:
                    break
                cycles += 1
                outbox = open_outbox(folder)
                assert expected == book(outbox)
                outbox.close()
    with capsys.disabled():
        print(f"\nkills: {cycles} in a migration of {store.stem}")
    assert cycles > 15


def test_saving_killed_at_each_step_leaves_the_old_or_the_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A device that forgot what its broker thinks it knows would never be told again."""
    cycles = saved = 0
    for kind, name in (
        ("open", "fleet.json.new"),
        ("write", "fleet.json.new"),
        ("sync", "fleet.json.new"),
        ("rename", "fleet.json"),
        ("sync", tmp_path.name),
    ):
        for when in ("before", "after"):
            for count in range(1, SAVES):
                made = run(tmp_path, f"{kind}|{name}|{count}|{when}|", "-m", "tests.crash.saver", str(tmp_path), "6")
                assert -9 == made.returncode
                cycles += 1
                said = [int(line) for line in made.stdout.split()]
                stored = Vault(tmp_path).load()
                assert stored.broken is None
                least = said[-1] if said else saved
                assert least <= stored.starts <= least + 1
                saved = stored.starts
    with capsys.disabled():
        print(f"\nkills: {cycles} in saving the configuration")
