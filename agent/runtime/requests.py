"""Answers what the command line asks of a running agent.

Contract: `Desk.answer` is called by the main loop for each request; it returns `{"ok": ...}` or `{"error": text}`.
Calls: `status`; `queue.*` and `report.*` (agent.runtime.queries); `player.next`, `previous`, `pause`, `resume`, `play`,
`replay`, `stop`, `seek` (`to`: media seconds) and `rate` (`to`: 1 is the medium's own speed).
Rules: arguments come over a socket, so nothing about them is believed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.delivery.worker import Worker
from agent.outbox.store import Outbox
from agent.player.operations import Next, Operation, Play, Previous, Replay
from agent.player.wire import Pause, Resume, Seek, SetRate, Stop
from agent.runtime import queries
from agent.runtime.control import Request
from agent.runtime.portable.asking import BEGIN, BUSY, at_rest

OPERATIONS: Mapping[str, Operation] = {
    "player.next": Next(),
    "player.previous": Previous(),
    "player.pause": Pause(),
    "player.resume": Resume(),
    "player.play": Play(),
    "player.replay": Replay(),
    "player.stop": Stop(),
}


# A year of media: no player holds more, and libvlc's milliseconds stay far from the end of their integer.
LONGEST_SEEK_S = 366 * 86_400

# Slower and faster than these, sound is gone and a small board falls behind.
RATES = (0.25, 4.0)


class Desk:
    """`status` makes the status, `obey` does what an operator asks, `wake` tells delivery that there is something.

    `refusal`: why something is not done that an operator asks, or None.
    `workers`: of the destinations that are on.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        status: Callable[[], dict[str, Any]],
        obey: Callable[[Operation], None],
        refusal: Callable[[Operation], str | None] = lambda _: None,
        wake: Callable[[], None],
        workers: Callable[[], Sequence[Worker]] = tuple,
    ) -> None:
        self._outbox = outbox
        self._status = status
        self._obey = obey
        self._refusal = refusal
        self._wake = wake
        self._workers = workers

    def answer(self, request: Request) -> dict[str, Any]:
        """The answer to one request."""
        if request.call == "status":
            return {"ok": self._status()}
        if request.call == BEGIN:
            with at_rest(self._workers()) as busy:
                if busy is not None:
                    return {"error": f"{BUSY}: {busy}"}
                return queries.answer(self._outbox, request.call, request.arguments)
        if request.call.startswith(("queue.", "report.")):
            answer = queries.answer(self._outbox, request.call, request.arguments)
            if request.call == "queue.dead.retry":
                self._wake()
            return answer
        operation = _operation(request)
        if operation is None:
            calls = ", ".join(("status", *OPERATIONS, "player.seek", "player.rate"))
            return {"error": f"no such call, or a wrong argument: {request.call[:80]}; there are {calls}"}
        refusal = self._refusal(operation)
        if refusal is not None:
            return {"error": refusal}
        self._obey(operation)
        return {"ok": None}


def _operation(request: Request) -> Operation | None:
    match request.call:
        case "player.seek":
            to = _number(request, 0, LONGEST_SEEK_S)
            return None if to is None else Seek(to)
        case "player.rate":
            to = _number(request, *RATES)
            return None if to is None else SetRate(to)
        case call:
            return OPERATIONS.get(call)


def _number(request: Request, least: float, most: float) -> float | None:
    to = request.arguments.get("to")
    if not isinstance(to, int | float) or isinstance(to, bool) or not least <= to <= most:
        return None
    return float(to)
