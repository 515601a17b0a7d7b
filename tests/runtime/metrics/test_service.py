"""Telling the metrics."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.config.metrics import Metrics
from agent.runtime.control import Request
from agent.runtime.metrics import service
from agent.runtime.metrics.service import Writer, ask_of, telling
from agent.service.listener import Listener


def test_status_comes_from_the_main_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent whose loop hangs must not tell figures."""
    answers: list[dict[str, Any]] = [{"ok": {"pid": 7}}, {"error": "no"}]
    ask = ask_of(lambda request: request.reply.put(answers.pop(0)))
    assert {"pid": 7} == ask()
    assert ask() is None
    monkeypatch.setattr(service, "ANSWER_WITHIN_S", 0.01)
    lost: list[Request] = []
    assert ask_of(lost.append)() is None


def test_file_is_written_at_once_and_again(tmp_path: Path) -> None:
    """A kiosk that just started is seen within a scrape."""
    statuses: list[Mapping[str, Any] | None] = [{"version": "1"}, None, {"version": "2"}]
    made = telling(Metrics(textfile=str(tmp_path / "k.prom"), every_s=0.01), lambda: statuses.pop(0))
    ((name, writer),) = made.ways
    assert isinstance(writer, Writer)
    writer.step()
    assert ("metrics-file", True) == (name, 'version="1"' in (tmp_path / "k.prom").read_text())
    writer.step()
    assert 'version="1"' in (tmp_path / "k.prom").read_text(), "its age tells that nobody answers"
    writer.step()
    assert 'version="2"' in (tmp_path / "k.prom").read_text()


def test_writer_ends_when_told(tmp_path: Path) -> None:
    """The end of the process waits for nobody."""
    made = telling(Metrics(textfile=str(tmp_path / "k.prom"), every_s=3600.0), dict)
    thread = threading.Thread(target=made.ways[0][1].serve, name="metrics-file")
    thread.start()
    made.close()
    thread.join(30)
    assert not thread.is_alive()


def test_file_that_cannot_be_written_is_told_once_and_so_is_the_end(tmp_path: Path) -> None:
    """Every 30 s for years would fill the journal."""
    writer = Writer(tmp_path / "gone" / "k.prom", 1.0, lambda: "x\n")
    with capture_logs() as said:
        for _ in range(3):
            writer.step()
        (tmp_path / "gone").mkdir()
        for _ in range(3):
            writer.step()
    assert ["metrics cannot be written", "metrics are written again"] == [line["event"] for line in said]
    assert "Let the agent's user write" in said[0]["remedy"]


def test_port_that_is_taken_costs_figures_and_not_the_play() -> None:
    """The agent goes on without, and says why."""
    first = Listener("127.0.0.1", 0, lambda: None)
    with capture_logs() as said:
        assert () == tuple(telling(Metrics(listen=f"127.0.0.1:{first.port}"), dict).ways)
    assert "choose another metrics.listen" in said[0]["remedy"]
    first.close()
    first.serve()
