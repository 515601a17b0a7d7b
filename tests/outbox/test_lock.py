"""One process a store."""

import errno
import os
from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy
from agent.outbox.lock import LOCK_NAME, Lock, unusable


def test_a_held_lock_names_its_holder_and_a_released_one_is_free(tmp_path: Path) -> None:
    """The message must say which process to stop."""
    lock = Lock.take(tmp_path)
    with pytest.raises(StoreBusy, match=str(os.getpid())):
        Lock.take(tmp_path)
    (tmp_path / LOCK_NAME).write_text("")
    with pytest.raises(StoreBusy, match="another process"):
        Lock.take(tmp_path)
    lock.release()
    Lock.take(tmp_path).release()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "read-write"), (errno.EACCES, "chown"), (errno.ENOSPC, "space"), (errno.EIO, "disk")],
)
def test_a_refusal_of_the_system_comes_with_what_to_do(number: int, words: str) -> None:
    """Each cause has its own cure."""
    assert words in unusable(Path("/state"), OSError(number, os.strerror(number))).remedy
