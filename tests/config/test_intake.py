"""What the kiosk's own application may tell, and to whom it belongs."""

from agent.config.check import check
from agent.config.intake import Intake, Visits
from agent.config.model import Settings

SILENT = {"enabled": False}


def test_browser_listener_needs_a_token_and_origins() -> None:
    """Any page that a kiosk shows could otherwise report what it likes."""
    found = check({"kaltura": SILENT, "intake": {"web": {"enabled": True}}})
    assert not isinstance(found, Settings)
    assert [("intake", "web", "token_file"), ("intake", "web", "origins")] == [problem.place for problem in found]


def test_nothing_about_visitors_leaves_the_device_by_default() -> None:
    """Privacy is the default; the local socket is there, the browser's listener is not."""
    assert (False, True, False) == (Visits().enabled, Intake().enabled, Intake().web.enabled)


def test_viewers_of_a_visit_need_visits() -> None:
    """Otherwise no viewer would ever be sent, and nobody would know why."""
    kaltura = {**SILENT, "unique_viewer": "visit"}
    found = check({"kaltura": kaltura})
    assert not isinstance(found, Settings)
    assert isinstance(check({"kaltura": kaltura, "visits": {"enabled": True}}), Settings)
