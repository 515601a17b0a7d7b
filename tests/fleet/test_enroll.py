"""Enrolment as an operator calls it, and a real mosquitto that takes what it made."""

import fcntl
import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from agent.fleet.enroll import enroll
from tests.support.brokers import OPERATOR, Authority, Broker

LIST = "id,name,groups\ndevice-a,Left,lobby\ndevice-b,Right,lobby|berlin\n"


def run(folder: Path, *arguments: str, text: str = LIST) -> Result:
    """Enrol the devices of `text` into `folder`/out."""
    (folder / "list.csv").write_text(text)
    common = ["--csv", str(folder / "list.csv"), "--out", str(folder / "out"), "--url", "mqtts://broker.example.com"]
    return CliRunner().invoke(enroll, [*common, *arguments])


def password(folder: Path, device: str) -> str:
    """The password in a device's bundle."""
    return (folder / "out" / "devices" / device / "broker-password").read_text().strip()


class Visitor:
    """A plain client of the broker, which tells what it got."""

    def __init__(self, port: int, user: str, secret: str, *, ca: Path | None = None, files: Path | None = None) -> None:
        self.got: list[str] = []
        self.refused: list[str] = []
        self.granted = 0
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=user, protocol=MQTTv5)
        self.client.username_pw_set(user, secret or None)
        if ca is not None:
            both = (None, None) if files is None else (str(files / "device.pem"), str(files / "device.key"))
            self.client.tls_set(str(ca), *both)
        self.client.on_message = self._on_message
        self.client.on_connect = lambda _c, _u, _f, code, _p: (
            self.refused.append(str(code)) if code.is_failure else None
        )
        self.client.on_subscribe = lambda *_: setattr(self, "granted", self.granted + 1)
        self.client.connect("localhost", port)
        self.client.loop_start()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.got.append(f"{message.topic} {message.payload.decode()}")

    def subscribe(self, topic: str) -> None:
        # The broker may not have read its new users yet; paho tries again by itself.
        wait(self.client.is_connected, "connected")
        before = self.granted
        self.client.subscribe(topic, 1)
        wait(lambda: self.granted > before, "granted")

    def say(self, topic: str, text: str) -> None:
        """Publish, retained, and wait until the broker has answered, whatever it says."""
        self.client.publish(topic, text, qos=1, retain=True).wait_for_publish(60)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def wait(condition: object, what: str) -> None:
    assert callable(condition)
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, f"not {what}"
        time.sleep(0.01)


@pytest.fixture
def visitors() -> Iterator[list[Visitor]]:
    """Those who are closed at the end."""
    opened: list[Visitor] = []
    yield opened
    for each in opened:
        each.close()


def test_mosquitto_takes_the_users_and_keeps_the_devices_apart(tmp_path: Path, visitors: list[Visitor]) -> None:
    """The whole point: each kiosk has its own key, which opens nothing of another kiosk."""
    assert 0 == run(tmp_path).exit_code
    with Broker(tmp_path / "broker") as broker:
        for name in ("devices.passwd", "devices.acl"):
            (tmp_path / "broker" / name).write_bytes((tmp_path / "out" / "mosquitto" / name).read_bytes())
        broker.signal(signal.SIGHUP)
        operator = Visitor(broker.operator_port, *OPERATOR, ca=broker.ca_file)
        a = Visitor(broker.plain_port, "device-a", password(tmp_path, "device-a"))
        wrong = Visitor(broker.plain_port, "device-b", password(tmp_path, "device-a"))
        visitors += [operator, a, wrong]
        operator.subscribe("kiosk/v1/#")
        a.subscribe("kiosk/v1/#")
        operator.say("kiosk/v1/device/device-b/desired", "secret of b")
        operator.say("kiosk/v1/group/lobby/desired", "for the lobby")
        operator.say("kiosk/v1/device/device-a/desired", "for a")
        a.say("kiosk/v1/device/device-b/state", "forged")
        a.say("kiosk/v1/fleet/desired", "forged")
        a.say("kiosk/v1/device/device-a/state", "fine")
        a.say("kiosk/v1/device/device-a/presence", "here")
        wait(lambda: len(operator.got) >= 5 and len(a.got) >= 3, "all arrived")
        wait(lambda: wrong.refused, "refused")
    assert not [each for each in operator.got if "forged" in each]
    assert "kiosk/v1/device/device-a/state fine" in operator.got
    assert {"group/lobby/desired for the lobby", "device/device-a/desired for a", "device/device-a/presence here"} == {
        each.removeprefix("kiosk/v1/") for each in a.got
    }


def test_mosquitto_takes_the_certificates(tmp_path: Path, visitors: list[Visitor]) -> None:
    """The name in the certificate is the user, so a kiosk cannot call itself another one."""
    authority = Authority(tmp_path / "ca")
    key = authority.ca_file.with_name("ca.key")
    done = run(tmp_path, "--certificates", "--ca-cert", str(authority.ca_file), "--ca-key", str(key))
    assert 0 == done.exit_code, done.output
    assert "" == (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    sample = {"allow_anonymous false\npassword_file": "allow_anonymous false\nrequire_certificate true\n#"}
    by_certificate = {"use_username_as_clientid true": "use_identity_as_username true"}
    with Broker(tmp_path / "broker", authority=authority, instead=sample | by_certificate) as broker:
        mine = tmp_path / "out" / "devices" / "device-a"
        a = Visitor(broker.port, "device-b", "", ca=broker.ca_file, files=mine)
        visitors.append(a)
        a.subscribe("kiosk/v1/device/+/presence")
        a.say("kiosk/v1/device/device-b/presence", "forged")
        a.say("kiosk/v1/device/device-a/presence", "here")
        wait(lambda: a.got, "arrived")
    assert ["kiosk/v1/device/device-a/presence here"] == a.got


def test_secrets_are_neither_shown_nor_readable_by_others(tmp_path: Path) -> None:
    """What is on the terminal ends in logs and screenshots."""
    done = run(tmp_path)
    assert password(tmp_path, "device-a") not in done.output
    assert "$7$" not in done.output
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    }
    assert {(True, 0o700), (False, 0o600)} == modes


