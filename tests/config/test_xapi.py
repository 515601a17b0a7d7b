"""The table of the Learning Record Store."""

from pathlib import Path

import pytest

from agent.config.xapi import Actor, Authentication, Login, Profile, Xapi
from tests.support.configuration import SMALLEST, loaded, problems

ON = f'{SMALLEST}[xapi]\nenabled = true\nendpoint = "https://lrs.example.com/xAPI/"\n'


def test_nothing_goes_to_an_lrs_by_default_and_nobody_is_named() -> None:
    """A destination that nobody asked for gets nothing, and one that is only switched on knows no one."""
    found = Xapi()
    assert (False, Profile.KALTURA, Actor.PSEUDONYM) == (found.enabled, found.profile, found.actor)
    assert Login.NONE is Authentication().mode


def test_endpoint_is_enough_to_begin_with(tmp_path: Path) -> None:
    """Everything else has a default that works; a slash at the end of an address is no other address."""
    assert "https://lrs.example.com/xAPI" == loaded(tmp_path, ON).settings.xapi.endpoint


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("xapi.endpoint", f"{SMALLEST}[xapi]\nenabled = true\n"),
        ("xapi.authentication.user", f'{ON}[xapi.authentication]\nmode = "basic"\npassword_file = "lrs"\n'),
        ("xapi.authentication.password_file", f'{ON}[xapi.authentication]\nmode = "basic"\nuser = "kiosk"\n'),
        (
            "xapi.authentication.token_url",
            f'{ON}[xapi.authentication]\nmode = "oauth2"\nuser = "kiosk"\npassword_file = "lrs"\n',
        ),
        ("xapi.entry_url", f'{ON}entry_url = "https://example.com/media"\n'),
        ("xapi.progress_percent", f"{ON}progress_percent = 0\n"),
        ("xapi.profile", f'{ON}profile = "cmi5"\n'),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_place(tmp_path: Path, place: str, text: str) -> None:
    """Whoever writes the file finds the line, and not a queue that stands still."""
    (tmp_path / "lrs").write_text("secret")
    (found,) = problems(tmp_path, text)
    assert place in found
