"""The attached host's reading of its command line.

Contract: `arguments_of` answers what was asked for; argparse ends the process where it does not understand it.
Reasons: a module of its own, as the player host's.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SOCKET = Path("/run/kiosk-agent/player.sock")
URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class AttachArguments:
    """`chosen`: the one VLC to follow by its name on the bus; `password_file`: of VLC's HTTP interface."""

    socket: Path
    source: str
    chosen: str | None
    url: str
    password_file: Path | None


def arguments_of(line: Sequence[str]) -> AttachArguments:
    """The arguments that a command line stands for."""
    parser = argparse.ArgumentParser(
        "kiosk-attach", description="Tells kiosk-agent what a VLC plays that runs already, started by somebody else."
    )
    parser.add_argument("--socket", type=Path, default=SOCKET, help=f"the agent's socket for player hosts ({SOCKET})")
    parser.add_argument(
        "--source",
        choices=("mpris", "http"),
        default="mpris",
        help="over the session bus, as the user that runs VLC (mpris, the default), or over VLC's HTTP interface",
    )
    parser.add_argument("--name", help="the one VLC to follow, by its name on the bus: vlc, vlc.instance123")
    parser.add_argument("--url", type=_url, default=URL, help=f"VLC's HTTP interface ({URL})")
    parser.add_argument("--password-file", type=Path, help="a file with VLC's --http-password, readable by this user")
    parsed = parser.parse_args(line)
    return AttachArguments(parsed.socket, parsed.source, parsed.name, parsed.url, parsed.password_file)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme == "http" and bool(parts.hostname) and text.isascii() and text.isprintable()
        sound = sound and not any((" " in text, parts.username, parts.password, parts.query, parts.fragment))
        sound = sound and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise argparse.ArgumentTypeError(f"give it as {URL}: the password stands in a file, not in the address")
    return text.rstrip("/")
