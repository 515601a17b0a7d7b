"""Sessions: made, signed, checked, ended."""

import pytest

from tools.standin import fixtures
from tools.standin.errors import ApiError
from tools.standin.sessions import USER, WIDGET_PRIVILEGES, Sessions


class Server:
    """A set of sessions with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.sessions = Sessions(fixtures.load(), lambda: self.now)

    def make(self, privileges: str = "", expiry_s: int = 60) -> str:
        """A user session of partner 102."""
        return self.sessions.make(102, "u", USER, expiry_s, privileges)

    def reason(self, ks: str, address: str = "127.0.0.1", uri: str = "/x") -> str | None:
        """Why the session is refused, or None."""
        try:
            self.sessions.check(ks, address, uri)
        except ApiError as error:
            return error.details["KSID"]
        return None


@pytest.fixture
def server() -> Server:
    """A fresh server."""
    return Server()


def test_session_expires_by_the_servers_clock(server: Server) -> None:
    """A device's own clock decides nothing here."""
    ks = server.make(expiry_s=60)
    server.now += 59
    assert None is server.reason(ks)
    server.now += 1
    assert server.reason(ks) == "EXPIRED"


def test_sessions_that_were_handed_out_are_remembered(server: Server) -> None:
    """A test looks for them in everything that an agent says."""
    assert [server.make(), server.make()] == list(server.sessions.handed_out)


def test_session_survives_a_restart(server: Server) -> None:
    """A collector that was restarted must not log every device out."""
    assert Sessions(fixtures.load(), lambda: server.now).check(server.make(), "a", "/").user == "u"


def test_changed_text_is_echoed(server: Server) -> None:
    """Every character counts; the answer repeats the text, which is why the agent redacts it."""
    ks = server.make()
    for at in range(len(ks) - 1):
        changed = ks[:at] + ("B" if ks[at] == "A" else "A") + ks[at + 1 :]
        assert changed == server.reason(changed)
    assert server.reason("garbage") == "garbage"
    assert server.reason("é") == "é"


def test_actions_limit_counts_each_use(server: Server) -> None:
    """A session for three events refuses the fourth."""
    ks = server.make("actionslimit:3")
    assert [server.reason(ks) for _ in range(4)] == [None, None, None, "EXCEEDED_ACTIONS_LIMIT"]


def test_restrictions_name_themselves(server: Server) -> None:
    """The agent's message for each differs."""
    assert server.reason(server.make("iprestrict:1.2.3.4")) == "EXCEEDED_RESTRICTED_IP"
    assert None is server.reason(server.make("iprestrict:127.0.0.1"))
    uri = server.make("urirestrict:/api_v3/service/stats/*|/b")
    assert [
        server.reason(uri, uri=path) for path in ("/api_v3/service/stats/action/collect", "/b", "/api_v3/index.php")
    ] == [None, None, "EXCEEDED_RESTRICTED_URI"]


def test_end_of_a_tokens_session_bars_the_token_for_a_day(server: Server) -> None:
    """The trap that kaltura.md warns of: never end an application token's session."""
    ks = server.make("sessionid:0_a,apptoken:0_a")
    server.sessions.end(server.sessions.check(ks, "", ""))
    assert server.reason(server.make("sessionid:0_a")) == "LOGOUT"
    assert None is server.reason(server.make("sessionid:0_b"))
    server.now += 86_400
    assert None is server.reason(server.make("sessionid:0_a"))


def test_cache_class_tells_sessions_apart(server: Server) -> None:
    """Only a user's answers are never cached; all widget sessions of a partner share theirs."""
    assert server.sessions.cache_class("") == "none"
    assert None is server.sessions.cache_class(server.make())
    assert server.sessions.cache_class(server.make(WIDGET_PRIVILEGES)) == "widget 102"
    assert server.sessions.cache_class("x") == "invalid x"
