"""Metrics, where they are wanted."""

import subprocess
import sys
from pathlib import Path

from agent.config.metrics import Metrics
from agent.runtime.metrics.begin import begin


def test_what_is_not_wanted_is_not_loaded() -> None:
    """It would cost memory on every kiosk."""
    code = (
        "import sys\n"
        "from agent.config.metrics import Metrics\n"
        "from agent.runtime import life\n"
        "from agent.runtime.metrics.begin import begin\n"
        "assert () == begin(Metrics(), print).ways\n"
        "print([name for name in sys.modules if name.startswith('agent.runtime.metrics')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "['agent.runtime.metrics', 'agent.runtime.metrics.begin']\n" == done.stdout


def test_each_way_has_a_thread_of_a_name(tmp_path: Path) -> None:
    """A stack trace names it."""
    ways = begin(Metrics(textfile=str(tmp_path / "k.prom"), listen="127.0.0.1:0"), print).ways
    assert ["metrics-file"] == [name for name, _ in ways], "port 0 is no address of the settings"
