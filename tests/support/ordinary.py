"""An ordinary user for tests that root runs: VLC refuses root, and a session bus refuses whoever is not its own user.

Where an ordinary user runs the tests, it is that user. Else `nobody`, which every Debian has: no user is made.
"""

import os
import pwd
import sys
from collections.abc import Callable, Sequence

import pytest

from tests.support.players import short_folder

NAME = "nobody"

# The interpreter may lie where that user cannot look: it starts as root, has all that it needs, and then lets go.
_PROGRAM = """
import encodings.idna, gettext, importlib, locale, os, shutil, stringprep, sys
number, group, module, *line = sys.argv[1:]
started = importlib.import_module(module)
for each in ("address", "bus", "overbus", "overhttp"):
    importlib.import_module("agent.player.attached." + each)
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(int(group)); os.setuid(int(number))
sys.argv = [module, *line]
sys.exit(started.main())
"""


def ids() -> tuple[int, int]:
    """The user's number and its group's."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    try:
        found = pwd.getpwnam(NAME)
    except KeyError:
        pytest.skip(f"root runs the tests, and there is no user {NAME}")
    return found.pw_uid, found.pw_gid


def become() -> Callable[[], None] | None:
    """What a child process does before it runs a program, to be that user; None where it is that already."""
    if os.geteuid() != 0:
        return None
    number, group = ids()

    def drop() -> None:
        os.setgroups([])
        os.setgid(group)
        os.setuid(number)

    return drop


def python(module: str, line: Sequence[str]) -> list[str]:
    """The command that runs `module`'s main as that user; to be started as the tests' own."""
    number, group = ids()
    return [sys.executable, "-c", _PROGRAM, str(number), str(group), module, *line]


__all__ = ["become", "ids", "python", "short_folder"]
