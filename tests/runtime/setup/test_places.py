"""Where a setup reads and writes."""

from pathlib import Path

from agent.config.files import DEFAULT_PATH
from agent.runtime.setup.places import ROOT, Places


def test_places_of_this_machine_are_those_that_the_agent_reads() -> None:
    """A setup that writes elsewhere than the service reads sets nothing up."""
    here = Places(ROOT, Path("/var/lib/kiosk-agent"))
    assert (DEFAULT_PATH, Path("/etc/kiosk-agent/secrets")) == (here.config, here.secrets)
    assert (Path("/boot/firmware"), Path("/boot")) == here.boots


def test_nothing_of_another_root_stands_outside_of_it(tmp_path: Path) -> None:
    """Setting an image up changes nothing of the machine that it is mounted on."""
    there = Places(tmp_path, tmp_path / "state")
    assert all(path.is_relative_to(tmp_path) for path in (there.config, there.secrets, there.runtime, *there.boots))
