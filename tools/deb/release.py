"""Which version is built, and of when it is.

Contract: `debian_version(version)` answers the version as dpkg orders it; `epoch(environment)` the second that every
date in the package has.
Rules: SOURCE_DATE_EPOCH if it is set, else the last commit's time, else (an unpacked archive) the release's own.
Reasons: two builds of one state are the same bytes, on any day.
"""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from agent.kernel.release import BUILD_EPOCH
from tools.deb.failure import BuildError

_ROOT = Path(__file__).resolve().parents[2]
# A final version, or a preview of one: 1.2.0, 1.2.0a1, 1.2.0rc2.
_VERSION = re.compile(r"(?P<final>\d+(\.\d+)*)(?P<preview>(a|b|rc)\d+)?")


def debian_version(version: str) -> str:
    """`version`, a preview marked with a tilde so that dpkg sees it before the final one."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise BuildError(f"The version {version} of agent/kernel/release.py is none that Debian can order.")
    return found["final"] + (f"~{found['preview']}" if found["preview"] else "")


def epoch(environment: Mapping[str, str], root: Path = _ROOT) -> int:
    """Seconds since 1970."""
    named = environment.get("SOURCE_DATE_EPOCH", "")
    if named:
        if not named.isdigit():
            raise BuildError(f"SOURCE_DATE_EPOCH is {named!r}, not a number of seconds since 1970.")
        return int(named)
    if not (root / ".git").exists():
        return BUILD_EPOCH
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip() else BUILD_EPOCH
