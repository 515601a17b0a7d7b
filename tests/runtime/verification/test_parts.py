"""The parts of a verification, from the settings."""

from pathlib import Path

import pytest

from agent.config.files import load
from agent.kernel.verdict import Delivered
from agent.runtime.clock import SystemClock
from agent.runtime.verification import parts
from agent.sinks.kaltura.login import Digest
from tests.support.verification import ENTRY, Bench, MovedClock
from tests.support.wires import wire
from tools.standin.server import Collector


@pytest.mark.parametrize(
    ("more", "secret", "ks"),
    [
        ("", "", False),
        ('[kaltura.session]\nmode = "app-token"\napp_token_id = "0_8c99gpct"\napp_token_file = "secret"\n', None, True),
        ('[kaltura.session]\nmode = "ks-file"\nks_file = "secret"\n', "", True),
        ('event_semantics = "player"\nuser_id = "lobby"\nuiconf_id = 7\nwidget_id = "_102"\n', "", False),
    ],
)
def test_test_play_goes_the_way_of_real_events(tmp_path: Path, more: str, secret: str | None, ks: bool) -> None:
    """Session, semantics and all that frozen attributions hold: a fault in any of them is what is looked for."""
    with Collector() as collector:
        bench = Bench(tmp_path, collector, MovedClock())
        (tmp_path / "secret").write_text("b0f698cd102f347210d41c9009de1999" if secret is None else bench.session())
        bench.configure(more)
        settings, clock = load(bench.config).settings, SystemClock()
        to = parts.sink(settings, clock)
        plan = parts.plan(settings, ENTRY, to)
        for message in plan.play(clock.now().wall):
            assert isinstance(to.send(message, attempt=0), Delivered)
        events = bench.of_entry()
        to.close()
    assert [1, 2, 3, 4, 5, 6, 7] == [event["eventType"] for event in events]
    assert {plan.session_id} == {event["sessionId"] for event in events}
    assert {ks} == {"ks" in event["_request"] for event in events}
    if "lobby" in more:
        assert {("lobby", 7, "_102")} == {(event["userId"], event["uiconfId"], event["widgetId"]) for event in events}


def test_two_test_plays_are_two_sessions(tmp_path: Path) -> None:
    """The service's cache would take the second for a repeat of the first."""
    with Collector() as collector:
        bench = Bench(tmp_path, collector, MovedClock())
        settings = load(bench.config).settings
        to = parts.sink(settings, SystemClock())
        first, second = (parts.plan(settings, ENTRY, to) for _ in range(2))
        assert first.session_id != second.session_id
        assert not {m.token for m in first.play(0.0)} & {m.token for m in second.play(0.0)}


def test_app_tokens_key_is_a_new_session_each_time(tmp_path: Path) -> None:
    """The wait is longer than a short session lives."""
    with Collector() as collector:
        bench = Bench(tmp_path, collector, MovedClock())
        token = parts.AppToken("0_8c99gpct", "b0f698cd102f347210d41c9009de1999", Digest.SHA256)
        key = parts.token_key(token, wire(), bench.collector.url, partner_id=102, client_tag="test")
        first, second = key(), key()
        assert isinstance(first, str) and isinstance(second, str)
        assert first != second
