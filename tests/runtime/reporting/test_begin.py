"""Reports, loaded when the first one is asked for."""

import subprocess
import sys
from pathlib import Path

from agent.remote.commands import Report
from agent.runtime.reporting.begin import reports
from tests.support.ledgers import MemoryLedger, a_play

ROOT = Path(__file__).parents[3]


def test_reports_of_one_ledger_know_of_each_other() -> None:
    """Or they would not take turns."""
    begin = reports(MemoryLedger([a_play(1)]))
    one, other = begin(Report(), 0.0), begin(Report(), 0.0)
    assert one.look(1.0) is not None  # type: ignore[union-attr]
    assert None is other.look(1.0)  # type: ignore[union-attr]


def test_nothing_is_loaded_for_a_report_that_nobody_asks_for() -> None:
    """The kiosks have little memory, and most are never asked."""
    code = (
        "import sys\nfrom agent.runtime import app\n"
        "print([name for name in sys.modules if name.startswith('agent.runtime.reporting.')])\n"
        "print('agent.kernel.totals' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "['agent.runtime.reporting.begin']\nFalse\n" == done.stdout
