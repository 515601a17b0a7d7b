"""The `[ledger]` table."""

from agent.config.ledger import Ledger
from agent.config.model import Settings
from agent.config.setting import walk


def test_ledger_keeps_a_year_unless_told_otherwise() -> None:
    """Reports are asked for at the end of a year."""
    assert (365.0, None, None) == (Ledger().max_age_days, Ledger().max_mib, Ledger().key_file)


def test_no_broker_may_have_a_kiosks_record_deleted() -> None:
    """Whoever steers a fleet must not be able to shorten what it is measured by."""
    found = [entry for name, _, entry in walk(Settings) if name[:1] == ("ledger",)]
    assert found
    assert not any(getattr(entry, "remote", False) for entry in found)
