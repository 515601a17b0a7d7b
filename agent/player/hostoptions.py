"""How the player host is started: its command line, and which VLC options it may start libvlc with.

Contract: `command_line` writes what `agent.player.hostline` reads; `usable` tells the options that libvlc accepts from
those it refuses.
Rules: one option that libvlc does not know makes it refuse to start at all, so after a refusal each is tried alone, in
a throw-away process, for an option may also crash it.
Reasons: vlc.md sections 1 and 8; a fleet has several builds of VLC.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# No title, no overlay, nothing fetched from the network or the folder beside the medium: the screen is the customer's.
_QUIET = (
    "--quiet",
    "--no-video-title-show",
    "--no-osd",
    "--no-snapshot-preview",
    "--no-sub-autodetect-file",
    "--no-metadata-network-access",
    "--no-lua",
)
# Real-time pacing and normal Vout events, unlike --vout=none (vlc.md section 1).
_HEADLESS = ("--vout=vdummy", "--aout=adummy")

# libvlc's cold start without a plugin cache took 0.9 s on a desktop machine; a Pi takes many times that.
PROBE_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What concerns the whole life of a host. `vlc_options`: further libvlc instance options ("--name=value")."""

    headless: bool = False
    vlc_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostArguments:
    """A host's command line. `parent`: the pid it dies with (child mode), None in unit mode. `careful`: try each option
    alone before the start, since the last start ended without a word. `without`: options known to be refused."""

    socket: Path
    run: int
    parent: int | None
    careful: bool
    options: HostOptions
    without: tuple[str, ...] = ()

    def vlc_arguments(self) -> tuple[str, ...]:
        """All options to start libvlc with, as far as they are not known to be refused."""
        wanted = (*_QUIET, *(_HEADLESS if self.options.headless else ()), *self.options.vlc_options)
        return tuple(option for option in wanted if option not in self.without)


def command_line(arguments: HostArguments) -> list[str]:
    """The arguments of `python -m agent.player.host`."""
    line = [f"--socket={arguments.socket}", f"--run={arguments.run}"]
    if arguments.parent is not None:
        line.append(f"--parent={arguments.parent}")
    if arguments.careful:
        line.append("--careful")
    if arguments.options.headless:
        line.append("--headless")
    line += [f"--vlc={option}" for option in arguments.options.vlc_options]
    return line + [f"--without={option}" for option in arguments.without]


def environment() -> dict[str, str]:
    """Ours, and the library's name: python-vlc would run ldconfig and gcc to find it (vlc.md section 5).

    Where VLC finds no display it falls back to drawing with letters on a terminal, and without a terminal libcaca ends
    the process; its null driver plays on without a picture.
    """
    return {"PYTHON_VLC_LIB_PATH": "libvlc.so.5", "CACA_DRIVER": "null", **os.environ}


def usable(options: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(accepted, refused), each option tried alone in a process of its own."""
    accepted = tuple(option for option in options if probe([option]) is not None)
    return accepted, tuple(option for option in options if option not in accepted)


def probe(options: Sequence[str]) -> str | None:
    """libvlc's version where it starts with `options`, without a crash and in good time; else None."""
    command = [sys.executable, "-m", "agent.player.probe", *options]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_WITHIN_S,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
