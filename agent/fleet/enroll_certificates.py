"""Keys and certificates for devices, by the openssl program.

Contract: `issue` writes a key and a certificate for one device into a folder; `look_at` says beforehand whether the
authority can be used. Raises `CertificateError` with openssl's own words, which hold no secret.
Rules: the key is made in its final file, mode 0600, and never travels through a pipe or an argument. The common name is
the device's id, which mosquitto takes as the user (`use_identity_as_username`). P-256: small, quick on an old
Raspberry Pi, and every TLS library knows it.
"""

import secrets
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

KEY_FILE = "device.key"
CERTIFICATE_FILE = "device.pem"
# Minutes for a machine without entropy or a passphrase that somebody types; beyond it openssl hangs.
_PATIENCE_S = 120
_EXTENSIONS = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"


class CertificateError(Exception):
    """openssl could not do it; the text says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs the devices' certificates, and for how many days."""

    certificate: Path
    key: Path
    days: int


def look_at(authority: Authority) -> None:
    """Raises `CertificateError` unless key and certificate belong together."""
    of_certificate = _openssl("x509", "-in", str(authority.certificate), "-noout", "-pubkey")
    of_key = _openssl("pkey", "-in", str(authority.key), "-pubout")
    if of_certificate.strip() != of_key.strip():
        raise CertificateError(f"{authority.key} is not the key of {authority.certificate}")


def issue(device: str, folder: Path, authority: Authority) -> None:
    """Write `device.key` and `device.pem` into `folder`."""
    key, certificate = folder / KEY_FILE, folder / CERTIFICATE_FILE
    key.touch(0o600)
    with tempfile.TemporaryDirectory() as name:
        request, extensions = Path(name, "request"), Path(name, "extensions")
        extensions.write_text(_EXTENSIONS)
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        _openssl("req", "-new", *curve, "-subj", f"/CN={device}", "-keyout", str(key), "-out", str(request))
        # A serial number of 127 random bits (RFC 5280 allows 159): no file of numbers that two operators would share.
        serial = f"0x{secrets.randbits(127) | 1:x}"
        signer = ("-CA", str(authority.certificate), "-CAkey", str(authority.key), "-set_serial", serial)
        what = ("-days", str(authority.days), "-sha256", "-extfile", str(extensions), "-out", str(certificate))
        _openssl("x509", "-req", "-in", str(request), *signer, *what)
    key.chmod(0o600)
    certificate.chmod(0o600)


def _openssl(*arguments: str) -> str:
    try:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except FileNotFoundError:
        raise CertificateError("the program openssl is not installed") from None
    except subprocess.TimeoutExpired:
        raise CertificateError(f"openssl {arguments[0]} has not ended in {_PATIENCE_S} s") from None
    if done.returncode:
        words = " ".join(done.stderr.split())
        raise CertificateError(f"openssl {arguments[0]}: {words[-300:] or f'ended with {done.returncode}'}")
    return done.stdout
