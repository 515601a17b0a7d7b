"""One device as a row of the fleet's table, and as an object for machines.

Contract: `row` and `record` of a sighting; pure. `HEAD` names the columns.
Rules: every text of a device passes through `plain`. What it did not report is a dash.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from agent.fleet import fields
from agent.fleet.ailments import Ailment, Complaint
from agent.fleet.console import bad, doubtful, faint, good
from agent.fleet.sighting import Sighting, Standing
from agent.fleet.words import plain, span

HEAD = ("DEVICE", "", "PLAYING", "DISPLAY", "QUEUE", "REVISIONS", "VERSION", "PROBLEMS")
NOTHING = "-"
_BAD_AT_LEAST = Ailment.RETURNED


def row(sighting: Sighting, complaints: Sequence[Complaint], now: float) -> list[str]:
    """The cells of one device."""
    state = sighting.state
    problems = "; ".join(plain(each.text) for each in complaints)
    colour = bad if complaints and complaints[0].ailment <= _BAD_AT_LEAST else doubtful
    name = fields.text(state, "device", "name")
    return [
        plain(f"{sighting.id} ({name})" if name else sighting.id),
        _standing(sighting, now),
        plain(playing(sighting)) if sighting.is_online else faint(plain(playing(sighting))),
        plain(display(state)),
        _queue(state),
        plain(revisions(sighting)),
        plain(version(sighting) or NOTHING),
        colour(problems) if problems else "",
    ]


def record(sighting: Sighting, complaints: Sequence[Complaint]) -> dict[str, Any]:
    """The same for machines; its keys are kept stable."""
    state, presence = sighting.state, sighting.presence
    levels = fields.table(state, "config", "levels")
    return {
        "id": sighting.id,
        "name": fields.text(state, "device", "name"),
        "site": fields.text(state, "device", "site"),
        "tags": fields.texts(state, "device", "tags"),
        "groups": list(sighting.groups),
        "standing": sighting.standing.value,
        "since": presence.since if presence is not None and presence.online else None,
        "session": presence.session if presence is not None else None,
        "reported": sighting.reported,
        "version": version(sighting),
        "playing": fields.text(state, "player", "state"),
        "item": fields.text(state, "player", "item", "uri"),
        "display": fields.text(state, "player", "display"),
        "queue": {
            "depth": fields.whole(state, "queue", "depth"),
            "oldest_age_s": fields.number(state, "queue", "oldest_age_s"),
        },
        "configuration": fields.text(state, "config", "state"),
        "revisions": {
            name: {
                "wanted": fields.whole(levels, name, "wanted"),
                "applied": fields.whole(levels, name, "applied"),
            }
            for name in levels
        },
        "problems": [{"kind": each.ailment.name.lower().replace("_", "-"), "text": each.text} for each in complaints],
    }


def playing(sighting: Sighting) -> str:
    """What the player does, and with what."""
    state = fields.text(sighting.state, "player", "state")
    if state is None:
        return NOTHING
    item = fields.table(sighting.state, "player", "item")
    uri = fields.text(item, "uri")
    what = fields.text(item, "entry_id") or (None if uri is None else _basename(uri))
    return f"{state} {what}" if what else state


def display(state: fields.Table) -> str:
    """The screen: on, off or unknown; one that may be off now is closed, or does not know the time."""
    said = fields.text(state, "player", "display")
    should_show = fields.table(state, "player").get("should_show", True)
    if said == "off" and not should_show:
        return "off (hours unknown)" if should_show is None else "off (closed)"
    return said or NOTHING


def revisions(sighting: Sighting) -> str:
    """`fleet 7 lobby 3 own 2`; a revision that is wanted and not applied stands behind an arrow: `fleet 6→7`."""
    levels = fields.table(sighting.state, "config", "levels")
    parts = []
    for name in levels:
        report = sighting.level(name)
        if report is None or (report.wanted is None and report.applied is None):
            continue
        kind, _, below = name.partition("/")
        short = {"fleet": "fleet", "group": below, "device": "own"}.get(kind, name)
        applied = NOTHING if report.applied is None else str(report.applied)
        wanted = "" if report.wanted == report.applied else f"→{NOTHING if report.wanted is None else report.wanted}"
        parts.append(f"{short} {applied}{wanted}")
    return " ".join(parts) or NOTHING


def version(sighting: Sighting) -> str | None:
    """The agent's version, as the state or else the birth says."""
    said = fields.text(sighting.state, "version")
    return said or (None if sighting.presence is None else sighting.presence.version)


def _standing(sighting: Sighting, now: float) -> str:
    presence = sighting.presence
    match sighting.standing:
        case Standing.ONLINE:
            since = presence.since if presence is not None and presence.online else None
            return good("online" if since is None or since > now else f"online {span(now - since)}")
        case Standing.STOPPED:
            return doubtful("stopped")
        case Standing.LOST:
            return bad("offline")
        case Standing.UNKNOWN:
            return bad("unknown")


def _queue(state: fields.Table) -> str:
    depth, age = fields.whole(state, "queue", "depth"), fields.number(state, "queue", "oldest_age_s")
    if depth is None:
        return NOTHING
    return f"{depth:,} ({span(age)})" if depth and age is not None else f"{depth:,}"


def _basename(uri: str) -> str:
    try:
        return PurePosixPath(unquote(urlsplit(uri).path)).name or uri
    except ValueError:
        return uri
