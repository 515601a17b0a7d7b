"""With which session requests are sent: what a person can write, and what is asked back."""

import pytest

from agent.config.check import check
from agent.config.model import Settings
from agent.config.session import SessionMode, TokenHash

BASE = {"service_url": "https://kaltura.test", "partner_id": 102}


def checked(**session: object) -> Settings | list[str]:
    """The settings, or the problems in words."""
    found = check({"kaltura": {**BASE, "session": session}})
    return found if isinstance(found, Settings) else [str(problem) for problem in found]


@pytest.mark.parametrize(
    ("missing", "session"),
    [
        (["ks_file"], {"mode": "ks-file"}),
        (["app_token_id", "app_token_file"], {"mode": "app-token"}),
        (["secret_file"], {"mode": "secret"}),
        ([], {"mode": "app-token", "app_token_id": "1_abcd1234", "app_token_file": "token"}),
        ([], {"mode": "secret", "secret_file": "secret"}),
        ([], {}),
    ],
)
def test_mode_names_everything_that_it_needs(missing: list[str], session: dict[str, object]) -> None:
    """An operator fixes all of it in one go."""
    found = checked(**session)
    problems = [] if isinstance(found, Settings) else found
    assert len(missing) == len(problems)
    assert all(any(name in problem for problem in problems) for name in missing)


def test_setting_of_another_mode_is_pointed_out() -> None:
    """A token that is configured and silently not used would send everything without attribution."""
    found = checked(mode="none", app_token_id="1_abcd1234")
    assert not isinstance(found, Settings)
    assert 'mode = "app-token"' in found[0]


def test_defaults_are_those_of_a_device_that_knows_nobody() -> None:
    """No session until somebody asks for one; the strongest hash that tokens usually have."""
    found = checked()
    assert isinstance(found, Settings)
    session = found.kaltura.session
    assert (SessionMode.NONE, TokenHash.SHA256, 86_400) == (session.mode, session.app_token_hash, session.lifetime_s)


def test_session_that_is_started_needs_the_api_also_where_plays_are_not_reported() -> None:
    """The analytics server takes sessions; it does not start them."""
    token = {"mode": "app-token", "app_token_id": "1_abcd1234", "app_token_file": "token"}
    found = check({"kaltura": {"enabled": False, "session": token}})
    assert not isinstance(found, Settings)
    assert [("kaltura", "service_url")] == [problem.place for problem in found]
