"""The benchmarks' figures: what README.md says is what was measured, and what was measured keeps its promises."""

import json
import os
import sys
from pathlib import Path

import pytest

from agent.runtime.clock import SystemClock
from tools.bench import drainer, flash, load, outage, readme
from tools.bench.footprint import import_seconds
from tools.bench.process import activity, has_mapped, memory

GENERATION = "6f2a3e0e-6d35-4b7b-9d3c-0b8f6e1c2a11"
FIGURES = json.loads(readme.FIGURES.read_text(encoding="utf-8"))


def test_readme_shows_the_figures_that_were_measured() -> None:
    """A table that somebody wrote by hand is a wish; run `python -m tools.bench.readme` after a measurement."""
    page = readme.README.read_text(encoding="utf-8")
    assert readme.written(page, FIGURES) == page


def test_page_without_markers_is_refused() -> None:
    """Rather an error than a page overwritten in the wrong place."""
    with pytest.raises(ValueError, match="has no"):
        readme.written(readme.BEGIN, FIGURES)


def test_figures_that_were_measured_keep_the_promised_memory() -> None:
    """45 MiB without the player host (decision 36): a Pi Zero has 512 MB for everything."""
    found = FIGURES["footprint"]
    assert max(found["idle"]["memory"]["rss"], found["playing"]["memory"]["rss"]) <= 45.0
    assert not found["libvlc_loaded"]


def test_figures_that_were_measured_leave_a_resting_card_alone() -> None:
    """A finished list must not wear out an SD card."""
    assert 0 == FIGURES["footprint"]["idle"]["disk_bytes_per_minute"]


def test_figures_that_were_measured_drain_a_backlog_as_promised() -> None:
    """A kiosk that was offline for a week must catch up in minutes, and not at the price of its memory."""
    found = FIGURES["drain"]
    assert found["latency"]["ratio"] >= 30.0
    assert found["official"]["ratio_to_single"] >= 5.0
    assert found["size"]["large_cpu_us"] <= 1.25 * found["size"]["small_cpu_us"]
    assert found["size"]["large_rss"] <= found["size"]["small_rss"] + 1.0


def test_a_backlog_of_a_benchmark_has_the_messages_that_it_says() -> None:
    """Else every rate would be wrong by the same factor, and nobody would see it."""
    now = SystemClock().now()
    records = list(drainer.backlog(GENERATION, now, 10))
    assert 10 == len([record for record in records if record.kind != "closed"])
    assert 2 == len({record.attribution.session_id for record in records})
    assert sorted(record.instant.boottime for record in records[:6]) == [r.instant.boottime for r in records[:6]]


def test_process_is_read_as_the_kernel_tells_it() -> None:
    """A benchmark that reads the wrong line would praise anything."""
    before = activity(os.getpid())
    found = memory(os.getpid())
    assert found.uss <= found.pss <= found.rss
    Path(os.devnull).write_bytes(b"x" * 4096)
    after = activity(os.getpid())
    assert after.written - before.written >= 4096
    assert after.cpu_s >= before.cpu_s
    assert has_mapped(os.getpid(), "python")
    assert not has_mapped(os.getpid(), "no-such-library")


def test_imports_are_summed_from_the_top_level_alone() -> None:
    """Nested imports are part of those that asked for them: counted twice, the figure would be nonsense."""
    assert 0.0 < import_seconds(Path(sys.executable)) < 60.0


def test_windows_of_durability_save_flash_as_promised(tmp_path: Path) -> None:
    """Less is written, and in fewer commits, the longer the window is; a card must outlive the kiosk."""
    at_once, second, ten = (
        flash.spend(tmp_path / f"{window}", window_s=window, clip_s=30.0, minutes=8.0) for window in (0.0, 1.0, 10.0)
    )
    assert at_once.events == second.events == pytest.approx(ten.events, abs=9)
    assert ten.commits < second.commits < at_once.commits
    assert second.commits <= 5 * second.events / 9
    assert second.bytes_per_event <= 12 * 1024
    assert ten.bytes_per_event <= second.bytes_per_event <= at_once.bytes_per_event


def test_long_queue_of_a_benchmark_drains_to_the_end(tmp_path: Path) -> None:
    """A rate of a drain that stops half-way would be praise for nothing."""
    found = load.run(tmp_path, 3_000)
    assert 0 == found.left
    assert found.drained >= 2_000


def test_month_is_reckoned_from_the_dearer_half(tmp_path: Path) -> None:
    """A queue whose events grow dearer as it grows would make any reckoning a wish; the halves show that."""
    found = outage.extrapolated(tmp_path / "queue", 4_800)
    assert all(0 < half.event_bytes < 1_000 and half.drain_per_second > 0 for half in found.halves)
    dearer = max(half.event_bytes for half in found.halves)
    assert round(dearer * load.MONTH / 2**30, 2) == found.month_gib


@pytest.mark.all
def test_agent_behind_a_long_queue_is_as_small_and_as_busy_at_its_start_as_behind_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ready within a second and a half and 10 MiB, however long the outage was; the benchmark takes a million."""
    monkeypatch.setattr(outage, "STARTS", 1)
    monkeypatch.setattr(outage, "LATER_S", 1.0)
    found = outage.starts(tmp_path, 30_000)
    (empty,), (many,) = found["empty"], found["many"]
    assert (0, True) == (empty.waiting, many.waiting >= 29_000)
    assert max(many.rss, many.later_rss) <= empty.rss + 10.0
    assert many.cpu_s <= empty.cpu_s + 1.5
