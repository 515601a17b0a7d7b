"""Remembers a rollout, so that it can be taken up, or taken back, after any crash and from any machine.

Contract: `Journal.save` returns once plan and entries are on this machine's disk and at the broker; `open_rollouts`
finds those that are not over. Raises OSError and `DeskError`.
Rules: written before what it announces is published. The same entries lie in a file and retained at the broker, below
`<base>/v1/rollout/<id>/`, which devices may not read: the file survives a broker that lost its newest messages, the
broker an operator's machine that is gone. Of two plans the one that is further on counts. Entries are gathered into
messages of bounded size, since brokers refuse large ones and drop many small ones.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.fleet import documents
from agent.fleet.desk import Desk
from agent.fleet.reading import snapshot
from agent.fleet.rollout_course import Phase
from agent.fleet.rollout_plan import DamagedError, Entry, Plan, entry_of, plan_of
from agent.remote import durable
from agent.remote.line import Outgoing
from agent.remote.topics import Topics

# Entries of one message; a single one is at most a document (256 KiB), and mosquitto's sample takes 512 KiB.
_MESSAGE_BYTES = 128 * 1024
_PHASES = list(Phase)


class Journal:
    """One rollout's. `entries`: what is kept there already, by device."""

    def __init__(self, desk: Desk, topics: Topics, folder: Path, *, plan: Plan, parts: Mapping[str, Any]) -> None:
        self._desk = desk
        self._root = _root(topics, plan.id)
        self._path = folder / f"{plan.id}.json"
        self._parts: dict[str, Any] = dict(parts)
        self.plan = plan
        self.entries = {
            entry.device: entry
            for name, part in self._parts.items()
            if name.startswith("entries/")
            for entry in map(entry_of, part)
        }

    def save(self, plan: Plan, entries: Sequence[Entry] = ()) -> None:
        """Remember where the rollout is now, and devices that it is about to reach."""
        fresh: dict[str, Any] = {"plan": plan.plain()}
        if "documents" not in self._parts:
            fresh["documents"] = {"after": documents.plain(plan.document)}
            fresh["before"] = plan.before
        fresh |= self._gathered(entries)
        self._parts |= fresh
        self._path.parent.mkdir(0o700, parents=True, exist_ok=True)
        durable.write(self._path, json.dumps(self._parts).encode())
        # The plan last: whoever finds it finds what it speaks of.
        for name in sorted(fresh, key=lambda name: name == "plan"):
            self._desk.publish(Outgoing(f"{self._root}/{name}", json.dumps(fresh[name]).encode(), retain=True))
        self.plan = plan
        self.entries |= {entry.device: entry for entry in entries}

    def forget(self) -> None:
        """The rollout is over."""
        for name in sorted(self._parts, key=lambda name: name != "plan"):
            self._desk.publish(Outgoing(f"{self._root}/{name}", b"", retain=True))
        self._path.unlink(missing_ok=True)

    def _gathered(self, entries: Sequence[Entry]) -> dict[str, Any]:
        known = sum(name.startswith("entries/") for name in self._parts)
        messages: list[list[dict[str, Any]]] = []
        room = 0
        for entry in entries:
            plain = entry.plain()
            size = len(json.dumps(plain))
            if size > room:
                messages.append([])
                room = _MESSAGE_BYTES
            messages[-1].append(plain)
            room -= size
        return {f"entries/{number}": message for number, message in enumerate(messages, start=known)}


def open_rollouts(desk: Desk, topics: Topics, folder: Path) -> dict[str, Journal]:
    """The rollouts that are not over, by id, as the broker and this machine's files tell."""
    told: dict[str, dict[str, Any]] = {}
    for topic, payload in snapshot(desk, [f"{_root(topics, '+')}/#"]).items():
        id, _, name = topic.removeprefix(f"{topics.root}/rollout/").partition("/")
        told.setdefault(id, {})[name] = _read(payload)
    for path in sorted(folder.glob("*.json")):
        parts = _read(path.read_bytes())
        if isinstance(parts, dict):
            there = told.setdefault(path.stem, {})
            newer = _place(parts) >= _place(there)
            told[path.stem] = {**there, **parts} if newer else {**parts, **there}
    return {id: _journal(desk, topics, folder, parts) for id, parts in told.items() if "plan" in parts}


def _journal(desk: Desk, topics: Topics, folder: Path, parts: Mapping[str, Any]) -> Journal:
    new = parts.get("documents")
    if not isinstance(parts["plan"], dict) or not isinstance(new, dict) or not isinstance(new.get("after"), dict):
        raise DamagedError("the journal of a rollout is damaged; what it had published stands in the history")
    plan = plan_of(parts["plan"], new["after"], parts.get("before"))
    return Journal(desk, topics, folder, plan=plan, parts=parts)


def _place(parts: Mapping[str, Any]) -> tuple[int, int]:
    """How far the plan is."""
    try:
        return _PHASES.index(Phase(parts["plan"]["phase"])), int(parts["plan"]["stage"])
    except (KeyError, TypeError, ValueError):
        return -1, -1


def _read(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _root(topics: Topics, id: str) -> str:
    return f"{topics.root}/rollout/{id}"
