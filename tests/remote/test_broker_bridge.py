"""A site's broker in front of the cloud's: config/mosquitto/bridge.conf between two real brokers."""

import signal
from pathlib import Path

import pytest

from agent.remote.line import Outgoing
from tests.support.brokers import SAMPLES, Broker
from tests.support.lines import COMMAND, DESIRED, PRESENCE, STATE, WILL, Caller, device_settings, operator_settings

SITE_RIGHTS = """
user site-berlin
topic read kiosk/v1/fleet/desired
topic read kiosk/v1/group/+/desired
topic read kiosk/v1/device/+/desired
topic read kiosk/v1/device/+/command
topic write kiosk/v1/device/+/presence
topic write kiosk/v1/device/+/state
topic write kiosk/v1/device/+/result
topic write kiosk/v1/site/berlin/online
"""
ONLINE = "kiosk/v1/site/berlin/online"


def cloud_broker(folder: Path) -> Broker:
    """With a user for the site, as bridge.md says."""
    broker = Broker(folder)
    with (folder / "operators.acl").open("a", encoding="utf-8") as file:
        file.write(SITE_RIGHTS)
    broker.add_users({"site-berlin": "change-me"}, role="operators")
    return broker


def site_broker(folder: Path, cloud: Broker) -> Broker:
    """With the bridge."""
    bridge = (SAMPLES / "bridge.conf").read_text(encoding="utf-8")
    bridge = bridge.replace("broker.example.com:8883", f"localhost:{cloud.operator_port}")
    return Broker(folder, extra=bridge.replace("/etc/mosquitto/kiosk/cloud-ca.pem", str(cloud.ca_file)))


@pytest.mark.all
def test_documents_go_down_and_reports_go_up(tmp_path: Path) -> None:
    """A document for a device behind a bridge, its command, its state, its presence and its last will."""
    with (
        cloud_broker(tmp_path / "cloud") as cloud,
        Caller(operator_settings(cloud, tmp_path), [PRESENCE, STATE, ONLINE]) as operator,
    ):
        operator.online().line.publish(Outgoing(DESIRED, b"before the site came", retain=True))
        with site_broker(tmp_path / "site", cloud) as site:
            operator.arrived(ONLINE, b"1")
            with Caller(device_settings(site, tmp_path), [DESIRED, COMMAND], will=WILL) as device:
                device.online().arrived(DESIRED, b"before the site came")
                device.line.publish(Outgoing(PRESENCE, b"birth", retain=True))
                device.line.publish(Outgoing(STATE, b"state", retain=True))
                operator.arrived(PRESENCE, b"birth")
                operator.arrived(STATE, b"state")
                operator.line.publish(Outgoing(COMMAND, b"next"))
                device.arrived(COMMAND, b"next")
                device.line.reconfigure(device_settings(site, tmp_path, name="device-002"))
                operator.arrived(PRESENCE, b"lost")
            with Caller(operator_settings(cloud, tmp_path), [PRESENCE]) as late:
                late.online().arrived(PRESENCE, b"lost")


@pytest.mark.all
def test_what_happens_while_the_line_is_down_goes_over_afterwards(tmp_path: Path) -> None:
    """A site's line is down for an hour: the newest document and the newest state are there when it is back."""
    with cloud_broker(tmp_path / "cloud") as cloud, site_broker(tmp_path / "site", cloud) as site:
        with Caller(operator_settings(cloud, tmp_path), [ONLINE]) as operator:
            operator.online().arrived(ONLINE, b"1")
        with Caller(device_settings(site, tmp_path), [DESIRED]) as device:
            device.online()
            cloud.kill()
            device.line.publish(Outgoing(STATE, b"while it was down", retain=True))
            cloud.start()
            with Caller(operator_settings(cloud, tmp_path), [STATE]) as operator:
                operator.online().line.publish(Outgoing(DESIRED, b"afterwards", retain=True))
                operator.arrived(STATE, b"while it was down")
                device.arrived(DESIRED, b"afterwards")


@pytest.mark.all
def test_what_is_taken_away_while_the_site_is_down_is_taken_away(tmp_path: Path) -> None:
    """A removed document that lives on at a site is a fleet with two truths; a command of the night must come too."""
    with cloud_broker(tmp_path / "cloud") as cloud, Caller(operator_settings(cloud, tmp_path), [ONLINE]) as operator:
        operator.online()
        with site_broker(tmp_path / "site", cloud) as site:
            operator.arrived(ONLINE, b"1")
            with Caller(device_settings(site, tmp_path), [DESIRED, COMMAND]) as device:
                device.online()
                operator.line.publish(Outgoing(DESIRED, b"document", retain=True))
                device.arrived(DESIRED, b"document")
                site.stop()
                operator.line.publish(Outgoing(DESIRED, b"", retain=True))
                operator.line.publish(Outgoing(COMMAND, b"of the night"))
                operator.arrived(ONLINE, b"0")
                site.start()
                device.arrived(DESIRED, b"")
                device.arrived(COMMAND, b"of the night")


@pytest.mark.all
def test_a_site_that_is_cut_off_is_said_and_its_devices_look_online(tmp_path: Path) -> None:
    """Last wills do not cross a line that is down: the bridge's own notification is what an operator must look at."""
    with (
        cloud_broker(tmp_path / "cloud") as cloud,
        Caller(operator_settings(cloud, tmp_path), [PRESENCE, ONLINE]) as operator,
    ):
        operator.online()
        with site_broker(tmp_path / "site", cloud) as site:
            operator.arrived(ONLINE, b"1")
            with Caller(device_settings(site, tmp_path), will=WILL) as device:
                device.online().line.publish(Outgoing(PRESENCE, b"birth", retain=True))
                operator.arrived(PRESENCE, b"birth")
                site.signal(signal.SIGKILL)
                operator.arrived(ONLINE, b"0")
                assert [b"birth"] == operator.payloads(PRESENCE)
