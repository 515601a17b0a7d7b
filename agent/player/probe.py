"""A throw-away process that starts libvlc once.

Contract: `python -m agent.player.probe OPTION…` prints libvlc's version and exits with 0 if it starts with these
options, with 1 (or a signal) if not.
Reasons: an unknown option makes libvlc refuse to start, and a faulty driver or plugin may crash the process.
"""

import sys

from agent.player import libvlc


def main() -> int:
    """Start libvlc with the command line's options."""
    sys.stdout.write(f"{libvlc.VERSION}\n")
    return 0 if libvlc.accepts(["--quiet", *sys.argv[1:]]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
