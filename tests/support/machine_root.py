"""A Debian system in a folder, made by mmdebstrap from this machine's own package sources, and kept for later runs.

`debian(suite, architecture)` answers the folder, and makes it where it is not there yet: one minute for this machine's
own architecture, ten for a foreign one. It is not changed by whoever uses it: `laid_over` gives each user a layer of
its own. What cannot be made here is skipped, with the reason.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from _pytest.outcomes import Skipped

APT = Path("/etc/apt")
HERE = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf"}.get(platform.machine(), platform.machine())
# Debian's names for what qemu calls otherwise.
EMULATED = {"arm64": "qemu-aarch64", "armhf": "qemu-arm", "amd64": "qemu-x86_64"}

# What the package depends on, so that it can be installed without a network, and what the tests look with.
PLAYER = ("python3", "libvlc5", "libvlc-bin", "vlc-plugin-base", "vlc-plugin-video-output", "ca-certificates")
SYSTEM = ("systemd", "systemd-sysv", "dbus", "iproute2", "procps")
# Manuals and translations are half of the files, and nobody reads them here.
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/icons/*")
# A minute on a quiet machine; a foreign root is unpacked and configured under emulation, in a quarter of an hour.
_MADE_WITHIN_S, _FOREIGN_WITHIN_S = 1200, 5400


def skipped(why: str) -> BaseException:
    """To be raised where a test cannot run on this machine."""
    return Skipped(why)


def debian(suite: str | None = None, architecture: str = HERE, packages: Sequence[str] = (*SYSTEM, *PLAYER)) -> Path:
    """The folder of such a system; `suite`: None for this machine's own."""
    if os.geteuid() != 0:
        raise skipped("making a Debian system needs root")
    if shutil.which("mmdebstrap") is None:
        raise skipped("mmdebstrap is not installed")
    if architecture != HERE and not _emulates(architecture):
        raise skipped(f"this machine does not run {architecture} programs (qemu-user-static with binfmt_misc)")
    codename = _codename()
    sources = _sources(codename, suite or codename)
    if architecture != HERE:
        sources = _without_updates(sources, suite or codename)
    recipe = "\n".join([suite or codename, architecture, *packages, *_LEFT_OUT, sources])
    folder = _cache() / f"{suite or codename}-{architecture}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    with _alone(folder.with_suffix(".lock")):
        if not folder.exists():
            _make(folder, suite or codename, architecture, packages, sources)
    return folder


@contextmanager
def laid_over(base: Path, folder: Path) -> Iterator[Path]:
    """`base` with a layer of its own in `folder`: what is written stays there. A copy where that cannot be mounted."""
    root, upper, work = (folder / name for name in ("root", "upper", "work"))
    for each in (root, upper, work):
        each.mkdir(parents=True)
    layers = f"lowerdir={base},upperdir={upper},workdir={work}"
    mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)], capture_output=True)
    if mounted.returncode != 0:
        root.rmdir()
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
    try:
        yield root
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(root)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path, suite: str, architecture: str, packages: Sequence[str], sources: str) -> None:
    part = folder.with_suffix(f".{os.getpid()}.part")
    listed = part.with_suffix(".sources")
    listed.write_text(sources)
    command = [
        # Whatever ends it: neither its mounts nor its processes outlive it.
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("mmdebstrap", "--quiet", "--variant=minbase", "--skip=check/qemu", f"--architectures={architecture}"),
        *(f"--include={','.join(packages)}", '--aptopt=Apt::Install-Recommends "false"'),
        *(f"--dpkgopt=path-exclude={each}" for each in _LEFT_OUT),
        *(suite, str(part), str(listed)),
    ]
    within_s = _MADE_WITHIN_S if architecture == HERE else _FOREIGN_WITHIN_S
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False)
        if done.returncode != 0:
            errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
            raise skipped(f"mmdebstrap could not make {suite} for {architecture}: {' '.join(errors)}")
        part.rename(folder)
    except subprocess.TimeoutExpired as error:
        raise skipped(f"mmdebstrap has not made {suite} for {architecture} within {within_s} s") from error
    finally:
        listed.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)


def _sources(codename: str, suite: str) -> str:
    """Debian's own of this machine's package sources, for `suite`; others' know nothing of another Debian."""
    found = []
    for path in sorted((APT / "sources.list.d").glob("*.sources")):
        stanzas = re.split(r"\n\s*\n", path.read_text())
        found += [each for each in stanzas if re.search(rf"^Suites:.*\b{codename}\b", each, re.MULTILINE)]
    lists = [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*.list"))]
    lines = [line for path in lists if path.exists() for line in path.read_text().splitlines()]
    plain = [line for line in lines if re.match(rf"deb\s+(\[.*\]\s+)?\S+\s+{codename}\b", line)]
    if not found and not plain:
        raise skipped(f"this machine's package sources name no {codename}")
    whole = "\n\n".join(each.strip() for each in found) if found else "\n".join(plain)
    return re.sub(rf"\b{codename}(?=$|[\s/-])", suite, whole, flags=re.MULTILINE) + "\n"


def _without_updates(sources: str, suite: str) -> str:
    """A release alone: mirrors of the updates for architectures that few machines have are often halfway through."""
    if "Suites:" not in sources:
        return "\n".join(line for line in sources.splitlines() if re.search(rf"\s{suite}(\s|$)", line)) + "\n"
    stanzas = [each for each in sources.split("\n\n") if re.search(rf"^Suites:.*\s{suite}(\s|$)", each, re.MULTILINE)]
    return re.sub(r"^Suites:.*$", f"Suites: {suite}", "\n\n".join(stanzas), flags=re.MULTILINE) + "\n"


def _codename() -> str:
    release = Path("/etc/os-release")
    named = re.search(r"^VERSION_CODENAME=(\S+)$", release.read_text() if release.exists() else "", re.MULTILINE)
    if named is None or not APT.is_dir():
        raise skipped("this is no Debian machine")
    return named[1]


def _emulates(architecture: str) -> bool:
    """Whether the kernel starts such programs; mounts its list of them where nobody has."""
    formats = Path("/proc/sys/fs/binfmt_misc")
    if not (formats / "status").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(formats)], capture_output=True)
    name = EMULATED[architecture]
    if not (formats / name).exists() and shutil.which("update-binfmts"):
        subprocess.run(["update-binfmts", "--enable", name], capture_output=True)
    return (formats / name).exists()


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(home, "kiosk-agent-tests")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
