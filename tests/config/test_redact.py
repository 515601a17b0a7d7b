"""What must not be shown."""

import pytest

from agent.config.redact import masked, masked_line


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("rtsp://***@camera:554/live", "rtsp://user:pass@camera:554/live"),
        ("http://***@host/", "http://token@host/"),
        ("http://***@host/", "http://user:pa/ss@host/"),
        ("http://***@host/", "http://user:p@ss@host/"),
        ("https://h/p/1/playManifest/ks/***/a.m3u8", "https://h/p/1/playManifest/ks/djJ8MTAyfA==/a.m3u8"),
        ("https://h/a?x=1&ks=***&y=2", "https://h/a?x=1&ks=djJ8&y=2"),
        ("https://h/a?TOKEN=***", "https://h/a?TOKEN=abc"),
        ("https://h/a?hdnts=***", "https://h/a?hdnts=exp=1~hmac=2"),
        ("https://h/a?X-Amz-Signature=***&X-Amz-Expires=60", "https://h/a?X-Amz-Signature=ab12&X-Amz-Expires=60"),
        ("https://h/a?X-Amz-Security-Token=***&access_token=***", "https://h/a?X-Amz-Security-Token=x&access_token=y"),
        ("https://h/a?accessToken=***&x-api-key=***&jwt=***", "https://h/a?accessToken=x&x-api-key=y&jwt=z"),
        ("https://h/a?wmsAuthSign=***#id_token=***", "https://h/a?wmsAuthSign=x#id_token=y"),
        ("http://h:8080/a@2x.png", "http://h:8080/a@2x.png"),
        ("http://h/a@2x.png", "http://h/a@2x.png"),
        ("file:///srv/media/a.mp4", "file:///srv/media/a.mp4"),
        ("somebody@example.com", "somebody@example.com"),
    ],
)
def test_text_loses_its_credentials_and_nothing_else(shown: str, text: str) -> None:
    """A support engineer pastes what the agent shows into a ticket."""
    assert shown == masked(text)


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        ("token = ***", 'token = "abc'),
        ("  app_secret = ***", "  app_secret = abc"),
        ('"ks" = ***', '"ks" = djJ8'),
        ("kaltura.session.ks = ***", "kaltura.session.ks = 'djJ8'"),
        ('proxy = "http://***@h', 'proxy = "http://u:p@h'),
        (":rtsp-pwd=***", ":rtsp-pwd=abc"),
        ("--smb-pwd=***", "--smb-pwd=abc"),
        ("volume = 5 5", "volume = 5 5"),
    ],
)
def test_line_of_a_broken_file_is_quoted_without_its_secret(shown: str, line: str) -> None:
    """TOML that cannot be read is quoted before anybody knows what its keys mean."""
    assert shown == masked_line(line)