def test_second_run_adds_what_is_new_and_keeps_the_rest(tmp_path: Path) -> None:
    """A fleet grows; nobody enrols it anew for ten more kiosks."""
    run(tmp_path)
    lines = (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    done = json.loads(run(tmp_path, "--json", text="id,name,groups\ndevice-c,,\ndevice-a,Left,lobby\n").stdout)
    assert (["device-c"], ["device-a"], []) == (done["enrolled"], done["kept"], done["renewed"])
    now = (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    assert now.startswith(lines)
    assert 3 == len(now.splitlines())
    assert 3 == (tmp_path / "out" / "mosquitto" / "devices.acl").read_text().count("user device-")


def test_run_that_was_cut_off_before_the_lines_is_completed(tmp_path: Path) -> None:
    """Bundles without their lines would be kiosks that nobody lets in."""
    run(tmp_path)
    before = password(tmp_path, "device-a")
    (tmp_path / "out" / "mosquitto" / "devices.passwd").unlink()
    assert 0 == run(tmp_path).exit_code
    assert before == password(tmp_path, "device-a")
    assert 2 == len((tmp_path / "out" / "mosquitto" / "devices.passwd").read_text().splitlines())


@pytest.mark.parametrize("word", ["--passwords", "--certificates"])
def test_kiosk_whose_bundle_was_carried_off_is_not_locked_out(tmp_path: Path, word: str) -> None:
    """Bundles are deleted once they are on their kiosks, and the list grows: the kiosks out there keep their keys."""
    authority = Authority(tmp_path / "ca")
    key = authority.ca_file.with_name("ca.key")
    words = [word]
    if word == "--certificates":
        words += ["--ca-cert", str(authority.ca_file), "--ca-key", str(key)]
    run(tmp_path, *words)
    lines = (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    shutil.rmtree(tmp_path / "out" / "devices" / "device-a")
    done = json.loads(run(tmp_path, "--json", *words).stdout)
    assert (["device-a"], ["device-b"], []) == (done["carried_off"], done["kept"], done["enrolled"])
    assert lines == (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    assert ["device-a", "device-b"] == json.loads(run(tmp_path, "--json", "--renew", *words).stdout)["renewed"]


def test_renewal_changes_password_and_line(tmp_path: Path) -> None:
    """A card was stolen."""
    run(tmp_path)
    before, lines = password(tmp_path, "device-a"), (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    done = run(tmp_path, "--renew", text="id,name,groups\ndevice-a,Left,lobby\n")
    assert "renewed: 1 (device-a)" in done.output
    now = (tmp_path / "out" / "mosquitto" / "devices.passwd").read_text()
    assert before != password(tmp_path, "device-a")
    assert (False, True) == (lines.splitlines()[0] in now, lines.splitlines()[1] in now)


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        ((), "id\nA\nB\n", "line 3"),
        (("--url", "http://x"), LIST, "mqtts://"),
        (("--base", "Kiosk"), LIST, "lower-case"),
        (("--certificates",), LIST, "needs --ca-cert and --ca-key"),
    ],
)
def test_mistake_is_found_before_anything_is_written(
    tmp_path: Path, arguments: tuple[str, ...], text: str, said: str
) -> None:
    """Half a fleet of credentials for a wrong address is worse than none."""
    done = run(tmp_path, *arguments, text=text)
    assert (2, True, False) == (done.exit_code, said in done.output, (tmp_path / "out").exists())


def test_tables_for_all_kiosks_are_part_of_each_bundle_and_checked(tmp_path: Path) -> None:
    """A kiosk needs one file, not a puzzle; a slip in what all share is named, and nothing is enrolled."""
    (tmp_path / "rest.toml").write_text('[kaltura]\npartner_id = "many"\n')
    refused = run(tmp_path, "--template", str(tmp_path / "rest.toml"))
    assert (1, True) == (refused.exit_code, "kaltura.partner_id" in refused.output)
    (tmp_path / "rest.toml").write_text("[kaltura]\nenabled = false\n")
    assert 0 == run(tmp_path, "--template", str(tmp_path / "rest.toml")).exit_code
    assert "enabled = false" in (tmp_path / "out" / "devices" / "device-a" / "kiosk-agent.toml").read_text()
    (tmp_path / "rest.toml").write_text('[remote]\nurl = "mqtt://elsewhere"\n')
    assert 2 == run(tmp_path, "--template", str(tmp_path / "rest.toml")).exit_code


def test_two_operators_at_once_do_not_mix(tmp_path: Path) -> None:
    """Each would write the broker's lines without the other's devices."""
    run(tmp_path)
    held = os.open(tmp_path / "out", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    done = run(tmp_path)
    os.close(held)
    assert (1, True) == (done.exit_code, "another enrolment" in done.output)
