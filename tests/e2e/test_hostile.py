"""What comes in over a socket is not believed: strangers on ours, and servers that are none."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from agent.player.codec import MAX_LINE_BYTES as LONGEST_PLAYER_LINE
from tests.support import media
from tests.support.kiosks import PLAYED, Clip, is_over, kiosk, stories
from tools.standin.faults import Drip, Fault, Page
from tools.standin.server import Collector

GARBAGE = (
    b"GET / HTTP/1.1\r\nHost: kiosk\r\n\r\n",
    b"\xff\xfe\x00\x01\n",
    b"[" * 5000 + b"\n",
    b'{"call": "status"',
    b'{"call": "player.seek", "to": NaN}\n',
    b'{"call": "queue.list", "limit": 1e99}\n',
    b'{"call": "format.disk"}\n',
)


def call_raw(path: Path, line: bytes) -> bytes:
    """Say `line` on a Unix socket, and read what comes back until the other side closes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30.0)
        connection.connect(str(path))
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read()


def test_garbage_on_the_control_socket_is_answered_with_the_remedy(tmp_path: Path) -> None:
    """Whoever pokes at the socket learns what it takes, and the screen goes on."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), "0_abcd1234")]) as agent:
        agent.start()
        agent.wait(lambda status: status["ready"])
        answers = [json.loads(call_raw(agent.state / "control.sock", line)) for line in GARBAGE]
        assert ["error"] * len(GARBAGE) == [key for answer in answers for key in answer]
        assert 'not a call: send one JSON object a line, such as {"call": "status"}' == answers[0]["error"]
        assert answers[-1]["error"].startswith("no such call, or a wrong argument: format.disk; there are status, ")
        agent.wait_idle()
        assert 0 == agent.end()
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)


def test_stranger_on_the_players_socket_costs_nothing_for_good(tmp_path: Path) -> None:
    """A stranger that gets in before a new player host is dropped, and the next host is taken."""
    clips = [Clip(media.clip(12.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        status = agent.wait(lambda status: (status["player"]["position"] or 0) > 0.3)
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(agent.state / "player.sock"))
            stranger.sendall(b"garbage\n{}\n" + b"x" * LONGEST_PLAYER_LINE)
            os.kill(status["player"]["host"]["pid"], signal.SIGKILL)
            status = agent.wait_idle()
            assert 1 == status["player"]["host"]["restarts"]
            assert 0 == agent.end()
        assert ("0_abcd1235", PLAYED) == stories(collector.events)[-1]


HUGE = Page(200, '"' + "x" * 10_000_000 + '"', "application/json")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Page(), "not Kaltura's answer (a portal or a proxy?)"),
        (HUGE, "KiB of application/json: not Kaltura's answer"),
        (Drip(gap_ms=100), "no whole answer in time"),
    ],
    ids=["portal's page", "10 MB", "endless drip"],
)
def test_hostile_answer_is_no_acceptance_and_holds_nothing_up(tmp_path: Path, fault: Fault, message: str) -> None:
    """A hotel's portal says 200 to everything: no event may count as delivered, and none be lost or doubled after."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), "0_abcd1234")]) as agent:
        agent.config.write_text(
            agent.config.read_text().replace("partner_id = 102", "partner_id = 102\ntotal_timeout_s = 2")
        )
        collector.fault(fault)
        agent.start()
        status = agent.wait(lambda status: is_over(status) and message in (status["sinks"][0]["text"] or ""))
        assert 0 == status["sinks"][0]["delivered"]
        assert message in agent.log.read_text()
        collector.clear()
        agent.wait_idle()
        assert 0 == agent.end()
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)
