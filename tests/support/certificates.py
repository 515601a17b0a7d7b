"""Certificates of a day, made by openssl."""

import subprocess
from pathlib import Path


def a_certificate(folder: Path, name: str, *, kind: str = "rsa:2048") -> tuple[Path, Path]:
    """A certificate and its private key, as PEM files."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    curve = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", kind, *curve, "-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
