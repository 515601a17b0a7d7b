"""The recorder: it misses nothing that a program does to its files, and kills it just where it is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import recording
from tests.crash.disk import Disk
from tests.crash.recording import Mark, Recording, Sync, SyncFolder

pytestmark = pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED)

EVERYTHING = """
import os, socket, sqlite3, sys
from pathlib import Path
folder = Path(sys.argv[1])
with (folder / "a").open("wb") as file:
    file.write(b"one two three"); file.flush(); os.fsync(file.fileno()); file.seek(4); file.write(b"TWO")
file = os.open(folder / "b", os.O_RDWR | os.O_CREAT)
os.pwrite(file, b"x" * 100, 50); os.ftruncate(file, 120); os.posix_fallocate(file, 0, 4096); os.fdatasync(file)
os.writev(file, [b"first", b"second"])
os.rename(folder / "a", folder / "c"); os.link(folder / "c", folder / "d"); os.unlink(folder / "c")
(folder / "sub").mkdir(); (folder / "sub" / "e").write_text("below"); os.replace(folder / "b", folder / "sub" / "b")
store = sqlite3.connect(folder / "s.db", isolation_level=None)
store.execute("PRAGMA journal_mode = wal").fetchone()
store.execute("CREATE TABLE t (x)")
for number in range(300):
    store.execute("INSERT INTO t VALUES (randomblob(900))")
directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY); os.fsync(directory); os.close(directory)
left, right = socket.socketpair(); left.sendall(b"hello"); right.recv(9)
(folder / ".marks").write_bytes(b"done")
(folder / "s.db").stat(); os.kill(os.getpid(), 9)
"""


def record(folder: Path, program: str, **options: str) -> tuple[Recording, int]:
    """What the program did in `folder`/state, and how it ended."""
    state = folder / "state"
    state.mkdir()
    environment = recording.environment(state, log=folder / "log", sockets=True, **options)
    done = subprocess.run([sys.executable, "-c", program, str(state)], env=environment, check=False)
    return recording.read(folder / "log", state, {}), done.returncode


def test_recorded_operations_give_the_very_files(tmp_path: Path) -> None:
    """A write that the recorder missed would be one whose loss nobody tries."""
    found, status = record(tmp_path, EVERYTHING)
    assert -signal.SIGKILL == status
    disk = Disk({})
    for operation in found.operations:
        disk.advance(operation)
    files = recording.contents(tmp_path / "state")
    del files[recording.MARKS]
    assert files == disk.state(disk.pending)
    assert {"d", "sub/b", "sub/e", "s.db", "s.db-wal"} == set(files)


def test_syncs_and_what_was_said_stand_in_the_log_in_their_order(tmp_path: Path) -> None:
    """An acknowledgement counts from its place in the order on."""
    found, _ = record(tmp_path, EVERYTHING)
    assert SyncFolder("") in found.operations
    assert sum(isinstance(each, Sync) for each in found.operations) > 2
    said = [(each.said, each.data) for each in found.operations if isinstance(each, Mark)]
    assert [(True, b"hello"), (False, b"hello"), (True, b"done")] == said


@pytest.mark.parametrize(
    ("kill", "left"),
    [
        ("write|a|1|before|", ""),
        ("write|a|1|after|", "one two three"),
        ("write|a|2|after|", "one TWO three"),
        ("write|a|1|after|TWO", "one TWO three"),
        ("sync|a|1|after|;write|a|1|before|", "one two three"),
    ],
)
def test_process_ends_at_the_very_step(tmp_path: Path, kill: str, left: str) -> None:
    """A step is named without a hook in the product: the kind, the file, the count, before or after, and the bytes."""
    _, status = record(tmp_path, EVERYTHING, kill=kill)
    assert -signal.SIGKILL == status
    assert left == (tmp_path / "state" / "a").read_text()
    assert not (tmp_path / "state" / "b").exists()


def test_bare_environment_changes_nothing(tmp_path: Path) -> None:
    """Files elsewhere are none of the recorder's business."""
    made = recording.environment(tmp_path / "missing")
    assert os.environ.items() <= made.items() - {("LD_PRELOAD", made["LD_PRELOAD"])} | set(os.environ.items())
    done = subprocess.run([sys.executable, "-c", EVERYTHING, str(tmp_path)], env=made, check=False)
    assert -signal.SIGKILL == done.returncode
