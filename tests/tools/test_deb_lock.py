"""Which of the locked libraries the package carries."""

import pytest

from tools.deb import lock
from tools.deb.failure import BuildError

HASH = "a" * 64


def pinned(*names: str) -> str:
    return "".join(f"{name}==1.0 \\\n    --hash=sha256:{HASH}\n    # via somebody\n" for name in names)


ALL = [*lock.CARRIED, *lock.LEFT_OUT]


def test_lock_of_the_repository_is_decided_on() -> None:
    """A library that nobody decided on would be missing on ten thousand kiosks, or be there for nothing."""
    pins = lock.packaged(lock.LOCK.read_text(encoding="utf-8"))
    assert sorted(lock.CARRIED) == [pin.name for pin in pins]
    assert all(pin.hashes for pin in pins)


def test_library_that_nobody_decided_on_ends_the_build() -> None:
    """It came with an update of another one, and may be compiled."""
    with pytest.raises(BuildError, match="newcomer"):
        lock.packaged(pinned(*ALL, "newcomer"))


def test_library_that_went_ends_the_build() -> None:
    """The package would be installed and not start."""
    with pytest.raises(BuildError, match="lacks urllib3"):
        lock.packaged(pinned(*(name for name in ALL if name != "urllib3")))


def test_pin_without_a_hash_ends_the_build() -> None:
    """What is not known by its hash could be anything."""
    with pytest.raises(BuildError, match=r"no version with hashes"):
        lock.packaged(pinned(*ALL).replace(f" \\\n    --hash=sha256:{HASH}", "", 1))


def test_pin_is_handed_to_pip_with_every_hash() -> None:
    """pip refuses the whole list where one has none."""
    pin = lock.Pin("click", "8.0", ("b" * 64, "c" * 64))
    assert f"click==8.0 --hash=sha256:{'b' * 64} --hash=sha256:{'c' * 64}" == pin.requirement()
