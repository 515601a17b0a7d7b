"""The wheels of the carried libraries: fetched, checked, unpacked.

Contract: `fetch(pins, folder)` answers a wheel for each pin, each of a locked hash; `unpack(wheel, target)` writes its
files and answers its dist-info folder. Both raise BuildError.
Rules: what lies in `folder` with the right hash is not fetched again, so a build needs the network once. Only wheels
for any machine and any Python are taken; one that holds compiled code, or a path that leads elsewhere, ends the build.
Reasons: one package for armv6 to amd64. Unpacking needs no pip, which would write records of this machine.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath

from tools.deb.failure import BuildError
from tools.deb.lock import Pin

# A registry that does not answer must not hold a build for ever.
_FETCH_WITHIN_S = 600
_COMPILED = (".so", ".pyd", ".dylib", ".dll", ".a", ".o", ".pyc", ".pyo")
_ELF = b"\x7fELF"


def fetch(pins: Sequence[Pin], folder: Path) -> dict[Pin, Path]:
    """The wheel of each pin, from `folder` or, once, by pip."""
    folder.mkdir(parents=True, exist_ok=True)
    found = _present(pins, folder)
    missing = [pin for pin in pins if pin not in found]
    if missing:
        _download(missing, folder)
        found = _present(pins, folder)
    if strayed := [pin.name for pin in pins if pin not in found]:
        raise BuildError(f"No wheel with a hash of requirements.lock was found for {', '.join(strayed)}.")
    return {pin: found[pin] for pin in pins}


def _present(pins: Sequence[Pin], folder: Path) -> dict[Pin, Path]:
    owners = {digest: pin for pin in pins for digest in pin.hashes}
    found = {}
    for wheel in sorted(folder.glob("*-none-any.whl")):
        pin = owners.get(sha256(wheel.read_bytes()).hexdigest())
        if pin is not None:
            found[pin] = wheel
    return found


def _download(pins: Sequence[Pin], folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as wanted:
        wanted.write("".join(f"{pin.requirement()}\n" for pin in pins))
        wanted.flush()
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
        # For any machine: a wheel for this one alone is not even looked at.
        choice = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--platform", "any"]
        try:
            done = subprocess.run(
                [*command, *choice, "--dest", str(folder), "-r", wanted.name],
                capture_output=True,
                text=True,
                check=False,
                timeout=_FETCH_WITHIN_S,
            )
        except subprocess.TimeoutExpired:
            raise BuildError(_unfetched(pins, folder, f"pip did not end within {_FETCH_WITHIN_S} s")) from None
    if done.returncode:
        raise BuildError(_unfetched(pins, folder, "\n".join(done.stderr.strip().splitlines()[-3:])))


def _unfetched(pins: Sequence[Pin], folder: Path, why: str) -> str:
    names = ", ".join(f"{pin.name} {pin.version}" for pin in pins)
    return (
        f"The locked libraries could not be fetched: {names}.\n{why}\n"
        f"Build where pip has a package source, or put their wheels into {folder} and build again."
    )


def unpack(wheel: Path, target: Path) -> str:
    """Write the wheel's files below `target`; the name of its dist-info folder."""
    with zipfile.ZipFile(wheel) as archive:
        files = [member for member in archive.infolist() if not member.is_dir()]
        about = {name for member in files if re.fullmatch(r"[^/]+\.dist-info", name := member.filename.split("/")[0])}
        if len(about) != 1:
            raise BuildError(f"{wheel.name} is not a wheel: it has {len(about)} dist-info folders.")
        for member in files:
            content = archive.read(member)
            _refuse_compiled(wheel, member.filename, content)
            place = target / _inside(wheel, member.filename)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                raise BuildError(f"{wheel.name} brings {member.filename}, which another library brought already.")
            place.write_bytes(content)
            place.chmod(0o644)
        dist_info = about.pop()
        if "Root-Is-Purelib: true" not in archive.read(f"{dist_info}/WHEEL").decode():
            raise BuildError(f"{wheel.name} says that it is not pure Python.")
    return dist_info


def _refuse_compiled(wheel: Path, name: str, content: bytes) -> None:
    if re.search(r"\.so(\.\d+)*$", name) or name.endswith(_COMPILED) or content.startswith(_ELF):
        raise BuildError(f"{wheel.name} holds compiled code ({name}): one package for every machine cannot carry it.")


def _inside(wheel: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[0].endswith(".data"):
        raise BuildError(f"{wheel.name} wants to write {name}, outside its folder.")
    return path
