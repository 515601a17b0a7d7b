"""The `[metrics]` table."""

from pathlib import Path

import pytest

from agent.config.kinds import MisfitError
from agent.config.metrics import Listen, Metrics, Textfile, is_loopback, split
from agent.config.problems import ConfigurationError
from tests.support.configuration import SMALLEST, loaded


def test_nothing_is_told_unless_it_is_asked_for() -> None:
    """No port and no file on a kiosk whose owner wants none."""
    assert (None, None, False) == (Metrics().textfile, Metrics().listen, Metrics().beyond_loopback)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:9479", ("127.0.0.1", 9479)),
        ("[::1]:1", ("::1", 1)),
        ("0.0.0.0:65535", ("0.0.0.0", 65_535)),
        ("localhost:9479", None),
        ("::1:9479", None),
        ("[127.0.0.1]:9479", None),
        ("127.0.0.1", None),
        ("127.0.0.1:0", None),
        ("127.0.0.1:٣", None),
        ("127.0.0.1:70000", None),
    ],
)
def test_address_and_port_are_taken_or_refused(text: str, found: tuple[str, int] | None) -> None:
    """A name could lead anywhere tomorrow."""
    assert found == split(text)
    if found is None:
        with pytest.raises(MisfitError):
            Listen().read(text)
    else:
        assert text == Listen().read(text)


@pytest.mark.parametrize("path", ["relative.prom", "/srv/figures.txt", "/srv/.prom", "/srv/\n.prom", 3])
def test_file_that_node_exporter_would_not_read_is_refused(path: object) -> None:
    """It looks at *.prom alone, and says nothing about others."""
    with pytest.raises(MisfitError):
        Textfile().read(path)
    assert "/srv/kiosk.prom" == Textfile().read("/srv/kiosk.prom")


def test_network_must_be_asked_for_in_so_many_words(tmp_path: Path) -> None:
    """0.0.0.0 is typed fast."""
    assert is_loopback("127.1.2.3:9")
    assert not is_loopback("192.168.1.2:9")
    text = SMALLEST + '[metrics]\nlisten = "192.168.1.2:9479"\n'
    with pytest.raises(ConfigurationError, match="beyond_loopback = true"):
        loaded(tmp_path, text)
    assert "192.168.1.2:9479" == loaded(tmp_path, text + "beyond_loopback = true\n").settings.metrics.listen
