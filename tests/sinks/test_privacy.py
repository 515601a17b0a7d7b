"""config/privacy.md names every field that can leave the device, and none that cannot."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from agent.kernel.activity import Activity, ButtonClicked, Custom, Deed, Engaged, PageViewed
from agent.kernel.events import (
    CaptionsChanged,
    Event,
    Failed,
    Fault,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    Recovered,
    Resumed,
    Seeked,
    Stalled,
    Started,
    Watched,
)
from agent.sinks.kaltura.api import NONCE
from agent.sinks.kaltura.login import Wanted, secret_parameters, token_parameters, widget_parameters
from agent.sinks.track_event import encode
from agent.sinks.track_event.projection import Rules
from agent.sinks.xapi.facts import VALUES, Profile
from tests.support.playback import MEDIA, owner
from tests.support.statements import PROFILES
from tests.support.track_event import Telling

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "config" / "privacy.md").read_text()
GOLDEN = ROOT / "tests" / "golden" / "stats.collect"

HEAD = Playhead(position=12.0, duration=60.0, played=12.0)
SOMEBODY = replace(
    owner(),
    user_id="member-7",
    context_id="0c9ad862-6a39-4a7c-9b3c-1f0d5a7e4c22",
    unique_viewer="3f6d0c1e9a7b4852",
    widget_id="_102",
    uiconf_id=4242,
    client_version="kiosk-agent/test",
)
STORY: list[Event | Activity] = [
    Opened(0.0, 1, HEAD, MEDIA),
    Loaded(0.1, 1, HEAD),
    Started(2.0, 1, HEAD, join_time=1.9),
    Watched(2.0, 1, HEAD, sound=True, fullscreen=True),
    Progressed(3.0, 1, HEAD, fraction=0.25),
    PausedEvent(4.0, 1, HEAD),
    Resumed(5.0, 1, HEAD),
    Seeked(6.0, 1, HEAD, origin=12.0, target=30.0),
    Stalled(9.0, 1, replace(HEAD, played=20.0), initial=False),
    Recovered(10.0, 1, replace(HEAD, played=20.0), initial=False, waited=1.0),
    CaptionsChanged(11.0, 1, HEAD, track=None),
    FullscreenChanged(12.0, 1, HEAD, fullscreen=False),
    Failed(13.0, 1, HEAD, fault=Fault.CODEC, fatal=True),
    Engaged(14.0, Deed.SHARE_OPENED, HEAD),
    PageViewed(15.0, "lobby", "type", "name", "type", "name"),
    ButtonClicked(15.0, "lobby", "type", "name", "type", "name"),
    Custom(16.0, "quiz", 10005),
]


def named(heading: str) -> set[str]:
    """What the first columns of a section's tables name."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def parameters(request: str) -> Iterator[str]:
    """The names in a golden page's request: of an address, of a form or of a batch."""
    head, _, body = request.partition("\n\n")
    address = re.split(r"\n(?=[\w-]+: )", head)[0].replace("\n    ", "")
    yield from dict(parse_qsl(urlsplit(address.split()[1]).query))
    if body.startswith("{"):
        for name, value in json.loads(body).items():
            yield from (name,) if not name.isdigit() else (*value, *value["event"])
    else:
        yield from (line.partition("=")[0] for line in body.splitlines())


def bare(name: str) -> str:
    """`event[entryId]` and `event:entryId` are entryId."""
    return re.split(r"[:\[]", name)[-1].rstrip("]")


def test_stats_collect_sends_what_the_page_names() -> None:
    """Whoever must write a data protection notice copies this page."""
    requests = [page.read_text().split("\n\nlogged")[0] for page in GOLDEN.rglob("*.txt")]
    sent = {bare(name) for request in requests for name in parameters(request)}
    assert named("To stats.collect") == sent - {"event"} | {"ks"}


def test_track_event_sends_what_the_page_names() -> None:
    """Application events, and plays where they are told there."""
    telling = Telling(Rules(player_events=True, application="lobby"), who=SOMEBODY).tell(*STORY)
    bodies = [encode.form(each, attempt=1, ks="session", client_tag="tag", start=1) for each in telling.messages]
    address = urlsplit(encode.track_url("https://analytics.test"))
    sent = {name for body in bodies for name in dict(parse_qsl(body.decode()))} | set(dict(parse_qsl(address.query)))
    assert named("To trackEvent") == sent


def test_learning_record_store_is_told_what_the_page_names() -> None:
    """Whatever stands in the statements that come with the program, filled; a template of one's own is one's own."""
    texts = [(PROFILES / f"{profile.value}.json").read_text(encoding="utf-8") for profile in Profile]
    filled = {name for text in texts for name in re.findall(r"\$\{(\w+)\}", text)}
    assert named("To the Learning Record Store") == filled | {"actor", "id", "timestamp"}
    section = PAGE.split("\n## To the Learning Record Store\n")[1].split("\n## ")[0]
    assert {*VALUES} - filled <= set(re.findall(r"`(\w+)`", section.rpartition("A template of yours")[2]))


def test_session_is_started_with_what_the_page_names() -> None:
    """Above all that one mode sends the account's secret."""
    wanted = Wanted(102, 3600, "user", "lobby", "setrole:X")
    sent = {*widget_parameters(wanted), *token_parameters(wanted, token_id="id", proof="hash")}
    sent |= {*secret_parameters(wanted, secret="secret"), NONCE, "ks", "clientTag", "format"}
    assert named("To start a session") == sent


@pytest.mark.parametrize("default", ["`userId`", "`uniqueViewer`", "`contextId`", "`playbackContext`"])
def test_nobody_is_named_by_default(default: str) -> None:
    """Each of these rows says so."""
    rows = [line for line in PAGE.splitlines() if line.startswith(f"| {default} |")]
    assert rows
    assert all("none" in row.split("|")[3] for row in rows)
