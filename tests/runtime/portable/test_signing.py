"""The chain's head, signed with real keys by the real openssl."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from agent.kernel.plays import ChainHead
from agent.runtime.portable.signing import Signature, Signer, SigningError, verify

HEAD = ChainHead(7, "ab" * 32, 1)
KINDS = {
    "ed25519": ("-algorithm", "ed25519"),
    "ec": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "rsa": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}


def openssl(*arguments: str | Path) -> None:
    """Run the command; it must work."""
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def a_key(folder: Path, kind: str, name: str = "device") -> Path:
    """A private key, with its public one and a certificate beside it."""
    key = folder / f"{name}.key"
    openssl("genpkey", *KINDS[kind], "-out", key)
    openssl("pkey", "-in", key, "-pubout", "-out", key.with_suffix(".pub"))
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=device-001", "-out", key.with_suffix(".pem"))
    return key


def signed(key: Path) -> Signature:
    """The head, signed."""
    found = Signer("device-001", lambda: key).sign(HEAD)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_good_for_its_own_key_and_head_alone(tmp_path: Path, kind: str) -> None:
    """Whoever has the certificate can tell whose report it is, and that nobody was at it."""
    key = a_key(tmp_path, kind)
    other = a_key(tmp_path, kind, "other")
    found = signed(key)
    assert verify(found, key.with_suffix(".pem"))
    assert verify(found, key.with_suffix(".pub"))
    assert not verify(found, other.with_suffix(".pem"))
    for wrong in (replace(found, number=8), replace(found, hash="ac" * 32), replace(found, device="device-002")):
        assert not verify(wrong, key.with_suffix(".pem"))
    for text in ("", "?", found.text[:-8]):
        assert not verify(replace(found, text=text), key.with_suffix(".pem"))


def test_device_without_a_key_signs_nothing() -> None:
    """Most kiosks have none, and their reports are plain ones."""
    assert Signer("device-001", lambda: None).sign(HEAD) is None


def test_unusable_key_is_an_error_that_shows_nothing_of_it(tmp_path: Path) -> None:
    """A key's text in a log is a key that must be changed."""
    key = tmp_path / "bad.key"
    key.write_text("-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n")
    with pytest.raises(SigningError, match="openssl cannot use the key") as caught:
        signed(key)
    assert "SECRET" not in str(caught.value)


def test_key_with_a_password_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """Nobody is there to type it."""
    key = tmp_path / "locked.key"
    openssl("genpkey", *KINDS["ec"], "-aes-256-cbc", "-pass", "pass:secret", "-out", key)
    with pytest.raises(SigningError):
        signed(key)


def test_missing_certificate_is_an_error_for_a_person(tmp_path: Path) -> None:
    """And not a signature that is bad."""
    with pytest.raises(SigningError, match="cannot be read"):
        verify(Signature("d", 1, "", ""), tmp_path / "none.pem")


def test_machine_without_openssl_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minimal image has none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SigningError, match="apt install openssl"):
        signed(tmp_path / "any.key")
