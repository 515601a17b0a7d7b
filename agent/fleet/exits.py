"""How the commands of kiosk-fleet end.

Contract: every command ends with one of these numbers, and scripts may rely on them.
Rules: 1 and 2 are also click's own (a ClickException ends with 1, a UsageError with 2).
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit status."""

    OK = 0
    # A device refused, failed or did not answer in time; the broker refused; somebody else was quicker.
    FAILED = 1
    # The command line, the connection's settings or the document is wrong; nothing was changed.
    USAGE = 2
    # No connection with the broker, or it was lost: what was published before stands in the text.
    UNREACHABLE = 3
