"""Making an image of this machine."""

from pathlib import Path
from typing import Any

import pytest

from agent.cli.exits import Exit
from agent.cli.setting_up_image import make_image
from tests.support.agents import answering
from tests.support.outbox import a_record, open_outbox
from tests.support.setups import a_machine


def test_events_that_wait_are_not_lost_by_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused and counted; with --force lost and counted."""
    places = a_machine(tmp_path)
    outbox = open_outbox(places.state)
    outbox.register("stats.collect")
    outbox.append([a_record("1"), a_record("2"), a_record("3")])
    outbox.close()
    assert Exit.FAILED is make_image(places, force=False)
    refused = capsys.readouterr().err
    assert [] == [word for word in ("3 unsent events", "queue export", "--force") if word not in refused]
    assert (places.state / "store.db").exists()
    assert Exit.OK is make_image(places, force=True)
    assert "lost with the store: 3 unsent events" in capsys.readouterr().out
    assert [] == list(places.state.iterdir())


def test_running_agent_keeps_its_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Even with --force: what it writes next would go nowhere."""
    places = a_machine(tmp_path)
    places.state.mkdir()

    def answer(_call: str, _arguments: Any) -> dict[str, Any]:
        return {"ok": {}}

    with answering(places.state, answer):
        assert Exit.FAILED is make_image(places, force=True)
    assert "systemctl stop kiosk-agent" in capsys.readouterr().err
    assert (tmp_path / "etc/machine-id").read_text()


def test_store_in_use_by_who_does_not_answer_stays_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An agent that is just starting."""
    places = a_machine(tmp_path)
    outbox = open_outbox(places.state)
    assert Exit.FAILED is make_image(places, force=True)
    outbox.close()
    assert "Stop it first" in capsys.readouterr().err


def test_machine_that_never_ran_is_made_an_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The usual one: installed, configured, not started."""
    assert Exit.OK is make_image(a_machine(tmp_path), force=False)
    assert "emptied" in capsys.readouterr().out
