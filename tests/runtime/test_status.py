"""What the agent says about itself: everything that was lost or refused, and no secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.status import SinkState, SinkStatus
from agent.kernel.media import Media
from agent.kernel.records import Cursor
from agent.kernel.verdict import Cause
from agent.outbox.letters import Refusal
from agent.outbox.store import Outbox
from agent.player.keeper import PlayerStatus
from agent.runtime.doors import Doors
from agent.runtime.status import Reading, Standing, snapshot
from agent.sinks.kaltura.sessions import SessionState, SessionStatus
from tests.support.configuration import SMALLEST, loaded
from tests.support.loops import Rig
from tests.support.outbox import an_instant, open_outbox
from tests.support.script import Script

SECRETS = ("hunter2", "djJ8MTAyfLsecret")
URI = f"https://kiosk:{SECRETS[0]}@cdn.example/a.m3u8?ks={SECRETS[1]}"
MEDIA = Media(key=URI, uri=URI, entry_id="0_aaaa")
SINK = "stats.collect"
HELD = SinkStatus(SINK, SinkState.HELD, Cause.SESSION, "the session has expired", an_instant(90.0), None, None, 3)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register(SINK)
    yield found
    found.close()


def taken(rig: Rig, folder: Path, **other: Any) -> dict[str, Any]:
    """The snapshot of a rig, with `other` in place of what its reading would have."""
    text = SMALLEST + f'[kaltura.session]\nmode = "ks-file"\nks_file = "{folder}/ks"\n'
    (folder / "ks").write_text(SECRETS[1])
    standing = Standing(folder / "agent.toml", loaded(folder, text), an_instant(40.0), None, None)
    reading: dict[str, Any] = {
        "now": rig.clock.now(),
        "tracker": rig.tracker,
        "director": rig.director,
        "player": PlayerStatus(),
        "store": rig.outbox.statistics(),
        "sinks": (),
        "session": SessionStatus("none", SessionState.NONE),
        "doors": Doors(),
        "counters": rig.journal.counters,
    }
    return snapshot(standing, Reading(**{**reading, **other}))


def test_status_of_a_play_says_where_it_is(outbox: Outbox, tmp_path: Path) -> None:
    """The first question on the phone: what is on the screen?"""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(3.0))
    status = taken(rig, tmp_path)
    player = status["player"]
    assert ("playing", 3.0, 8.0) == (player["state"], player["position"], player["duration"])
    assert {"index": 1, "count": 2, "uri": "file:///srv/a.mp4", "entry_id": "0_aaaa"} == player["item"]
    assert rig.clock.now().boottime - 40.0 == status["uptime_s"]
    json.dumps(status, allow_nan=False)


def test_status_shows_no_secret(outbox: Outbox, tmp_path: Path) -> None:
    """People paste it into tickets."""
    rig = Rig(outbox, media=[MEDIA])
    rig.ready()
    rig.play(Script().open().play(3.0))
    player = PlayerStatus(refused=(f"--http-password={SECRETS[0]}", f"--http-proxy={URI}"))
    text = json.dumps(taken(rig, tmp_path, player=player))
    assert [] == [secret for secret in SECRETS if secret in text]
    assert "cdn.example" in text
    assert "--http-password" in text


def test_each_way_to_lose_an_event_is_counted_by_reason(outbox: Outbox, tmp_path: Path) -> None:
    """ "None lost" can be believed only where every loss would show."""
    rig = Rig(outbox)
    rig.ready()
    outbox.settle(
        SINK,
        Cursor(1),
        projection="",
        delivered=4,
        resent=1,
        passed={"no entry": 2},
        refusals=[Refusal(1, 0, "PLAY", "MISSING", "no", "")],
    )
    rig.journal.counters.update({"dropped-unwritten": 7, "disk-full-writes": 0})
    rig.director.outcomes.passed["missing"] += 3
    status = taken(rig, tmp_path, sinks=(HELD,))
    (sink,) = status["sinks"]
    assert (4, 1, {"no entry": 2}, {"MISSING": 1}, 1) == (
        sink["delivered"],
        sink["resent"],
        sink["passed"],
        sink["dead"],
        sink["dead_letters"],
    )
    assert {"missing": 3} == status["player"]["skipped"]
    assert {"dropped-unwritten": 7} == status["counters"], "a counter of nought is no news"
    assert ("held", "session", 3) == (sink["state"], sink["cause"], sink["tries"])


def test_destination_without_a_worker_is_shown_as_off(outbox: Outbox, tmp_path: Path) -> None:
    """Reporting was switched off: what waits in its queue stays visible."""
    outbox.register(SINK, enabled=False)
    (sink,) = taken(Rig(outbox), tmp_path)["sinks"]
    assert "off" == sink["state"]


def test_next_try_is_told_in_seconds_from_now(outbox: Outbox, tmp_path: Path) -> None:
    """Nobody reads boot-time; a try that is overdue is due now, and not in minus two seconds."""
    rig = Rig(outbox)
    for due, expected in ((109.0, 10.0), (97.0, 0.0)):
        waiting = SinkStatus(SINK, SinkState.WAITING, None, "", an_instant(90.0), due, an_instant(80.0), 1)
        (sink,) = taken(rig, tmp_path, sinks=(waiting,))["sinks"]
        assert expected == sink["next_try_s"]
        assert an_instant(80.0).wall == sink["last_delivery_wall"]


def test_state_follows_the_list_where_nothing_plays(outbox: Outbox, tmp_path: Path) -> None:
    """Starting, waiting, closed and idle are different phone calls."""
    rig = Rig(outbox, loop=False)
    assert "starting" == taken(rig, tmp_path)["player"]["state"]
    rig.ask("player.stop")
    assert "idle" == taken(rig, tmp_path)["player"]["state"]
