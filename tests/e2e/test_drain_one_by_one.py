"""A backlog that cannot go in batches, or not whole: a real process, a real store, and the collector."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.test_drain import MESSAGES, NEVER_MS, SETTINGS, fill
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, tokens, unstalled
from tests.support.meddling import Meddler
from tools.standin.faults import Late, Page, Refuse
from tools.standin.server import Collector

ENTRY = "0_abcd1234"
BEACON = 'request_style = "get-beacon"\nuiconf_id = 23448579\n'


def waiting(folder: Path, service_url: str, *, kaltura: str = "") -> tuple[Kiosk, list[str]]:
    """A kiosk with a backlog that will play one clip; what the backlog holds, in order."""
    agent = Kiosk(folder, service_url, [Clip(media.silent_clip(1.0), ENTRY)], player=SETTINGS)
    text = agent.config.read_text()
    agent.config.write_text(text.replace("[kaltura]\n", f"[kaltura]\n{kaltura}"))
    return agent, fill(agent)


@pytest.mark.all
def test_beacons_carry_a_backlog_in_order_and_are_counted_as_unverified(tmp_path: Path) -> None:
    """Nobody confirms a beacon; each is sent once all the same, through a kill, and status does not pretend."""
    with Collector() as collector:
        agent, expected = waiting(tmp_path, collector.url, kaltura=BEACON)
        collector.fault(Late(NEVER_MS), where={"eventId": expected[50]})
        try:
            agent.start()
            assert collector.wait_for(lambda events: len(events) > 50, PATIENCE_S)
            status = agent.wait(lambda status: status["sinks"][0]["draining"])
            assert (False, 0) == (status["sinks"][0]["batched"], status["sinks"][0]["batches"])
            agent.kill()
            collector.clear()
            agent.start()
            status = agent.wait_idle()
            agent.end()
        finally:
            agent.close()
        arrived = tokens(collector.events)
        assert expected == arrived[:MESSAGES]
        assert len(set(arrived)) == len(arrived)
        assert {"GET", "HEAD"} >= {request.method for request in collector.requests}
        sink = status["sinks"][0]
        assert sink["delivered"] == sink["unverified"] >= MESSAGES


@pytest.mark.all
def test_a_proxy_that_spoils_every_batch_delays_a_backlog_and_does_not_stop_it(tmp_path: Path) -> None:
    """Kaltura reads JSON only where its Content-Type is bare; single calls are forms."""
    with Collector() as collector, Meddler(f"http://{urlsplit(collector.url).netloc}") as proxy:
        agent, expected = waiting(tmp_path, proxy.url)
        try:
            agent.start()
            agent.wait_log("batches not taken, sending one by one")
            status = agent.wait_idle()
            agent.end()
        finally:
            agent.close()
        assert expected == tokens(collector.events)[:MESSAGES]
        assert PLAYED == [event["eventType"] for event in unstalled(collector.events[MESSAGES:])]
        assert 0 == status["sinks"][0]["resent"]
        assert sum("multirequest" in path for path in proxy.paths) <= 24


@pytest.mark.all
def test_a_portal_in_mid_drain_leaves_nothing_behind(tmp_path: Path) -> None:
    """The hotel's network wants its terms accepted again: then everything goes on as it was, in batches."""
    with Collector() as collector:
        collector.fault(Page(), times=4)
        agent, expected = waiting(tmp_path, collector.url)
        try:
            agent.start()
            status = agent.wait_idle()
            agent.end()
        finally:
            agent.close()
        assert expected == tokens(collector.events)[:MESSAGES]
        assert PLAYED == [event["eventType"] for event in unstalled(collector.events[MESSAGES:])]
        assert status["sinks"][0]["batches"] > 3 + 1
        assert "batches not taken" not in agent.log.read_text()
        assert sum("multirequest" not in request.target for request in collector.requests) < 20


@pytest.mark.parametrize("place", [0, 9, 19], ids=["first", "middle", "last"])
def test_a_poisoned_event_of_a_batch_ends_as_a_dead_letter_and_its_neighbours_arrive(
    tmp_path: Path, place: int
) -> None:
    """One bad event must not hold a week's backlog, nor take others with it."""
    with Collector() as collector:
        agent, expected = waiting(tmp_path, collector.url)
        collector.fault(Refuse("INVALID_ENUM_VALUE"), where={"eventId": expected[place]})
        try:
            agent.start()
            agent.wait_idle()
            (letter,) = agent.ask("queue.dead.list")["letters"]
            agent.end()
        finally:
            agent.close()
        assert [token for token in expected if token != expected[place]] == tokens(collector.events)[: MESSAGES - 1]
        identity = letter["event"]["identity"]
        assert expected[place].startswith(f"{identity['generation']}-{identity['sequence']}-")
        assert "INVALID_ENUM_VALUE" == letter["code"]
