"""Keys and certificates, by the real openssl."""

import stat
import subprocess
from pathlib import Path

import pytest

from agent.fleet.enroll_certificates import Authority, CertificateError, issue, look_at
from tests.support import brokers


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority of our own."""
    return made(tmp_path / "ca")


def made(folder: Path) -> Authority:
    ca_file = brokers.Authority(folder).ca_file
    return Authority(ca_file, ca_file.with_name("ca.key"), 30)


def test_certificate_names_the_device_and_is_signed(tmp_path: Path, authority: Authority) -> None:
    """The broker takes the name in it for the user, so it must be the device's and nobody else's word."""
    issue("device-001", tmp_path, authority)
    checked = subprocess.run(
        ["openssl", "verify", "-CAfile", str(authority.certificate), "-purpose", "sslclient", "device.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "device.pem: OK" in checked.stdout, checked.stderr
    subject = subprocess.run(
        ["openssl", "x509", "-in", "device.pem", "-noout", "-subject"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "CN = device-001" in subject.stdout
    assert [0o600, 0o600] == [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("device.key", "device.pem")]


def test_key_of_another_authority_is_found_before_anything_is_made(tmp_path: Path, authority: Authority) -> None:
    """A thousand certificates that no broker takes are found out on a thousand kiosks."""
    look_at(authority)
    other = made(tmp_path / "other")
    with pytest.raises(CertificateError, match="is not the key of"):
        look_at(Authority(authority.certificate, other.key, 30))


def test_what_openssl_complains_of_is_told(tmp_path: Path, authority: Authority) -> None:
    """The wrong file named as the authority's."""
    (tmp_path / "text").write_text("no certificate")
    with pytest.raises(CertificateError, match="openssl x509"):
        look_at(Authority(tmp_path / "text", authority.key, 30))
