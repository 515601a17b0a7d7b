"""What a player host that is a service of its own tells systemd.

Contract: `begin` says that libvlc stands; `step` is called by the owner loop of libvlc, and by nobody else, so that a
libvlc call that hangs stops the watchdog's ping and has systemd start the host anew; `end` says that it ends as told.
Rules: the text that `systemctl status` shows is sent when it changes. A child is no service: it tells nothing.
Reasons: house rule 10 (a ping is earned); decision 32 (the agent never restarts units, and has no other hold on them).
"""

from agent.service.notify import Notifier

# systemd expects a ping within its interval, and recommends half of it; a quarter forgives one that is late.
PINGS_IN_TIME = 4


class Service:
    """`notifier`: the way to systemd, which leads nowhere outside of it."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._ping_due = 0.0
        self._told = ""

    def begin(self) -> None:
        self._notifier.tell(READY="1")

    def step(self, now: float, text: str) -> None:
        """The owner loop has come round at `now` (boot-time s), and this is what it does."""
        watchdog_s = self._notifier.watchdog_s
        if watchdog_s is not None and now >= self._ping_due:
            self._ping_due = now + watchdog_s / PINGS_IN_TIME
            self._notifier.tell(WATCHDOG="1")
        if text != self._told:
            self._told = text
            self._notifier.tell(STATUS=text)

    def end(self) -> None:
        self._notifier.tell(STOPPING="1")
