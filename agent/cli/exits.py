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
    # No agent is running. `status` has printed what the store itself could tell; `emit` has told nobody anything.
    NOT_RUNNING = 3
    # `verify`: nobody can say whether the test play was counted; the one line says why. (Not counted is FAILED.)
    INCONCLUSIVE = 4
