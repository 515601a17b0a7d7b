"""Visits: which stretch of time at a touch kiosk belongs to one visitor.

Contract: told what the application does (`touch`, `start`, `end`), answers the context id that the visit's events
carry, or None where no visit is open. Times are boot-time seconds. `state()` is text that must commit with the events
of the step; `Visits.restore` goes on from it.
Rules: off, there is never a context. A visit begins with the first activity after the last one was over, or by
command; it is over after `idle_s` without an activity, or by command. What is played does not prolong it: a kiosk
plays on when nobody stands there. A visit goes on after a restart of the agent within the same boot. A number is
never given twice, for `state` holds it before anything that carries it is durable.
Reasons: the guide's section 12.2; decisions 3 (no random) and 5. No person is told by a context's id: it is made from
the store's generation and a count.
"""

import json
from math import isfinite
from uuid import UUID, uuid5


class Visits:
    """`generation`: the store's (UUID text). `boot`: this boot's id. `begun`: how many visits there have been."""

    def __init__(self, generation: str, *, boot: str, idle_s: float, enabled: bool, begun: int = 0) -> None:
        self._generation = UUID(generation)
        self._boot = boot
        self._idle_s = idle_s
        self._enabled = enabled
        self._begun = begun
        self._last: float | None = None

    @classmethod
    def restore(cls, text: str, generation: str, *, boot: str, idle_s: float, enabled: bool) -> "Visits":
        """Go on from `state()`; "" is a beginning. Raises ValueError for anything else.

        Whoever gets that makes `Visits(..., begun=)` with a number that no visit can have had.
        """
        if not text:
            return cls(generation, boot=boot, idle_s=idle_s, enabled=enabled)
        try:
            found = json.loads(text)
            begun, last = found["begun"], found.get("last")
            if type(begun) is not int or begun < 0:
                raise ValueError(f"begun cannot be {begun!r}")
            visits = cls(generation, boot=boot, idle_s=idle_s, enabled=enabled, begun=begun)
            if last is not None and found["boot"] == boot:
                visits._last = _second(last)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a state of visits: {error}") from error
        return visits

    @property
    def enabled(self) -> bool:
        """Whether visits are told apart at all."""
        return self._enabled

    def state(self) -> str:
        """What `restore` needs. It changes only by `touch`, `start` and `end`."""
        if self._last is None:
            return json.dumps({"begun": self._begun})
        return json.dumps({"begun": self._begun, "boot": self._boot, "last": self._last})

    def current(self, now: float) -> str | None:
        """The open visit's context id, for what happens now without being an activity: a play that opens."""
        if not self._enabled or self._last is None or now - self._last >= self._idle_s:
            return None
        return self._context(self._begun)

    def touch(self, now: float) -> str | None:
        """An activity: it belongs to the open visit, or begins one."""
        if self.current(now) is None:
            return self.start(now)
        self._last = now
        return self._context(self._begun)

    def start(self, now: float) -> str | None:
        """A new visit by command, whatever is open."""
        if not self._enabled:
            return None
        self._begun += 1
        self._last = now
        return self._context(self._begun)

    def end(self, now: float) -> str | None:
        """The visit is over by command; its context id, or None where none was open."""
        ended = self.current(now)
        self._last = None
        return ended

    def _context(self, number: int) -> str:
        return str(uuid5(self._generation, f"visit/{number}"))


def _second(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise ValueError(f"last cannot be {value!r}")
    return float(value)
