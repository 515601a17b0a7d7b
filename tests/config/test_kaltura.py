"""The [kaltura] table."""

from agent.config.entries import EntryRules
from agent.config.kaltura import Entries, EventSemantics, Kaltura
from agent.config.session import SessionMode
from agent.kernel.release import VERSION


def test_defaults_follow_the_guide_and_send_no_session() -> None:
    """What a file without further words means (decision 17)."""
    kaltura = Kaltura()
    assert kaltura.enabled
    assert EventSemantics.GUIDE is kaltura.event_semantics
    assert SessionMode.NONE is kaltura.session.mode
    assert f"kiosk-agent/{VERSION}" == kaltura.client_version
    assert len(kaltura.client_version) <= 31


def test_rules_are_handed_on() -> None:
    """The player's room looks for entries by them."""
    assert EntryRules() == Entries().rules
    assert EntryRules("x", False) == Entries(file_pattern="x", sidecar=False).rules
