"""Where the intake's socket stands: the same answer for the agent and for whoever asks it.

Contract: `socket_path` is what the agent binds. `candidates` are the paths that a command tries, in order. Pure.
Rules: a configured path, which starts at the state folder where it is relative; else systemd's runtime folder for the
service, else the state folder. A command typed by hand has no RUNTIME_DIRECTORY, so it also looks where the package's
unit has it; the state folder is closed to everybody but the agent's user.
"""

from collections.abc import Mapping
from pathlib import Path

SOCKET_NAME = "intake.sock"
PACKAGED_RUNTIME_DIR = Path("/run/kiosk-agent")


def socket_path(configured: str | None, state_dir: Path, environment: Mapping[str, str]) -> Path:
    """Where the agent listens. systemd lists several runtime folders, divided by colons; the first is ours."""
    if configured is not None:
        return state_dir / configured
    runtime = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return (Path(runtime) if runtime else state_dir) / SOCKET_NAME


def candidates(configured: str | None, state_dir: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where an agent may be listening, the likeliest first."""
    found = socket_path(configured, state_dir, environment)
    if configured is not None:
        return (found,)
    return tuple(dict.fromkeys((found, state_dir / SOCKET_NAME, PACKAGED_RUNTIME_DIR / SOCKET_NAME)))
