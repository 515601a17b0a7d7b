"""A whole agent that starts itself again, as for a setting that needs another process."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.kernel.events import Closed, Ending
from tests.support import media
from tests.support.kiosks import PATIENCE_S, Clip, kiosk, stories, tokens
from tools.standin.server import Collector

pytestmark = pytest.mark.all


def test_agent_that_starts_again_keeps_its_id_its_queue_and_its_place(tmp_path: Path) -> None:
    """Nothing is lost or told twice, the film begins again as a session of its own, and systemd saw nothing."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(20.0), "0_abcd1234")]) as agent:
        collector.take_away()
        arguments = [str(agent.config), str(agent.state)]
        with agent.log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.restarting_agent", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        agent._process = process
        first = agent.wait(lambda status: (status["player"]["position"] or 0) > 1.0)
        (agent.state / "again").touch()
        process.terminate()
        second = agent.wait(
            lambda status: status["started_wall"] > first["started_wall"] and (status["player"]["position"] or 0) > 1.0
        )
        assert (first["pid"], process.pid) == (second["pid"], second["pid"])
        assert first["player"]["host"]["pid"] != second["player"]["host"]["pid"]
        assert (0, 2) == (second["player"]["host"]["restarts"], second["player"]["sessions"])
        assert second["sinks"][0]["depth"] > first["sinks"][0]["depth"] > 0, "what waited waits still"
        collector.bring_back()
        agent.wait(lambda status: not status["sinks"][0]["depth"])
        process.terminate()
        assert 0 == process.wait(PATIENCE_S), agent.log.read_text()
        facts = agent.facts()
    assert [Ending.STOPPED, Ending.STOPPED] == [fact.ending for fact in facts if isinstance(fact, Closed)]
    delivered = tokens(collector.events)
    assert len(delivered) == len(set(delivered))
    assert [[1, 2, 3]] * 2 == [told[:3] for _, told in stories(collector.events)], "how far each came is the machine's"
