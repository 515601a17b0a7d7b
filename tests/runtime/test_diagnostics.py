"""The bundle for support: useful, bounded, and without a single secret."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from agent.config.files import Loaded
from agent.runtime import logs
from agent.runtime.diagnostics import FEW_ITEMS, LARGEST_BYTES, Diagnostics, fitted
from agent.runtime.logring import LogRing
from tests.support.configuration import SMALLEST, loaded
from tests.support.outbox import an_instant

APP_TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
KS = "djJ8MTAyfL9fJk3sZ0hQm2vT_yw-PqA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3z=="
BROKER = "correct+horse/battery"
PROXY = "proxy-hunter2"
CAMERA = "camera-hunter2"
SHARE = "smb-hunter2"
SECRETS = (APP_TOKEN, KS, BROKER, quote_plus(BROKER), PROXY, CAMERA, SHARE)


def a_kiosk(folder: Path, more: str = "") -> Loaded:
    """A configuration with a secret wherever one may stand, and one where none should."""
    for name, secret in (("app-token", APP_TOKEN), ("broker-password", BROKER)):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    text = SMALLEST + (
        f'proxy = "http://kiosk:{PROXY}@proxy.example:3128"\n'
        '[kaltura.session]\nmode = "app-token"\napp_token_id = "0_token"\napp_token_file = "app-token"\n'
        '[remote]\nurl = "mqtts://broker.example"\npassword_file = "broker-password"\n'
        f'[player]\nvlc_options = ["--smb-pwd={SHARE}", "--http-proxy=http://u:{PROXY}@p"]\n'
        f'[[player.playlist]]\nuri = "rtsp://viewer:{CAMERA}@camera.example/live?ks={KS}"\n'
    )
    return loaded(folder, text + more)


def collected(folder: Path, monkeypatch: pytest.MonkeyPatch, *, status: dict[str, Any] | None = None) -> dict[str, Any]:
    """A bundle of that kiosk, after a log that quotes all of its secrets."""
    monkeypatch.setattr(logs, "RING", ring := LogRing())
    monkeypatch.setattr("agent.runtime.diagnostics.RING", ring)
    monkeypatch.setattr(logs, "_known", ())
    logs.hide(APP_TOKEN)
    logs.hide(BROKER)
    for secret in SECRETS:
        # By the door for rendered lines: what a processor missed must not get out here either.
        ring.add(json.dumps({"event": "refused", "text": f"at rtsp://u:{secret}@h/?ks={secret} with {APP_TOKEN}"}))
    made = a_kiosk(folder)
    told = {"text": f"login with {APP_TOKEN} failed: password={BROKER}", "proxy": f"http://a:{PROXY}@p/"}
    return Diagnostics(folder, lambda: made, lambda: status or told, lambda: an_instant(100.0)).collect()


def test_no_secret_is_in_it_wherever_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves the device, and is mailed on."""
    text = json.dumps(collected(tmp_path, monkeypatch))
    assert [] == [secret for secret in SECRETS if secret in text]
    assert [] == [secret for secret in SECRETS if json.dumps(secret)[1:-1] in text]


def test_what_support_asks_for_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions, machine, settings and their origin, the last lines."""
    bundle = collected(tmp_path, monkeypatch)
    assert "102" == str(bundle["configuration"]["kaltura"]["partner_id"])
    assert str(tmp_path / "agent.toml") == bundle["origins"]["kaltura.partner_id"]["layer"]
    assert bundle["software"]["libraries"]["paho-mqtt"]
    assert bundle["software"]["kernel"]
    assert bundle["state_folder"]["free_bytes"] > 0
    assert "app-token" in bundle["state_folder"]["files"]
    assert len(SECRETS) == len(bundle["log"])
    assert "VmRSS" in bundle["machine"]
    assert bundle["status"]["text"].startswith("login with *** failed")
    assert "cut" not in bundle


def test_folder_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken card is just when it is asked for."""
    made = a_kiosk(tmp_path)
    bundle = Diagnostics(tmp_path / "gone", lambda: made, dict, lambda: an_instant(1.0)).collect()
    assert "No such file or directory" == bundle["state_folder"]["problem"]


def test_bundle_of_a_large_kiosk_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand items and a log of tracebacks; brokers refuse what is too large, without a word in 3.1.1."""
    monkeypatch.setattr("agent.runtime.diagnostics.RING", ring := LogRing())
    for number in range(300):
        ring.add(f"{number} " + "ж" * 3000)
    items = "".join(
        f'[[player.playlist]]\nuri = "file:///srv/media/a-film-{number:04}.mp4"\n' for number in range(2000)
    )
    made = loaded(tmp_path, SMALLEST + items)
    bundle = Diagnostics(tmp_path, lambda: made, dict, lambda: an_instant(1.0)).collect()
    assert len(json.dumps(bundle)) <= LARGEST_BYTES
    assert ["origins", "log"] == bundle["cut"]
    assert 2000 == bundle["playlist_items"]
    assert bundle["log"][-1].startswith("299 ")
    assert FEW_ITEMS == len(bundle["configuration"]["player"]["playlist"])


@pytest.mark.parametrize("largest", [0, 1000, 20_000, 100_000])
def test_bundle_of_any_size_is_cut_without_a_failure(largest: int) -> None:
    """A status may grow beyond all that was thought of."""
    bundle = {
        "configuration": {"player": {"playlist": ["x" * 100] * 500}, "more": "x" * 1000},
        "origins": {"a": "x" * 10_000},
        "log": ["x" * 400] * 200,
        "status": {"sinks": ["x" * 1000] * 50},
    }
    cut = fitted(bundle, largest)
    assert len(json.dumps(cut)) <= max(largest, 300)
    assert cut.get("cut")
