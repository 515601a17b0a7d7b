"""A backlog's drain, killed and disturbed: a real process, a real store, and the collector with its response cache."""

from pathlib import Path

from agent.config.identity import derived_id, read_machine
from agent.outbox.bounds import default_bounds
from agent.outbox.store import Outbox
from agent.runtime.clock import SystemClock
from agent.sinks.kaltura.sink import NAME
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, kiosk, tokens, unstalled
from tools.bench.drainer import backlog
from tools.standin.faults import Late, Lost, http_error
from tools.standin.server import Collector

MESSAGES = 300
BATCH = 20
# Longer than an agent lives that is killed when its batch has arrived.
NEVER_MS = 60_000.0
SETTINGS = f"loop = false\n[kaltura.backlog]\nbatch_size = {BATCH}\nrate = 0\n"


def fill(agent: Kiosk) -> list[str]:
    """Have a week offline behind it; the identities of the messages that wait, in order."""
    agent.state.mkdir(mode=0o700)
    hardware = derived_id(read_machine()) or ""
    bounds = default_bounds(agent.state)
    store = Outbox.open(agent.state, device_id="device-001", hardware_key=hardware, bounds=bounds)
    store.register(NAME)
    now = SystemClock().now()
    store.append(list(backlog(store.generation, now, MESSAGES)))
    events = store.events(limit=10 * MESSAGES)
    store.close()
    return [event.identity.token(0) for event in events if event.kind != "closed"]


def drained(folder: Path, collector: Collector) -> tuple[Kiosk, list[str]]:
    """A kiosk with a backlog that then plays one clip."""
    agent = Kiosk(folder, collector.url, [Clip(media.silent_clip(1.0), "0_abcd1234")], player=SETTINGS)
    return agent, fill(agent)


def test_kills_in_mid_drain_lose_nothing_double_nothing_and_keep_the_order(tmp_path: Path) -> None:
    """Each kill hits a batch that the service has counted and not answered yet.

    It comes again, by batch and with the same identities, and the service's cache knows it.
    """
    with Collector() as collector:
        agent, expected = drained(tmp_path, collector)
        try:
            for seen in (60, 140, 220):
                collector.fault(Late(NEVER_MS), where={"eventId": expected[seen]})
                agent.start()
                assert collector.wait_for(lambda events, seen=seen: len(events) > seen, PATIENCE_S)  # type: ignore[misc]
                agent.kill()
                collector.clear()
            agent.start()
            status = agent.wait_idle()
            agent.end()
        finally:
            agent.close()
        arrived = tokens(collector.events)
        assert expected == arrived[: len(expected)]
        live = [int(token.rsplit("-", 2)[1]) for token in arrived[len(expected) :]]
        assert sorted(set(live)) == live, "what was played between the kills follows, once and in order"
        (sink,) = status["sinks"]
        assert 0 == sink["depth"]
        assert sink["perhaps_repeated"] >= BATCH, "a whole batch was in doubt"


def test_lost_answers_and_a_throttling_service_in_mid_drain_count_each_event_once(tmp_path: Path) -> None:
    """A proxy that restarts, and a 429 on top: the drain waits, resends on the same road, and says how often."""
    with Collector() as collector:
        agent, expected = drained(tmp_path, collector)
        in_the_middle = {"eventId": expected[MESSAGES // 2]}
        collector.fault(Lost(), times=1, where=in_the_middle)
        collector.fault(http_error(429, 1), times=1, where=in_the_middle)
        try:
            agent.start()
            status = agent.wait_idle()
            agent.end()
        finally:
            agent.close()
        assert expected == tokens(collector.events)[: len(expected)]
        assert PLAYED == [event["eventType"] for event in unstalled(collector.events[len(expected) :])]
        assert 1 <= status["sinks"][0]["resent"] <= BATCH


def test_a_live_event_waits_its_turn_behind_the_backlog(tmp_path: Path) -> None:
    """What plays now is told after what played last week, or reports see a visitor travel in time."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), "0_abcd1234")]) as agent:
        collector.take_away()
        expected = fill(agent)
        agent.start()
        agent.wait(is_over)
        collector.bring_back()
        agent.wait_idle()
        agent.end()
        assert expected == tokens(collector.events)[: len(expected)]
        assert PLAYED == [event["eventType"] for event in unstalled(collector.events[len(expected) :])]
