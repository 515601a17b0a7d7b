"""The sealed tree and dpkg's files, packed into one .deb.

Contract: `pack(tree, ...)` writes the .deb and answers its path.
Rules: owner root, one time, one compression with one thread: the same state of the sources is the same bytes, whoever
builds it, wherever and when.
Reasons: xz with several threads cuts the data by the number of processors.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.deb.failure import BuildError
from tools.deb.tree import PROGRAM, TEXT, Tree


def size_kib(tree: Tree) -> int:
    """Installed-Size as Debian counts it: files in whole KiB, one for each folder and link."""
    total = 0
    for path in tree.root.rglob("*"):
        total += -(-path.stat().st_size // 1024) if path.is_file() and not path.is_symlink() else 1
    return total


def pack(tree: Tree, control: str, scripts: Mapping[str, str], target: Path, epoch: int) -> Path:
    """Write `target`."""
    if shutil.which("dpkg-deb") is None:
        raise BuildError("dpkg-deb is missing: apt-get install dpkg. The package can only be built on a Debian system.")
    sums = tree.seal(epoch)
    tree.put("/DEBIAN/control", control, TEXT)
    tree.put("/DEBIAN/md5sums", sums, TEXT)
    for name, text in scripts.items():
        tree.put(f"/DEBIAN/{name}", text, PROGRAM)
    tree.at("/DEBIAN").chmod(0o755)
    tree.settle(epoch)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "dpkg-deb",
        "--root-owner-group",
        "--threads-max=1",
        "-Zxz",
        "-z6",
        "--build",
        str(tree.root),
        str(target),
    ]
    variables = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, umask=0o022)
    if done.returncode:
        raise BuildError(f"dpkg-deb could not build the package: {done.stderr.strip()}")
    return target
