"""When a device reports its state.

Contract: a value; each method answers it as it is afterwards, `due` is the boot-time second of the next report. Pure:
`jitter` is a number of chance from 0 up to, but not including, 1.
Rules: what is of note is reported at once, but not more often than every `LEAST_S`. What goes on all day (the next
item, one more drop) is reported every `CALM_S` at most. Everything else waits for the next regular report. No report
of a fleet falls on the same second: it was told by one message, or came back by one broker.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.kernel.backoff import spread

LEAST_S = 5.0
CALM_S = 60.0
SPREAD_S = 1.0
"""Over which a fleet's answers to one document are spread: an operator looks on, and wants them within seconds."""
RETURN_SPREAD_S = 5.0
"""Over which the reports of a fleet are spread whose broker came back; the connections were spread before."""
REGULAR_PART = 0.2
"""How far a regular report may fall from its time, either way."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a report said, as far as a change of it is worth another one: `urgent` at once, `calm` within a minute."""

    urgent: str
    calm: str


@dataclass(frozen=True, slots=True)
class Pacing:
    """`due`: of the next report. `last`, `told`: when the last one of this connection went out, and what it said."""

    due: float
    last: float | None = None
    told: Notes | None = None

    @classmethod
    def begin(cls, now: float, *, jitter: float) -> "Pacing":
        """A connection stands: the broker may know nothing of us."""
        return cls(now + jitter * RETURN_SPREAD_S)

    def noticed(self, now: float, notes: Notes, *, jitter: float) -> "Pacing":
        """How things stand now; to be said every second or so."""
        if self.told is None or self.last is None or notes == self.told:
            return self
        least = LEAST_S if notes.urgent != self.told.urgent else CALM_S
        return replace(self, due=min(self.due, max(now + jitter * SPREAD_S, self.last + least)))

    def asked(self, now: float) -> "Pacing":
        """Somebody waits for a report."""
        return replace(self, due=min(self.due, now))

    def published(self, now: float, notes: Notes, *, every: float, jitter: float) -> "Pacing":
        """A report went out. `every`: `remote.report_every_s`."""
        return Pacing(now + spread(every, part=REGULAR_PART, jitter=jitter), now, notes)


def notes(state: Mapping[str, Any]) -> Notes:
    """What is of note in a state that agent.remote.reported built."""
    config, player, sinks, machine = state["config"], state["player"], state["sinks"], state["machine"]
    trial = config["trial"] and config["trial"]["on"]
    urgent = [
        {**config, "trial": trial},
        [(sink["name"], sink["state"] == "held", sink["cause"], sink["dead_letters"] > 0) for sink in sinks],
        [sorted(sink["dropped"]) for sink in sinks],
        [state["version"], state["session"], state["clock"], state["device"]],
        [state["queue"]["volatile"], machine["under_voltage"], player["display"]],
    ]
    calm = [
        [player["state"], player["item"], player["restarts"]],
        [(sink["state"], sink["text"], sink["dead_letters"], sink["dropped"]) for sink in sinks],
    ]
    return Notes(_fixed(urgent), _fixed(calm))


def _fixed(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
