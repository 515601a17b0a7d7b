"""config/privacy.md names every field that the device tells its broker, and none that it does not."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.config.files import Loaded
from agent.kernel.totals import By
from agent.remote import answers, presence
from agent.remote.answers import Answer, Status
from agent.remote.desired import Returned
from agent.remote.machine import Readings
from agent.remote.reported import MOST_BYTES, About, Facts, Item, Player, Queue, Sink, build, encode
from agent.remote.topics import Topics
from agent.remote.trial import Trial
from agent.runtime.diagnostics import Diagnostics
from agent.runtime.steering.facts import Standing
from tests.support.configuration import SMALLEST, loaded
from tests.support.helm import Helm
from tests.support.outbox import an_instant
from tests.support.reporting import a_slice
from tools.simulator.ledger import MadeUp

PAGE = (Path(__file__).parents[2] / "config" / "privacy.md").read_text()
FREE = {"levels", "dropped", "counters", "revisions"}
"""Whose keys are names that somebody gave, or reasons."""


def named() -> list[set[str]]:
    """What the first columns of the section's tables name, table by table."""
    section = PAGE.split("\n## To the broker\n")[1].split("\n## ")[0]
    tables = re.split(r"^\| field .*$", section, flags=re.MULTILINE)[1:]
    rows = ([line.split("|")[1] for line in table.splitlines() if line.startswith("| `")] for table in tables)
    return [{name for cell in cells for name in re.findall(r"`(\w+)`", cell)} for cells in rows]


def keys(value: Any) -> Iterator[str]:
    """All names in it; of a table whose keys are free, those below them."""
    match value:
        case Mapping():
            for key, each in value.items():
                yield key
                below = list(each.values()) if key in FREE and isinstance(each, Mapping) else each
                yield from keys(below)
        case list() | tuple():
            for each in value:
                yield from keys(each)


def full(folder: Path) -> Facts:
    """A device of which everything is known."""
    helm = Helm(folder)
    helm.settle(1, {"player": {"volume": 900}})
    stored = helm.documents.stored
    desired = replace(stored.desired, returned=Returned({"fleet": 1}, "why", 5.0))
    standing = Standing(7, "5", stored, helm.loaded)
    return Facts(
        about=About("device-001", "Lobby", "Berlin", ("a",)),
        version="1",
        session=standing.session,
        wall=1.0,
        boot_id="boot",
        boottime=2.0,
        uptime=3.0,
        synced=True,
        protocol="5",
        desired=desired,
        trial=Trial("fleet 1", "boot", 120.0, ("broker",)),
        settings_hash="0" * 12,
        allow=("remote",),
        broken="damaged",
        player=Player("playing", Item(0, 1, "file:///srv/media/a.mp4", "0_a"), 1.0),
        queue=Queue(1, 2.0, 3, "tmpfs"),
        sinks=(Sink("stats.collect", "waiting", "network", "no answer", 1, 2, 3.0, 4, {"age": 1}),),
        counters={"any": 1},
        machine=Readings(1, 2, 3.0, under_voltage=True),
        report_every_s=300.0,
    )


def test_presence_says_what_the_page_names() -> None:
    """Birth, last will and farewell."""
    payloads = [presence.birth(7, since=1.0, version="1"), presence.will(7), presence.farewell(7)]
    assert named()[0] == {name for payload in payloads for name in json.loads(payload)}


def test_state_says_what_the_page_names(tmp_path: Path) -> None:
    """On the wire, of a device of which everything is known."""
    payload = encode(build(full(tmp_path)))
    assert len(payload) < MOST_BYTES
    assert named()[1] == set(keys(json.loads(payload)))


def test_answer_says_what_the_page_names() -> None:
    """Also of a command that nobody understood."""
    address = answers.address_of(Topics("kiosk"), "device-001", response_topic=None, correlation=None)
    sent = answers.outgoing(Answer(None, None, Status.FAILED, address), device="device-001", wall=1.0)
    assert named()[2] == set(json.loads(sent.payload))


def test_diagnostics_say_what_the_page_names(tmp_path: Path) -> None:
    """The one message that holds nearly everything."""
    settings: Loaded = loaded(tmp_path, SMALLEST)
    bundle = Diagnostics(tmp_path, lambda: settings, lambda: {"pid": 1}, an_instant).collect()
    assert named()[3] == set(bundle) | {"cut"}


def test_slice_of_a_report_says_what_the_page_names() -> None:
    """Its rows are lists; their columns stand in the page on reports."""
    told = a_slice(MadeUp("device-001", 3), (By.ENTRY,)).plain()
    assert named()[4] == set(keys({**told, "rows": None}))


@pytest.mark.parametrize("word", ["**Nothing** until", "`[remote] url`", "in the open", "retained"])
def test_page_says_that_nothing_is_told_without_a_broker(word: str) -> None:
    """Most kiosks have none."""
    assert word in PAGE.split("\n## To the broker\n")[1].split("\n## ")[0]
