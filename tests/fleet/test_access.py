"""How an operator reaches the broker."""

from pathlib import Path

import pytest

from agent.config.remote import Protocol
from agent.fleet.access import Access, AccessError, access, default_path

FILE = 'url = "mqtts://broker.example.com:8884"\nuser = "ann"\nbase = "signage/eu"\n'


def written(folder: Path, text: str = FILE, *, mode: int = 0o644) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def secret(folder: Path, *, mode: int = 0o600, name: str = "password") -> Path:
    path = folder / name
    path.write_text("hush\n", encoding="utf-8")
    path.chmod(mode)
    return path


def used(path: Path | None, **given: str | None) -> Access:
    return access(path, given, {})


def problems(path: Path | None, **given: str | None) -> str:
    with pytest.raises(AccessError) as caught:
        used(path, **given)
    assert str(caught.value)
    return str(caught.value)


def test_file_says_who_and_where(tmp_path: Path) -> None:
    """Written once, so that nobody types addresses at three in the morning."""
    found = used(written(tmp_path))
    assert ("broker.example.com", 8884, "ann") == (found.broker.host, found.broker.port, found.broker.user)
    assert ("signage/eu", Protocol.AUTO, 0) == (found.base, found.broker.protocol, found.broker.session_expiry_s)


def test_usual_place_follows_the_desktops_rule(tmp_path: Path) -> None:
    """XDG_CONFIG_HOME is where people who move their settings expect them."""
    assert Path("/x/kiosk-agent/fleet.toml") == default_path({"XDG_CONFIG_HOME": "/x"})
    assert Path("~/.config/kiosk-agent/fleet.toml").expanduser() == default_path({})


def test_command_line_counts_more_than_the_file(tmp_path: Path) -> None:
    """The other broker for once, without editing."""
    found = used(written(tmp_path), url="mqtt://127.0.0.1:1883", base=None)
    assert ("127.0.0.1", "signage/eu") == (found.broker.host, found.base)


def test_client_id_is_another_one_in_each_run(tmp_path: Path) -> None:
    """Two programs with one client id push each other out, for ever."""
    path = written(tmp_path)
    assert used(path).broker.client_id != used(path).broker.client_id


def test_missing_address_says_where_to_write_it(tmp_path: Path) -> None:
    """The first run of everybody."""
    found = problems(None)
    assert "url: is missing" in found
    assert "fleet.toml" in found


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """One problem a run is an evening's work."""
    found = problems(written(tmp_path, 'url = "http://x"\nusr = "ann"\nkeepalive_s = 1\n'))
    assert all(word in found for word in ("url: ", "Did you mean user?", "keepalive_s: "))


def test_password_in_the_file_is_refused_without_being_shown(tmp_path: Path) -> None:
    """Files of settings are copied, mailed and backed up."""
    found = problems(written(tmp_path, FILE + 'password = "hunter2"\n'))
    assert "Did you mean password_file?" in found
    assert "hunter2" not in found


def test_address_with_a_password_in_it_is_refused_without_being_shown(tmp_path: Path) -> None:
    """On a command line every user of the machine could read it."""
    found = problems(None, url="mqtts://ann:hunter2@broker.example.com")
    assert "password" in found
    assert "hunter2" not in found


@pytest.mark.parametrize("name", ["password_file", "key_file"])
def test_secret_that_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    """As ssh does with keys: whoever reads it commands the fleet."""
    certificate = secret(tmp_path, name="certificate")
    given = {name: str(secret(tmp_path, mode=0o640)), "certificate_file": str(certificate)}
    assert "chmod 600" in problems(written(tmp_path), **given)


def test_secret_of_ones_own_is_taken_from_the_files_folder(tmp_path: Path) -> None:
    """A folder with both can be moved."""
    path = secret(tmp_path)
    assert path == used(written(tmp_path, FILE + 'password_file = "password"\n')).broker.password_file


def test_file_that_others_may_change_is_refused(tmp_path: Path) -> None:
    """They would choose the broker that gets this operator's password."""
    assert "chmod go-w" in problems(written(tmp_path, mode=0o666))


@pytest.mark.parametrize(
    ("words", "text"), [("is not valid TOML", "url = "), ("is not a setting", "urll = 1"), ("found", "url = 7")]
)
def test_broken_file_is_named(tmp_path: Path, words: str, text: str) -> None:
    """With the file's name, for there may be several."""
    found = problems(written(tmp_path, text))
    assert words in found
    assert "fleet.toml" in found


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A misspelt --settings must not silently mean "none"."""
    assert "no such file" in problems(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'user = "\xe9"')
    assert "is not UTF-8" in problems(tmp_path / "latin.toml")
    assert "names /none/ca.pem, which cannot be read" in problems(written(tmp_path), ca_file="/none/ca.pem")


def test_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    """The broker would only say that it wants one."""
    assert "belong together" in problems(written(tmp_path), certificate_file=str(secret(tmp_path)))
