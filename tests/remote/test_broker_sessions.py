"""What a broker keeps for a device, and what it does not: the traps of edge.md section 5 about sessions and rights."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.remote import Protocol
from agent.remote.letters import Arrived, Online
from agent.remote.line import Outgoing
from tests.support.brokers import Broker
from tests.support.lines import (
    BASE,
    BOTH,
    COMMAND,
    DESIRED,
    PRESENCE,
    STATE,
    Caller,
    device_settings,
    operator_settings,
    wait_for,
)


@pytest.mark.parametrize("protocol", BOTH)
def test_what_was_published_while_it_was_down_arrives(tmp_path: Path, protocol: Protocol) -> None:
    """Trap: config published while the device was down. A command of last night must be there in the morning."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        with Caller(settings, [COMMAND], protocol=protocol) as device:
            device.online()
        with Caller(operator_settings(broker, tmp_path)) as operator:
            operator.online().line.publish(Outgoing(COMMAND, b"of last night"))
            wait_for(lambda: operator.line.status.dropped["offline"] == 0)
        with Caller(settings, [COMMAND], protocol=protocol) as device:
            device.online().arrived(COMMAND, b"of last night")
            assert [True] == [each.resumed for each in device.all(Online)]


def test_without_a_session_that_is_kept_it_does_not_arrive(tmp_path: Path) -> None:
    """Trap: the default loses it. That the setting is what does it shows when it is off."""
    with Broker(tmp_path / "broker") as broker:
        settings = replace(device_settings(broker, tmp_path), session_expiry_s=0)
        with Caller(settings, [COMMAND]) as device:
            device.online()
        with Caller(operator_settings(broker, tmp_path), [COMMAND]) as operator:
            operator.online().line.publish(Outgoing(COMMAND, b"of last night"))
            operator.arrived(COMMAND, b"of last night")
        with Caller(settings, [COMMAND]) as device, Caller(operator_settings(broker, tmp_path)) as operator:
            device.online()
            operator.online().line.publish(Outgoing(COMMAND, b"of today"))
            device.arrived(COMMAND, b"of today")
            assert [b"of today"] == device.payloads(COMMAND)


def test_what_waits_outlives_a_restart_of_the_broker(tmp_path: Path) -> None:
    """A broker is updated at night too. Its rights per listener must not forget the devices that are away."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        with Caller(settings, [COMMAND]) as device:
            device.online()
        broker.restart()
        with Caller(operator_settings(broker, tmp_path), [COMMAND]) as operator:
            operator.online().line.publish(Outgoing(COMMAND, b"of last night"))
            operator.arrived(COMMAND, b"of last night")
        broker.restart()
        with Caller(settings, [COMMAND]) as device:
            device.online().arrived(COMMAND, b"of last night")


def test_a_subscription_left_by_an_earlier_program_is_given_up(tmp_path: Path) -> None:
    """The broker keeps subscriptions. A group that the device left must not reach it for ever, nor block it."""
    lobby, berlin = "kiosk/v1/group/lobby/desired", "kiosk/v1/group/berlin/desired"
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), [STATE]) as operator:
        settings = device_settings(broker, tmp_path)
        with Caller(settings, [lobby, DESIRED]) as device:
            device.online()
        with Caller(settings, [DESIRED]) as device:
            device.online()
            operator.online().line.publish(Outgoing(lobby, b"one"))
            wait_for(lambda: device.line.status.dropped["unasked"] == 1)
            device.line.publish(Outgoing(STATE, b"behind the farewell"))  # so the broker knows by then
            operator.arrived(STATE, b"behind the farewell")
            operator.line.publish(Outgoing(lobby, b"two"))
            operator.line.publish(Outgoing(DESIRED, b"mine"))
            device.arrived(DESIRED, b"mine")
            assert 1 == device.line.status.dropped["unasked"]
            device.line.subscribe([DESIRED, berlin])
            operator.line.publish(Outgoing(berlin, b"three", retain=True))
            device.arrived(berlin, b"three")


def test_what_was_not_acknowledged_goes_again_on_the_next_connection(tmp_path: Path) -> None:
    """An answer to a command must not be lost because a broker was restarted while it was on its way."""
    result = f"{BASE}/result"
    with Broker(tmp_path / "broker") as broker, Caller(device_settings(broker, tmp_path)) as device:
        device.online()
        broker.signal(signal.SIGSTOP)
        device.line.publish(Outgoing(result, b"done"))
        wait_for(lambda: len(device.line._waiting) == 0)
        broker.kill()
        broker.start()
        with Caller(operator_settings(broker, tmp_path), [result]) as operator:
            operator.online().arrived(result, b"done")


def test_what_the_acl_forbids_is_told_in_5_and_silent_in_311(tmp_path: Path) -> None:
    """Trap: 3.1.1 drops a forbidden publication without a word; only what comes back, as the presence does, shows."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        with Caller(settings) as device:
            device.online().line.publish(Outgoing("kiosk/v1/fleet/desired", b"{}"))
            assert "ACL" in device.declined("kiosk/v1/fleet/desired").text
        with Caller(settings, [PRESENCE], protocol=Protocol.V311) as device:
            device.online().line.publish(Outgoing("kiosk/v1/fleet/desired", b"{}"))
            device.line.publish(Outgoing(PRESENCE, b"birth", retain=True))
            device.arrived(PRESENCE, b"birth")
            assert [Online, Arrived] == [type(each) for each in device.letters]


def test_a_document_stays_where_a_broker_loses_what_it_retained(tmp_path: Path) -> None:
    """Trap: a retained message acknowledged less than a second before a broker's SIGKILL is lost.

    The device then hears nothing on the topic; that nothing is there is never an order, and no letter says so.
    """
    with Broker(tmp_path / "broker") as broker, Caller(device_settings(broker, tmp_path), [DESIRED]) as device:
        device.online()
        with Caller(operator_settings(broker, tmp_path)) as operator:
            operator.online().line.publish(Outgoing(DESIRED, b"document", retain=True))
            device.arrived(DESIRED, b"document")
        broker.kill()
        broker.start()
        device.online(2)
        with Caller(operator_settings(broker, tmp_path), [DESIRED]) as operator:
            operator.online()
            assert [] == operator.payloads(DESIRED)
        assert [b"document"] == device.payloads(DESIRED)
