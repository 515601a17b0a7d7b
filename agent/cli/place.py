"""Where the agent keeps its state: the option that every command shares.

Contract: `state_dir_option` adds `--state-dir` and passes a Path called `state_dir`.
Rules: the default is systemd's STATE_DIRECTORY, then /var/lib/kiosk-agent, so that a command typed by hand finds the
agent that the package's unit started. Whether the folder may be read is not asked here: an application reports by a
socket that stands elsewhere, and whoever needs the folder says what is missing.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

DEFAULT_STATE_DIR = Path("/var/lib/kiosk-agent")

Function = TypeVar("Function", bound=Callable[..., object])


def default_state_dir() -> Path:
    """The state folder where none is named. systemd lists several, divided by colons; the first is ours."""
    first = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(first) if first else DEFAULT_STATE_DIR


def state_dir_option(function: Function) -> Function:
    """Add `--state-dir DIR` to a command."""
    return click.option(
        "--state-dir",
        metavar="DIR",
        type=click.Path(file_okay=False, readable=False, path_type=Path),
        default=default_state_dir,
        help=f"The agent's state folder. Default: $STATE_DIRECTORY, then {DEFAULT_STATE_DIR}.",
    )(function)
