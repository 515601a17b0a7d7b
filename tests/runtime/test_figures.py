"""The store's figures in the words of `status`."""

from pathlib import Path

from agent.kernel.records import Cursor
from agent.runtime.figures import figures
from tests.support.stores import SINK, WALL, open_store, refuse_first, store_with_story


def test_new_store_has_figures_without_sinks(tmp_path: Path) -> None:
    """The first start must not fail on an empty account."""
    outbox = open_store(tmp_path)
    found = figures(outbox.statistics())
    assert (0, None, 0) == (found["queue"]["events"], found["queue"]["oldest_wall"], found["queue"]["ever"])
    assert [] == found["sinks"]
    outbox.close()


def test_waiting_refused_and_switched_off_are_told_apart(tmp_path: Path) -> None:
    """Each of them has another remedy."""
    outbox = store_with_story(tmp_path)
    refuse_first(outbox)
    outbox.settle(SINK, Cursor(2), projection="", delivered=1, resent=1)
    outbox.register("xapi", enabled=False)
    found = figures(outbox.statistics())
    collect, xapi = found["sinks"]
    assert (2, 1, 1) == (collect["depth"], collect["delivered"], collect["resent"])
    assert ({"INVALID_ENUM_VALUE": 1}, 1) == (collect["dead"], collect["dead_letters"])
    assert "state" not in collect
    assert ("off", 0) == (xapi["state"], xapi["depth"])
    assert WALL + 17 == found["queue"]["oldest_wall"]
    assert (2, 4, 16 << 20) == (found["queue"]["events"], found["queue"]["ever"], found["queue"]["bound_bytes"])
    outbox.close()
