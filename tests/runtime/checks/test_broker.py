"""Is the broker there? Asked of a real mosquitto, and of the agent where one runs."""

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.config.remote import Protocol
from agent.remote.letters import Trouble
from agent.remote.line import Outgoing
from agent.runtime.checks import broker as check
from agent.runtime.checks.finding import Finding, Level
from tests.support.brokers import Authority, Broker
from tests.support.lines import DESIRED, PRESENCE, WILL, Caller, device_settings, operator_settings

STATUS: dict[str, Any] = {
    "disputed": False,
    "url": "mqtts://broker.example.com",
    "online": True,
    "trouble": None,
    "text": None,
    "protocol": "5",
    "counters": {},
    "config": {"broken": None, "levels": {"fleet": {"wanted": 5, "applied": 5, "problems": []}}},
}


def told(**changes: Any) -> list[Finding]:
    return list(check.told({**STATUS, **changes}))


def test_broker_that_lets_the_device_in_is_well_and_its_certificates_end_is_named(tmp_path: Path) -> None:
    """The test's certificates live for thirty days, which is a word of warning worth."""
    with Broker(tmp_path / "broker") as broker:
        finding = check.broker(device_settings(broker, tmp_path, plain=False))
        assert "lets device-001 in (MQTT 5); its certificate is good until 20" in finding.text
        assert Level.WARN is finding.level
        assert Level.OK is check.broker(device_settings(broker, tmp_path)).level


def test_what_waits_for_the_agent_waits_on(tmp_path: Path) -> None:
    """Whoever looks for a fault must not make one: no session, message or presence is lost by it."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        with Caller(settings, [DESIRED], will=WILL) as device:
            device.online()
        with Caller(operator_settings(broker, tmp_path), [PRESENCE]) as operator:
            operator.online().line.publish(Outgoing(DESIRED, b"news"))
            operator.line.publish(Outgoing(PRESENCE, b"there", retain=True))
            operator.arrived(PRESENCE, b"there")
            assert Level.OK is check.broker(settings).level
            with Caller(settings, [DESIRED]) as device:
                device.arrived(DESIRED, b"news")
            assert [b"there"] == operator.payloads(PRESENCE)


def test_broker_that_knows_only_the_old_protocol_is_well(tmp_path: Path) -> None:
    """As the agent finds out too."""
    with Broker(tmp_path / "broker") as broker:
        settings = replace(device_settings(broker, tmp_path), protocol=Protocol.V311)
        assert "MQTT 3.1.1" in check.broker(settings).text


@pytest.mark.parametrize("mistake", ["password", "no file", "authority", "not encrypted", "nobody"])
def test_each_mistake_is_named_with_its_remedy(tmp_path: Path, mistake: str) -> None:
    """One line that says which of name, line, certificate and login it is."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path, plain=False)
        assert settings.password_file is not None
        match mistake:
            case "password":
                settings.password_file.write_text("a-wrong-one")
                words = "remote.user"
            case "no file":
                settings, words = replace(settings, password_file=tmp_path / "none"), "remote.password_file"
            case "authority":
                settings = replace(settings, ca_file=Authority(tmp_path / "other").ca_file)
                words = "authority that is not trusted"
            case "not encrypted":
                settings, words = replace(settings, url=f"mqtts://localhost:{broker.plain_port}"), "TLS"
            case _:
                with socket.create_server(("127.0.0.1", 0)) as free:
                    port = free.getsockname()[1]
                settings, words = replace(settings, url=f"mqtt://127.0.0.1:{port}"), "nobody listens"
        finding = check.broker(settings)
        assert Level.FAIL is finding.level
        assert words.lower() in finding.text.lower()
        assert finding.remedy
        assert "a-wrong-one" not in f"{finding.text} {finding.remedy}"


def test_running_agent_is_believed() -> None:
    """A second connection would throw it off."""
    (finding,) = told()
    assert (Level.OK, True) == (finding.level, "connected (MQTT 5)" in finding.text)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_running_agent_without_a_connection_says_why(trouble: Trouble) -> None:
    """In its own words, with a remedy for each."""
    (finding,) = told(online=False, trouble=trouble.value, text="the reason")
    assert Level.FAIL is finding.level
    assert "the reason" in finding.text
    assert finding.remedy


def test_identity_that_two_devices_share_is_told_while_it_is_ours() -> None:
    """The two push each other out; at the moment of asking either may be in."""
    found = told(counters={"broker-taken-over": 4})
    assert [Level.OK, Level.WARN] == [finding.level for finding in found]
    assert "4 times" in found[1].text


def test_other_machine_that_the_broker_does_not_speak_of_is_told_too() -> None:
    """Mosquitto closes the older connection without a word."""
    found = told(disputed=True, online=False, trouble="lost", text="closed")
    assert [Level.FAIL, Level.WARN] == [finding.level for finding in found]
    assert "another machine" in found[1].text


def test_refused_documents_and_a_damaged_memory_are_told() -> None:
    """Doctor is asked why the kiosk does not do what everybody was told."""
    levels = {"fleet": {"wanted": 5, "applied": 4, "problems": ["player.volume is 900", "and another"]}}
    found = told(config={"broken": "fleet.json is damaged", "levels": levels})
    assert [check.SUBJECT, check.DOCUMENTS, check.DOCUMENTS] == [finding.subject for finding in found]
    assert "player.volume is 900 (and 1 more)" in found[2].text


def test_agent_that_knows_no_broker_was_started_before_the_file_named_one() -> None:
    """The usual reason for "nothing happens"."""
    (finding,) = check.told(None)
    assert Level.WARN is finding.level
