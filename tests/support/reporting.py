"""Devices on an exchange that tell what they played, slice by slice."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent.kernel.totals import By, Grouped, key_of
from agent.remote.commands import Command, Report, parse
from agent.remote.letters import Arrived
from agent.remote.line import Outgoing
from agent.remote.slices import Slice
from agent.runtime.reporting.lines import Ledger
from agent.runtime.reporting.slicing import Question, Slicing
from agent.runtime.reporting.zone import day_of
from tests.support.fleet import TOPICS, Exchange, Kiosk
from tools.simulator.ledger import MadeUp


class Teller(Kiosk):
    """A device with a ledger, of which a slice has `slice_lines`.

    `loses`: the numbers of the questions, from 1, whose answer is lost on the way. `leaves_at`: the question from which
    on it is not there any more. `doubles`: each answer comes twice.
    """

    def __init__(
        self,
        exchange: Exchange,
        id: str,
        *,
        lines: int = 23,
        slice_lines: int = 5,
        loses: Sequence[int] = (),
        leaves_at: int = 1 << 30,
        doubles: bool = False,
        site: str = "Berlin",
        **more: Any,
    ) -> None:
        self.ledger: Ledger = MadeUp(id, lines)
        self.questions: list[dict[str, Any]] = []
        self._slice_lines, self._loses, self._leaves_at, self._doubles = slice_lines, loses, leaves_at, doubles
        super().__init__(exchange, id, **more)
        self.state["device"]["site"] = site
        self.report()

    def _execute(self, message: Outgoing) -> None:
        arrived = Arrived(1, 1, 1, message.topic, message.payload, retained=False)
        command = parse(arrived, TOPICS, self.id)
        assert isinstance(command, Command)
        assert isinstance(command.order, Report)
        self.questions.append(json.loads(message.payload)["arguments"])
        number = len(self.questions)
        if number in self._loses or number >= self._leaves_at:
            return
        data = self.slice(command.order)
        self._tell(message, {"id": command.id, "command": "report", "status": "accepted", "data": None})
        for _ in range(2 if self._doubles else 1):
            self._tell(message, {"id": command.id, "command": "report", "status": "done", "data": data})

    def slice(self, order: Report) -> dict[str, Any]:
        """What it answers."""
        asked = Question(order.by, order.period, order.cursor)
        slicing = Slicing(self.ledger, asked, lines=self._slice_lines)
        while (found := slicing.step()) is None:
            pass
        return found.plain()

    def _tell(self, message: Outgoing, told: Mapping[str, Any]) -> None:
        self._exchange.tell(message.response_topic or "", {"v": 1, "reason": None, **told}, retain=False)


def a_slice(ledger: Ledger, by: Sequence[By], *, after: int | None = None, lines: int = 5) -> Slice:
    """One slice of a ledger."""
    slicing = Slicing(ledger, Question(tuple(by), after=after), lines=lines)
    while (found := slicing.step()) is None:
        pass
    return found


def all_slices(ledger: Ledger, by: Sequence[By], lines: int) -> list[Slice]:
    """All of them, each of so many lines."""
    found = [a_slice(ledger, by, lines=lines)]
    while not found[-1].done:
        found.append(a_slice(ledger, by, after=found[-1].to, lines=lines))
    return found


def own_report(ledger: Ledger, by: Sequence[By]) -> Grouped:
    """What the device itself would report of all its plays."""
    made = Grouped(by)
    for play in ledger.plays(0, 1 << 30):
        made.add_play(key_of(play, by, day_of(play.began)), play)
    return made
