"""The libraries' wheels: what is not pure Python, or not what was locked, does not get into the package."""

import os
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tools.deb.failure import BuildError
from tools.deb.lock import Pin
from tools.deb.wheels import fetch, unpack

PURE = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(folder: Path, files: dict[str, bytes], about: str = PURE, name: str = "thing-1.0-py3-none-any.whl") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing-1.0.dist-info/WHEEL", about)
        for inside, content in files.items():
            archive.writestr(inside, content)
    return path


def pin(*wheels: Path) -> Pin:
    return Pin("thing", "1.0", tuple(sha256(each.read_bytes()).hexdigest() for each in wheels))


def test_wheel_is_unpacked_with_modes_that_the_builder_does_not_choose(tmp_path: Path) -> None:
    """A package that was built under umask 077 would hold files that the agent may not read."""
    before = os.umask(0o077)
    try:
        found = unpack(wheel(tmp_path, {"thing/__init__.py": b"1\n"}), tmp_path / "to")
    finally:
        os.umask(before)
    assert "thing-1.0.dist-info" == found
    assert 0o644 == (tmp_path / "to/thing/__init__.py").stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("name", "content"),
    [("thing/fast.so", b""), ("thing/fast.cpython-311-x86_64-linux-gnu.so", b""), ("lib.so.5", b""), ("x", b"\x7fELF")],
)
def test_compiled_code_ends_the_build(tmp_path: Path, name: str, content: bytes) -> None:
    """It would run on the builder's machine, and on no Raspberry Pi."""
    with pytest.raises(BuildError, match="compiled code"):
        unpack(wheel(tmp_path, {name: content}), tmp_path / "to")


def test_wheel_that_says_it_is_not_pure_ends_the_build(tmp_path: Path) -> None:
    """Its compiled part may come with the next version."""
    with pytest.raises(BuildError, match="not pure"):
        unpack(wheel(tmp_path, {"thing.py": b""}, PURE.replace("true", "false")), tmp_path / "to")


@pytest.mark.parametrize("name", ["../outside.py", "/etc/passwd", "thing-1.0.data/scripts/thing"])
def test_path_that_leads_elsewhere_ends_the_build(tmp_path: Path, name: str) -> None:
    """A file of a library must not land in /usr/bin or on the builder's machine."""
    with pytest.raises(BuildError, match="outside its folder"):
        unpack(wheel(tmp_path, {name: b""}), tmp_path / "to")


def test_two_libraries_with_one_file_end_the_build(tmp_path: Path) -> None:
    """One of the two would be broken, and nobody would know which."""
    first = wheel(tmp_path, {"common.py": b"1"})
    unpack(first, tmp_path / "to")
    with pytest.raises(BuildError, match="another library"):
        unpack(first, tmp_path / "to")


def test_present_wheel_is_taken_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release can be built again on a machine that has only the sources and the wheels."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    path = wheel(tmp_path, {"thing.py": b""})
    assert {pin(path): path} == fetch([pin(path)], tmp_path)


def test_wheel_of_another_hash_is_not_taken_and_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may have been exchanged; and without a network the builder must know what is missing."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    wheel(tmp_path, {"thing.py": b"exchanged"})
    with pytest.raises(BuildError, match=r"could not be fetched: thing 1\.0.*(?s:.*)put their wheels into"):
        fetch([Pin("thing", "1.0", ("0" * 64,))], tmp_path)
