"""The part of `status` about the broker and what came from it.

Contract: `remote_lines(remote)` turns the status's "remote" into lines; pure. Nothing where there is no broker.
Rules: as agent.cli.status_text. What the machine's file permits the broker beyond the usual is always said.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import bad, doubtful, faint, good, joined
from agent.cli.words import ago, span, tally

Part = Mapping[str, Any]

_STATES = {"applied": good, "trial": doubtful, "refused": bad, "returned": bad}


def remote_lines(remote: Part, now: float | None) -> list[str]:
    """The lines; `now` is the device's wall clock, epoch seconds."""
    if not remote.get("url"):
        return []
    config = remote.get("config") or {}
    lines = [
        joined(
            str(remote["url"]),
            good("online") if remote.get("online") else bad(str(remote.get("trouble") or "offline")),
            f"MQTT {remote['protocol']}" if remote.get("protocol") and remote.get("online") else None,
            f"since {ago(remote['since_wall'], now)}" if remote.get("since_wall") else None,
            f"next try in {span(remote['next_try_s'])}" if remote.get("next_try_s") else None,
        )
    ]
    if remote.get("text") and not remote.get("online"):
        lines.append(faint(str(remote["text"])))
    if remote.get("disputed"):
        lines.append(bad("duplicate identity: ") + "another machine comes as this device; give one of them another id")
    return [
        *lines,
        *_documents(config),
        *[bad("broken: ") + str(text) for text in [config.get("broken")] if text],
        *[
            doubtful("permitted to the broker: ") + ", ".join(map(str, allow))
            for allow in [config.get("allow")]
            if allow
        ],
        *[f"commands {tally(counters)}" for counters in [remote.get("commands") or {}] if tally(counters)],
        *[f"dropped {tally(counters)}" for counters in [remote.get("dropped") or {}] if tally(counters)],
        *[doubtful("log level: ") + _for_a_time(level) for level in [remote.get("log_level")] if level],
    ]


def _documents(config: Part) -> list[str]:
    """Each level's revisions, and what is wrong with them."""
    levels = config.get("levels") or {}
    if not levels:
        return ["no document: the machine's file alone counts"]
    state = str(config.get("state") or "?")
    lines = [joined(_STATES.get(state, str)(state), *(_level(name, level or {}) for name, level in levels.items()))]
    trial, returned = config.get("trial"), config.get("returned")
    if trial:
        on = ", ".join(map(str, trial.get("on") or [])) or "the agent itself"
        lines.append(doubtful("on trial: ") + f"{on}, {span(trial.get('left_s') or 0)} left")
    if returned:
        lines.append(bad("returned to the last good one: ") + str(returned.get("reason")))
    for name, level in levels.items():
        for problem in map(str, (level or {}).get("problems") or []):
            # Most begin with the document that they are in: "group/lobby@3: player.volume: …".
            lines.append(bad(problem) if problem.startswith(name) else bad(f"{name}: ") + problem)
    return lines


def _for_a_time(level: Part) -> str:
    left = f", {span(level['left_s'])} left" if level.get("left_s") else ""
    return f"{level.get('level')} by command{left}"


def _level(name: str, level: Part) -> str:
    wanted, applied = level.get("wanted"), level.get("applied")
    stands = f"{name} {_revision(applied)}"
    return stands if wanted == applied else f"{stands} (wanted {_revision(wanted)})"


def _revision(number: object) -> str:
    return "-" if number is None else str(number)
