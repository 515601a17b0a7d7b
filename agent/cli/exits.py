"""How the commands end.

Contract: every command of kiosk-agent ends with one of these numbers, and scripts may rely on them.
Rules: 0, 1 and 2 are also click's own (a ClickException ends with 1, a UsageError with 2).
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit status. `run` passes on what the agent itself ended with: 0 as asked, 1 after a failure."""

    OK = 0
    # Something failed: a check of `doctor`, a refused call, a database that cannot be read, a crash of the agent.
    FAILED = 1
    # The command line or the configuration is wrong; nothing was started and nothing changed.
    USAGE = 2
    # `status`: no agent is running on this state folder. What the store itself could tell was still printed.
    NOT_RUNNING = 3
