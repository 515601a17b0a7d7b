"""What the actions do beyond the recorded cases."""

import json
from dataclasses import replace

from tests.support.kaltura_client import event, post
from tools.standin import fixtures
from tools.standin.fixtures import Fixtures
from tools.standin.server import Collector

START_WIDGET = "/api_v3/service/session/action/startWidgetSession"
START_TOKEN = "/api_v3/service/appToken/action/startSession"
START = "/api_v3/service/session/action/start"


def test_record_holds_parameters_beside_the_event_and_no_session() -> None:
    """Tests find an event's own identity there; a session on disk would be a secret on disk."""
    with Collector() as collector:
        ks = json.loads(post(collector, "format=1&widgetId=_102", START_WIDGET).text)["ks"]
        assert post(collector, event(__ks=ks, __identity="d-1-7", mark="m")).text == "true"
        assert collector.events[0]["_request"] == {
            "format": "1",
            "ks": "(redacted)",
            "identity": "d-1-7",
            "event": {"mark": "m"},
        }


def test_token_session_without_a_base_session_is_refused() -> None:
    """The first step of a device is the widget session."""
    with Collector() as collector:
        assert post(collector, "format=1&id=0_1pdtosp4&tokenHash=00", START_TOKEN).code() == "MISSING_KS"
        assert post(collector, "format=1", "/api_v3/service/session/action/end").code() == "MISSING_KS"


def test_inactive_and_deleted_tokens_are_told_apart() -> None:
    """An operator who disabled a token by mistake must find that in the agent's message."""
    known = fixtures.load()
    tokens = {k: replace(t, status=1) if k == "0_8c99gpct" else t for k, t in known.tokens.items()}
    with Collector(fixtures=Fixtures(known.partners, tokens)) as collector:
        ks = json.loads(post(collector, "format=1&widgetId=_102", START_WIDGET).text)["ks"]
        body = f"format=1&ks={ks}&tokenHash=00&id="
        assert post(collector, body + "0_8c99gpct", START_TOKEN).code() == "APP_TOKEN_NOT_ACTIVE"
        assert post(collector, body + "0_c9pxdoou", START_TOKEN).code() == "APP_TOKEN_ID_NOT_FOUND"


def test_user_secret_opens_no_admin_session() -> None:
    """The secret of users must not be worth more than it says."""
    with Collector() as collector:
        body = "format=1&secret=usersecret102&type=2&partnerId=102"
        assert post(collector, body, START).code() == "START_SESSION_ERROR"


def test_own_session_cannot_be_read() -> None:
    """A device takes its expiry from the answer that opened the session."""
    with Collector() as collector:
        assert post(collector, "format=1", "/api_v3/service/session/action/get").code() == "SERVICE_FORBIDDEN"
