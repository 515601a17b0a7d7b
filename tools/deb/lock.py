"""The locked libraries: which of them stand in the package, and why the others do not.

Contract: `packaged(text)` answers the pins of the lock that the package carries, in the order of their names; raises
BuildError where a pin is neither carried nor left out here, so that a new library is decided on by a person.
Rules: versions and hashes are those of requirements.lock, which tools/lock writes; nothing is resolved here.
Reasons: what only builds the agent, or only serves sqlite-utils' own command line, is weight and surface on a kiosk.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.deb.failure import BuildError

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"

CARRIED = frozenset(
    {
        "attrs",
        "cattrs",
        "click",
        "jeepney",
        "paho-mqtt",
        "pluggy",
        "python-vlc",
        "sqlite-fts4",
        "sqlite-utils",
        "structlog",
        "typing-extensions",
        "urllib3",
    }
)

# Each with why the running agent does without it.
LEFT_OUT = {
    "click-default-group": "the command line of sqlite-utils alone",
    "editables": "installs a checkout for development",
    "hatchling": "builds the wheel",
    "packaging": "needed by hatchling alone",
    "pathspec": "needed by hatchling alone",
    "pip": "the command `sqlite-utils install` alone",
    "python-dateutil": "the command `sqlite-utils convert` alone; agent/outbox/connection.py keeps it out",
    "tabulate": "the command line of sqlite-utils alone",
    "tomlkit": "needed by hatchling alone",
    "trove-classifiers": "needed by hatchling alone",
    "tzdata": "needed by python-dateutil alone",
}

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s\\;]+)(?P<rest>.*)$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One library at one version, and the SHA-256 of each file that counts as it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def requirement(self) -> str:
        """The pin as pip reads it."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{each}" for each in self.hashes)])


def packaged(text: str) -> tuple[Pin, ...]:
    """The libraries that stand in the package."""
    pins = tuple(_pins(text))
    names = {pin.name for pin in pins}
    if strangers := sorted(names - CARRIED - LEFT_OUT.keys()):
        raise BuildError(
            f"requirements.lock holds {', '.join(strangers)}, of which tools/deb/lock.py does not say whether the "
            "package carries it. Add it to CARRIED, or to LEFT_OUT with the reason."
        )
    if missing := sorted(CARRIED - names):
        raise BuildError(f"requirements.lock lacks {', '.join(missing)}, which the package carries.")
    return tuple(sorted((pin for pin in pins if pin.name in CARRIED), key=lambda pin: pin.name))


def _pins(text: str) -> Iterator[Pin]:
    lines = (line for line in text.replace("\\\n", " ").splitlines() if line.strip() and line[0] not in "# ")
    for line in lines:
        found = _PIN.match(line)
        hashes = tuple(_HASH.findall(line))
        if found is None or not hashes:
            raise BuildError(f"requirements.lock: no version with hashes in the line {line!r}. Run tools/lock.")
        yield Pin(found["name"], found["version"], hashes)
