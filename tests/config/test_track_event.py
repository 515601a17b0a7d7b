"""The analytics server's table."""

from agent.config.check import check
from agent.config.model import Settings
from agent.config.track_event import TrackEvent


def test_nothing_goes_to_the_analytics_server_by_default() -> None:
    """A destination that nobody asked for gets nothing."""
    assert (False, False) == (TrackEvent().enabled, TrackEvent().player_events)


def test_address_is_taken_with_and_without_its_path() -> None:
    """As service_url (decision 24)."""
    tree = {"kaltura": {"enabled": False, "partner_id": 102}, "track_event": {"url": "https://analytics.kaltura.test/"}}
    found = check(tree)
    assert isinstance(found, Settings)
    assert "https://analytics.kaltura.test/api_v3" == found.track_event.url


def test_analytics_server_needs_the_account_also_where_plays_are_not_reported() -> None:
    """Every event of its names the account."""
    tree = {"kaltura": {"enabled": False}, "track_event": {"enabled": True}}
    found = check(tree)
    assert not isinstance(found, Settings)
    assert [("kaltura", "partner_id")] == [problem.place for problem in found]
