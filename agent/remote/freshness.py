"""Whether a command comes too late.

Contract: `too_late` says why a command must not be executed any more, or None. `Backlog` knows whether what comes now
may have been kept by the broker. Pure: the time is passed in (`at`: boot-time s).
Rules: the broker keeps commands for a device that is away, and a "next" of last week must not fire today. With a clock
that is synchronised, `expires` decides. Where there is no `expires`, or no such clock, only what certainly comes fresh
is executed: on a connection for which the broker had kept nothing, or once what it had kept has come through, which is
so when no command came for `QUIET_S`.
Reasons: the age of a message is told by MQTT 5's expiry alone, which the broker counts down, and which 3.1.1 lacks.
Trusting an unset clock would fire old commands (it stands in the past, where nothing has expired); refusing all that
come without a set one would leave a fleet that has no time server uncontrollable.
"""

from agent.remote.commands import Command

# The broker sends what it kept at once, as fast as it is acknowledged; a bad line has gaps of some seconds.
QUIET_S = 10.0


class Backlog:
    """What the broker may have kept while we were away."""

    def __init__(self) -> None:
        self._over_at: float | None = None

    def online(self, at: float, *, resumed: bool) -> None:
        """A connection began. `resumed`: the broker had a session of ours, so it may have kept something."""
        self._over_at = at + QUIET_S if resumed else at

    def offline(self) -> None:
        """The connection is over; what comes before the next one is known to stand is not fresh."""
        self._over_at = None

    def is_over(self, at: float) -> bool:
        """Whether a command that comes now is fresh; one that may not be makes the wait begin anew."""
        if self._over_at is None:
            return False
        if at < self._over_at:
            self._over_at = at + QUIET_S
            return False
        return True


def too_late(command: Command, *, wall: float, synced: bool, fresh: bool) -> str | None:
    """Why the command is not executed. `wall`: epoch s; `synced`: that clock is right; `fresh`: see `Backlog`."""
    expires = command.expires
    if expires is not None and synced:
        return f"expired {wall - expires:.0f} s ago" if wall > expires else None
    if fresh:
        return None
    why = "the command has no expires" if expires is None else "the device's clock is not synchronised"
    return (
        f"may be old: {why}, and it came among what the broker may have kept while the device was away; "
        "send it again with a new id"
    )
