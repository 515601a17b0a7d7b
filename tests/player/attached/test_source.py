"""What the host needs of each way to ask."""

from agent.player import wire
from agent.player.attached.bus import Bus
from agent.player.attached.overbus import OverBus
from agent.player.attached.overhttp import OverHttp
from agent.player.attached.source import Source


def test_each_way_to_ask_has_found_nothing_before_it_began() -> None:
    """The host says so to the agent, which shows it: a kiosk that follows nothing must not look as if it did."""
    line = Bus({}, 0, lambda _: None)
    sources: list[Source] = [OverBus(line, chosen=None, user="kiosk"), OverHttp("http://127.0.0.1:1", lambda _: None)]
    for source in sources:
        source.obey(wire.Pause())
        assert ([], None, 0, None) == (source.work(1.0), source.due(1.0), source.token, source.position)
        assert None is source.attachment.name
        assert source.attachment.problem
    assert ["mpris", "http"] == [source.kind for source in sources]
