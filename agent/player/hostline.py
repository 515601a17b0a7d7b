"""The player host's reading of its command line.

Contract: `arguments_of` is the inverse of `agent.player.hostoptions.command_line`.
Reasons: a module of its own, since the agent's process writes command lines and need not hold argparse to read them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from agent.player.hostoptions import HostArguments, HostOptions


def arguments_of(line: Sequence[str]) -> HostArguments:
    """The arguments that a command line stands for; argparse ends the process where it does not understand it."""
    parser = argparse.ArgumentParser("agent.player.host", description="Owns libvlc for kiosk-agent.")
    parser.add_argument("--socket", type=Path, required=True, help="the agent's socket for player hosts")
    parser.add_argument("--run", type=int, required=True, help="a number that no other run of a host has")
    parser.add_argument("--parent", type=int, help="end when this process ends, and with the link")
    parser.add_argument("--careful", action="store_true", help="try each VLC option alone first")
    parser.add_argument("--headless", action="store_true", help="no picture and no sound")
    parser.add_argument("--vlc", action="append", default=[], help="a further libvlc option; may be repeated")
    parser.add_argument("--without", action="append", default=[], help="an option to leave out; may be repeated")
    parsed = parser.parse_args(line)
    options = HostOptions(headless=parsed.headless, vlc_options=tuple(parsed.vlc))
    return HostArguments(parsed.socket, parsed.run, parsed.parent, parsed.careful, options, tuple(parsed.without))
