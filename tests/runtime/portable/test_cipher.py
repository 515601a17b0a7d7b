"""Encrypting by the openssl command: what comes out goes in again, and everything else is a sentence."""

import subprocess
from pathlib import Path

import pytest

from agent.runtime.portable import cipher
from agent.runtime.portable.cipher import CipherError, Opened, Sealed, check, fingerprint
from tests.support.certificates import a_certificate

TEXT = b"a month of plays\n" * 100_000


def sealed(folder: Path, certificate: Path) -> Path:
    """The text, encrypted."""
    path = folder / "message"
    with path.open("wb") as file, Sealed(certificate, file) as out:
        for start in range(0, len(TEXT), 65_536):
            out.write(TEXT[start : start + 65_536])
        out.finish()
    return path


def opened(path: Path, key: Path) -> bytes:
    """The text again."""
    found = b""
    with path.open("rb", buffering=0) as file, Opened(key, file) as source:
        while piece := source.read(65_536):
            found += piece
    return found


@pytest.mark.parametrize("kind", ["rsa:2048", "ec"])
def test_what_is_sealed_is_opened(tmp_path: Path, kind: str) -> None:
    """Certificates of both common kinds."""
    certificate, key = a_certificate(tmp_path, "office", kind=kind)
    path = sealed(tmp_path, certificate)
    assert b"plays" not in path.read_bytes()
    assert TEXT == opened(path, key)


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    """A file for another office must say so, and not become garbage."""
    certificate, _ = a_certificate(tmp_path, "office")
    _, other = a_certificate(tmp_path, "other")
    with pytest.raises(CipherError, match="cannot be decrypted with this key"):
        opened(sealed(tmp_path, certificate), other)


def test_damaged_message_ends_with_a_sentence(tmp_path: Path) -> None:
    """Also one that was cut off, or is no message at all."""
    certificate, key = a_certificate(tmp_path, "office")
    path = sealed(tmp_path, certificate)
    whole = path.read_bytes()
    for data in (whole[:-100], whole[: len(whole) // 2], b"", b"garbage"):
        path.write_bytes(data)
        with pytest.raises(CipherError):
            opened(path, key)


def test_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    """Found before anything is handed over."""
    path = tmp_path / "cert.pem"
    with pytest.raises(CipherError, match="cannot be read"):
        fingerprint(path)
    path.write_text("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
    for text in ("", "hello", path.read_text()):
        path.write_text(text)
        with pytest.raises(CipherError):
            check(path)


def test_fingerprint_is_openssls(tmp_path: Path) -> None:
    """Whoever compares it does so with openssl."""
    certificate, _ = a_certificate(tmp_path, "office")
    said = subprocess.run(
        ["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert fingerprint(certificate) == said.partition("=")[2].strip().replace(":", "").lower()


def test_certificate_that_cannot_encrypt_is_told(tmp_path: Path) -> None:
    """openssl ends at once, while we are still writing."""
    path = tmp_path / "cert.pem"
    path.write_text("nothing")
    with (
        (tmp_path / "out").open("wb") as file,
        pytest.raises(CipherError, match="cannot be encrypted"),
        Sealed(path, file) as out,
    ):
        for _ in range(100):
            out.write(TEXT)


def test_full_medium_is_no_success(tmp_path: Path) -> None:
    """openssl writes the file itself; what it could not write must not count as written."""
    certificate, _ = a_certificate(tmp_path, "office")
    with Path("/dev/full").open("wb") as file, pytest.raises(CipherError), Sealed(certificate, file) as out:
        for _ in range(10):
            out.write(TEXT)
        out.finish()


def test_missing_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minimal image may lack it."""
    monkeypatch.setattr(cipher, "SEAL", ("no-such-command",))
    with (tmp_path / "out").open("wb") as file, pytest.raises(CipherError, match="apt install openssl"):
        Sealed(tmp_path, file)
