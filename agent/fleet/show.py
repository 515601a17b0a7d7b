"""`kiosk-fleet show`: everything about one device.

Contract: exit 0 with all that the broker has of the device; 1 where it has nothing.
Rules: the configuration is what the documents make together, below which the machine's own file stands, which nobody
but the device sees; the device's word on it is the hash.
"""

from collections.abc import Mapping
from typing import Any

import click

from agent.config.layers import Layer, merge
from agent.config.problems import place_text
from agent.fleet import documents, fields
from agent.fleet.ailments import Complaint, ailments
from agent.fleet.console import bad, doubtful, heading
from agent.fleet.difference import shown
from agent.fleet.documents import Damaged
from agent.fleet.exits import Exit
from agent.fleet.levels import groups_of
from agent.fleet.office import Office, operated
from agent.fleet.reading import snapshot
from agent.fleet.rows import NOTHING, playing, record, version
from agent.fleet.sighting import Roll, Sighting, Standing
from agent.fleet.targets import named
from agent.fleet.words import moment, plain, span
from agent.remote.documents import Document
from agent.remote.topics import Fleet, Group, Level

_LABEL = 14

Documents = Mapping[Level, Document | Damaged]


@click.command(short_help="Show everything about one device.")
@click.argument("device")
@operated
def show(office: Office, *, device: str) -> Exit:
    """Show everything about one device: what it reports, and the documents that make its configuration."""
    level = named(f"device/{device}")
    topics = office.topics
    asked = [topics.presence(device), topics.state(device), topics.desired(Fleet()), topics.desired(level)]
    found = snapshot(office.desk, [*asked, f"{topics.root}/group/+/desired"])
    roll = Roll(topics)
    every: dict[Level, Document | Damaged] = {}
    for topic, payload in found.items():
        if roll.take(topic, payload) is None:
            match topics.parse(topic):
                case (at, "desired"):
                    every[at] = documents.read(at, payload)
    sighting = roll.devices.get(device, Sighting(device))
    chain = _chain(sighting, level, every)
    now = office.desk.wall()
    complaints = ailments(sighting, now) if device in roll.devices else ()
    office.console.answer(_report(sighting, complaints, chain), _lines(sighting, complaints, chain, now))
    return Exit.OK if device in roll.devices or level in every else Exit.FAILED


def _chain(sighting: Sighting, own: Level, every: Documents) -> Documents:
    """The documents that are for this device, in the order in which they are laid over each other."""
    mine = every.get(own)
    groups = groups_of(sighting, {} if mine is None else {sighting.id: mine})
    order: list[Level] = [Fleet(), *(Group(name) for name in groups), own]
    return {level: every[level] for level in order if level in every}


def _merged(chain: Documents) -> list[tuple[str, Any, str]]:
    """Every value that the documents make together: its name, itself, and the level that it comes from."""
    layers = [Layer(str(level), each.tree, {}) for level, each in chain.items() if isinstance(each, Document)]
    merged = merge(layers)
    removed = [place for place, owner in merged.owners.items() if _at(merged.tree, place) is _MISSING]
    leaves = [place for place in merged.owners if not isinstance(_at(merged.tree, place), Mapping | _Missing)]
    values = [(place_text(place), _at(merged.tree, place), merged.owners[place].name) for place in leaves]
    return sorted([*values, *((place_text(place), None, merged.owners[place].name) for place in removed)])


class _Missing:
    """Nothing stands there."""


_MISSING = _Missing()


