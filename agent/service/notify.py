"""What a service tells systemd: the notify protocol of sd_notify(3).

Contract: `Notifier.found(environ)` reads what systemd left in the environment; `tell` sends lines of KEY=value and
never raises, never waits and does nothing outside of systemd. `watchdog_s`: how often systemd wants to be told, at the
least; None where it does not.
Rules: for one process: a watchdog that was meant for another pid is nobody's here. systemd gone, or its queue full, is
no fault of ours and ends nothing.
Reasons: house page (the protocol is small and stable; every library of it is old or compiled).
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notifier:
    """`address`: systemd's socket, None outside of it. `watchdog_s`: seconds between two `WATCHDOG=1`, at most."""

    address: str | None = None
    watchdog_s: float | None = None

    @classmethod
    def found(cls, environ: Mapping[str, str]) -> "Notifier":
        """What `environ` says."""
        return cls(environ.get("NOTIFY_SOCKET") or None, _watchdog_s(environ))

    def tell(self, **fields: str) -> bool:
        """Send `fields` in one datagram: `tell(READY="1", STATUS="playing")`. True where systemd has it."""
        if self.address is None:
            return False
        # A newline would begin another field: what is said of a playlist must not speak for us.
        lines = [f"{key}={' '.join(value.split())}" for key, value in fields.items()]
        # An address that begins with @ is in the abstract namespace.
        where = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.setblocking(False)
                line.sendto("\n".join(lines).encode("utf-8", "replace"), where)
        except OSError:
            return False
        return True


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    owner = environ.get("WATCHDOG_PID")
    if owner and owner != str(os.getpid()):
        return None
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 else None
