"""The attached host's command line."""

from pathlib import Path

import pytest

from agent.player.attached.attachline import AttachArguments, arguments_of


def test_without_anything_it_follows_whatever_plays_on_the_bus() -> None:
    """The unit needs no options."""
    expected = AttachArguments(Path("/run/kiosk-agent/player.sock"), "mpris", None, "http://127.0.0.1:8080", None)
    assert expected == arguments_of([])


def test_each_option_is_read() -> None:
    """As a drop-in writes them."""
    line = ["--socket=/s", "--source=http", "--name=vlc.instance7", "--url=http://127.0.0.1:9090/"]
    line.append("--password-file=/p")
    assert AttachArguments(Path("/s"), "http", "vlc.instance7", "http://127.0.0.1:9090", Path("/p")) == arguments_of(
        line
    )


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1", "127.0.0.1:8080", "http://", "http://127.0.0.1:x", "http://127.0.0.1/a b", "http://h/ü"),
        *("http://:secret@127.0.0.1", "http://127.0.0.1/?password=secret", "http://127.0.0.1/#secret"),
    ],
)
def test_address_that_is_none_ends_it_with_a_word(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A password in it would be in the process list."""
    with pytest.raises(SystemExit):
        arguments_of(["--source", "http", "--url", url])
    said = capsys.readouterr().err
    assert "http://127.0.0.1:8080" in said
    assert "secret" not in said