def _at(tree: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        if not isinstance(tree, Mapping) or step not in tree:
            return _MISSING
        tree = tree[step]
    return tree


def _report(sighting: Sighting, complaints: tuple[Complaint, ...], chain: Documents) -> dict[str, Any]:
    return {
        "ok": True,
        "device": record(sighting, complaints),
        "documents": {
            str(level): {"damaged": each.text} if isinstance(each, Damaged) else documents.plain(each)
            for level, each in chain.items()
        },
        "configuration": [{"setting": name, "value": value, "level": level} for name, value, level in _merged(chain)],
        "state": dict(sighting.state) or None,
    }


def _lines(sighting: Sighting, complaints: tuple[Complaint, ...], chain: Documents, now: float) -> list[str]:
    if sighting.presence is None and not sighting.state:
        told = [f"{sighting.id} has told nothing of itself here. Check its id, --base, and the device's remote table."]
    else:
        told = [*_device(sighting, now), *_section("problems", [bad(plain(each.text)) for each in complaints])]
    return [*told, *_configuration(sighting), *_documents(chain)]


def _device(sighting: Sighting, now: float) -> list[str]:
    state, presence = sighting.state, sighting.presence
    name = [fields.text(state, "device", "name"), fields.text(state, "device", "site")]
    tags = [f"#{tag}" for tag in fields.texts(state, "device", "tags")]
    since = "" if presence is None or presence.since is None else f", since {moment(presence.since)}"
    session = "" if presence is None else f", session {presence.session}"
    standing = sighting.standing.value if sighting.standing is not Standing.LOST else "offline"
    queue = fields.table(state, "queue")
    depth, age = fields.whole(queue, "depth"), fields.number(queue, "oldest_age_s")
    waiting = NOTHING if depth is None else f"{depth:,} events" + (f", oldest {span(age)}" if age is not None else "")
    reported = sighting.reported
    lines = {
        "device": " · ".join([sighting.id, *(each for each in name if each), *tags]),
        "presence": f"{standing}{session}{since}",
        "reported": NOTHING if reported is None else f"{span(max(0.0, now - reported))} ago ({moment(reported)})",
        "version": version(sighting) or NOTHING,
        "playing": playing(sighting) + _place(state),
        "queue": waiting,
    }
    found = [line for label, text in lines.items() for line in _section(label, [plain(text)])]
    sinks = [_sink(sink) for sink in fields.tables(state, "sinks")]
    uptime, machine = fields.number(state, "uptime_s"), fields.number(state, "machine_uptime_s")
    running = [f"agent {span(uptime)}"] if uptime is not None else []
    running += [f"machine {span(machine)}"] if machine is not None else []
    return [*found, *_section("destinations", sinks), *_section("up", [", ".join(running)] if running else [])]


def _place(state: fields.Table) -> str:
    """Which item of the list, counted from 1 as the device does."""
    index, count = (fields.whole(state, "player", "item", key) for key in ("index", "count"))
    return f" · item {index} of {count}" if index and count else ""


def _sink(sink: fields.Table) -> str:
    parts = [fields.text(sink, "name") or NOTHING, fields.text(sink, "state"), fields.text(sink, "text")]
    numbers = {"waiting": "depth", "delivered": "delivered", "dead letters": "dead_letters"}
    parts += [f"{found:,} {word}" for word, key in numbers.items() if (found := fields.whole(sink, key))]
    dropped = fields.table(sink, "dropped")
    parts += [f"{number:,} dropped: {reason}" for reason in dropped if (number := fields.whole(dropped, reason))]
    return str(plain(" · ".join(part for part in parts if part)))


def _configuration(sighting: Sighting) -> list[str]:
    config = fields.table(sighting.state, "config")
    if not config:
        return []
    lines = [f"{fields.text(config, 'state') or NOTHING}, hash {fields.text(config, 'hash') or NOTHING}"]
    for name in fields.table(config, "levels"):
        report = sighting.level(name)
        if report is not None:
            lines.append(f"{name}: wanted {report.wanted or NOTHING}, applied {report.applied or NOTHING}")
            lines += [f"  {problem}" for problem in report.problems]
    allow = fields.texts(config, "allow")
    lines += [f"the machine's file also permits: {', '.join(allow)}"] if allow else []
    return _section("config", [plain(line) for line in lines])


def _documents(chain: Documents) -> list[str]:
    lines = []
    for level, each in chain.items():
        if isinstance(each, Damaged):
            lines.append(doubtful(plain(f"{level}: is no document: {each.text}")))
            continue
        by = f" by {each.by}" if each.by else ""
        note = f" ({each.note})" if each.note else ""
        lines.append(plain(f"{level}: revision {each.revision}{by}{note}"))
    values = [f"{plain(name)} = {shown(value)}    {plain(level)}" for name, value, level in _merged(chain)]
    return [*_section("documents", lines or ["none"]), *_section("they say", values)]


def _section(label: str, lines: list[str]) -> list[str]:
    return [(heading(label.ljust(_LABEL)) if index == 0 else " " * _LABEL) + line for index, line in enumerate(lines)]
