"""What a destination is: the sinks that exist are some."""

import time

from agent.sinks.base import Sink
from agent.sinks.capture import Capture
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect


def test_every_sink_has_a_name_of_its_own() -> None:
    """Cursors and counters are kept by it."""
    settings = CollectSettings("http://127.0.0.1/", client_tag="k")
    wire = Wire(user_agent="k", monotonic=time.monotonic, timeouts=Timeouts(1.0, 1.0, 1.0))
    sinks: list[Sink] = [Capture(), StatsCollect(settings, wire, session=NoSession())]
    assert [sink.name for sink in sinks] == ["capture", "stats.collect"]
