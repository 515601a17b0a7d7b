"""The player host's reading of its command line.

Contract: `arguments_of` is the inverse of `agent.player.hostoptions.command_line`. Whoever starts a host by hand, or as
a service, leaves `--run` and `--parent` out: it is then a unit, with a run of its own.
Rules: such a run is drawn by chance. The agent takes up a play where it has the same run before it again, over restarts
of both, of other versions and of the machine; a number made of a clock could come again with another boot.
Reasons: a module of its own, since the agent's process writes command lines and need not hold argparse to read them.
"""

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path

from agent.player.hostoptions import HostArguments, HostOptions

# As many as every reader of JSON takes for a whole number.
RUN_BITS = 52


def arguments_of(line: Sequence[str]) -> HostArguments:
    """The arguments that a command line stands for; argparse ends the process where it does not understand it."""
    parser = argparse.ArgumentParser(
        "kiosk-player", description="Plays with libvlc what kiosk-agent says, and goes on while that is away."
    )
    parser.add_argument("--socket", type=Path, required=True, help="the agent's socket for player hosts")
    parser.add_argument("--run", type=int, help="a number that no other run of a host has (else: drawn by chance)")
    parser.add_argument("--parent", type=int, help="end when this process ends, and with the link (else: a unit)")
    parser.add_argument("--careful", action="store_true", help="try each VLC option alone first")
    parser.add_argument("--headless", action="store_true", help="no picture and no sound")
    parser.add_argument("--vlc", action="append", default=[], help="a further libvlc option; may be repeated")
    parser.add_argument("--without", action="append", default=[], help="an option to leave out; may be repeated")
    parsed = parser.parse_args(line)
    run = parsed.run if parsed.run is not None else secrets.randbits(RUN_BITS)
    options = HostOptions(headless=parsed.headless, vlc_options=tuple(parsed.vlc))
    return HostArguments(parsed.socket, run, parsed.parent, parsed.careful, options, tuple(parsed.without))
