"""Secrets in files."""

from pathlib import Path

import pytest

from agent.config.problems import Place
from agent.config.secrets import SECRET_BYTES, SecretError, read_secret, secret_path, secret_problem, secret_warnings

PLACE: Place = ("kaltura", "session", "ks_file")


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_secret_is_read_without_the_space_round_it(tmp_path: Path) -> None:
    """Editors end a file with a line break, Windows begins it with a mark; neither is part of a session."""
    assert "djJ8" == read_secret(put(tmp_path / "ks", b"\xef\xbb\xbf djJ8 \r\n"))


@pytest.mark.parametrize(
    ("reason", "content"),
    [
        ("is empty", b" \n"),
        ("is not text", b"\xff\xfe\x00"),
        ("has more than one line", b"a\nb\n"),
        ("is larger than 64 KiB", b"x" * (SECRET_BYTES + 1)),
    ],
)
def test_unusable_secret_is_refused_with_a_reason(tmp_path: Path, reason: str, content: bytes) -> None:
    """The wrong file was named, or nothing was written into it yet."""
    with pytest.raises(SecretError, match=f"^{reason}$"):
        read_secret(put(tmp_path / "ks", content))


def test_bare_name_is_a_credential_where_there_is_one(tmp_path: Path) -> None:
    """systemd gives a service its secrets in a folder of its own; elsewhere the name is an ordinary file."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert tmp_path / "ks" == secret_path("ks", tmp_path, environment)
    put(credentials / "ks", b"djJ8")
    assert credentials / "ks" == secret_path("ks", tmp_path, environment)
    assert tmp_path / "sub/ks" == secret_path("sub/ks", tmp_path, environment)
    assert Path("/etc/ks") == secret_path("/etc/ks", tmp_path, environment)
    assert tmp_path / "ks" == secret_path("ks", tmp_path, {})


def test_whole_folder_of_secrets_is_loaded_under_one_name(tmp_path: Path) -> None:
    """On the disk only root reads them; systemd hands the service a copy of each, with the credential's name before."""
    (tmp_path / "secrets").mkdir()
    put(tmp_path / "secrets" / "ks", b"djJ8")
    assert tmp_path / "secrets" / "ks" == secret_path("ks", tmp_path, {})
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    put(credentials / "secrets_ks", b"djJ8")
    assert credentials / "secrets_ks" == secret_path("ks", tmp_path, {"CREDENTIALS_DIRECTORY": str(credentials)})


def test_name_that_is_longer_than_a_files_is_no_crash(tmp_path: Path) -> None:
    """A session pasted where a file's name belongs."""
    assert tmp_path / ("x" * 300) == secret_path("x" * 300, tmp_path, {})


def test_missing_file_is_named_by_its_path_and_never_by_a_pasted_secret(tmp_path: Path) -> None:
    """A hexadecimal token looks like a file's name."""
    remedy = "Check the path, and that the agent's user may read the file."
    path = tmp_path / "ks"
    assert (
        f"kaltura.session.ks_file: names the file {path}, which cannot be read: no such file or directory. {remedy}"
    ) == str(secret_problem(PLACE, str(path), path, {}))
    token = "0123456789abcdef0123456789abcdef"
    problem = secret_problem(PLACE, token, tmp_path / token, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert problem is not None
    assert token not in str(problem)
    assert "(not shown: it may be the secret itself)" in str(problem)
    slashed = f"/{token}/x"
    assert token not in str(secret_problem(PLACE, slashed, Path(slashed), {}))


def test_folder_is_no_secret(tmp_path: Path) -> None:
    """The path was cut short."""
    assert "is a directory" in str(secret_problem(PLACE, str(tmp_path), tmp_path, {}))


def test_usable_secret_raises_no_doubt(tmp_path: Path) -> None:
    """The usual case."""
    path = put(tmp_path / "ks", b"djJ8")
    assert secret_problem(PLACE, "ks", path, {}) is None
    assert [] == list(secret_warnings(PLACE, "ks", path, {}))


def test_secret_that_everybody_may_read_is_doubted(tmp_path: Path) -> None:
    """Any program on the kiosk could send events in its name."""
    path = put(tmp_path / "ks", b"djJ8", mode=0o644)
    assert [
        f"kaltura.session.ks_file: names the file {path}, which every user may read. Take the permission away: "
        "chmod o-rwx."
    ] == [str(each) for each in secret_warnings(PLACE, "ks", path, {})]


def test_credential_of_a_service_is_doubted_outside_it(tmp_path: Path) -> None:
    """`config check` by hand does not see the service's credentials, and must not call a good file bad."""
    path = tmp_path / "ks"
    assert secret_problem(PLACE, "ks", path, {}) is None
    assert [
        "kaltura.session.ks_file: names no file here; if it is a systemd credential, only the service sees it."
    ] == [str(each) for each in secret_warnings(PLACE, "ks", path, {})]


def test_private_key_has_many_lines(tmp_path: Path) -> None:
    """A session that has them is the wrong file; a key in PEM always has."""
    path = put(tmp_path / "key", b"-----BEGIN\nMC4C\n-----END\n")
    assert "-----BEGIN\nMC4C\n-----END" == read_secret(path, many_lines=True)
    assert secret_problem(PLACE, "key", path, {}, many_lines=True) is None
    assert secret_problem(PLACE, "key", path, {}) is not None
