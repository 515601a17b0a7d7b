"""The agent and its player as two services, and the intake's socket as systemd's, under a real systemd."""

import signal
from pathlib import Path

import pytest

from tests.support.kiosks import PLAYED
from tests.support.machine_kiosk import AGENT, INTAKE, PLAYER, Kiosk

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]

APPLICATION = "kiosk-application"


@pytest.fixture
def apart(kiosk: Kiosk) -> Kiosk:
    """Configured for two units."""
    kiosk.configure(player='host = "unit"', clip_s=20.0)
    kiosk.use_two_units()
    return kiosk


def test_a_player_of_its_own_plays_on_while_the_agent_is_upgraded(apart: Kiosk, tmp_path: Path) -> None:
    """An upgrade at noon, and without a network, is not seen on the screen, nor in the reports."""
    upgrade = apart.next_version(tmp_path)
    apart.pull()
    apart.start(AGENT, PLAYER)
    apart.wait_playing(1.0)
    before = apart.wait(lambda status: status["sinks"][0]["depth"] >= 3, "its first events wait")
    player, agent = apart.machine.main_pid(PLAYER), apart.machine.main_pid(AGENT)
    apart.upgrade(upgrade)
    after = apart.wait(lambda status: status["sinks"][0]["depth"] >= before["sinks"][0]["depth"], "the queue is there")
    assert agent != apart.machine.main_pid(AGENT)
    assert before["queue"]["generation"] == after["queue"]["generation"]
    apart.plug()
    apart.wait_stories(lambda found: PLAYED in [numbers for _, numbers in found], "a play arrives whole")
    assert PLAYED == apart.stories()[0][1], "the one that went on, and as one play"
    assert player == apart.machine.main_pid(PLAYER)
    arrived = [event["_request"]["eventId"] for event in apart.events()]
    assert len(set(arrived)) == len(arrived)


def test_the_two_run_as_two_users_and_the_agent_sees_no_device(apart: Kiosk) -> None:
    """What reads tokens has no screen, and what parses strangers' films has no tokens."""
    apart.start(AGENT, PLAYER)
    users = [apart.machine.run("stat", "-c", "%U", f"/proc/{apart.machine.main_pid(unit)}") for unit in (AGENT, PLAYER)]
    assert ["kiosk-agent", "kiosk-player"] == users
    assert "yes" == apart.machine.shows(AGENT, "PrivateDevices")
    as_player = ("setpriv", "--reuid=kiosk-player", "--regid=kiosk-player", "--init-groups")
    for place in ("/etc/kiosk-agent/kiosk-agent.toml", "/var/lib/kiosk-agent/store.db"):
        assert 0 != apart.machine.attempt(*as_player, "cat", place).returncode


def test_a_player_that_hangs_is_ended_by_its_own_watchdog(apart: Kiosk) -> None:
    """A call into VLC or its driver that never returns: the agent has no hold on a unit, its watchdog has."""
    apart.start(AGENT, PLAYER)
    apart.wait_playing(1.0)
    agent, player = apart.machine.main_pid(AGENT), apart.machine.main_pid(PLAYER)
    apart.machine.signal(signal.SIGSTOP, player)
    apart.machine.wait(lambda: apart.machine.main_pid(PLAYER) not in (0, player), "another player", PLAYER)
    apart.wait_playing(0.2)
    assert agent == apart.machine.main_pid(AGENT)


def test_an_upgrade_keeps_queue_and_configuration_and_loses_no_event(kiosk: Kiosk, tmp_path: Path) -> None:
    """Thousands of kiosks are upgraded while nobody looks, some of them without a network."""
    kiosk.start()
    kiosk.wait_stories(lambda found: len(found) > 0, "the first play begins to arrive")
    kiosk.pull()
    kiosk.wait(lambda status: status["sinks"][0]["depth"] >= 5, "something waits")
    config = kiosk.machine.run("cat", "/etc/kiosk-agent/kiosk-agent.toml")
    before, agent = kiosk.status(), kiosk.machine.main_pid(AGENT)
    kiosk.upgrade(kiosk.next_version(tmp_path))
    after = kiosk.wait(lambda status: status["sinks"][0]["depth"] >= 5, "the queue is there")
    assert agent != kiosk.machine.main_pid(AGENT)
    assert before["queue"]["generation"] == after["queue"]["generation"]
    assert config == kiosk.machine.run("cat", "/etc/kiosk-agent/kiosk-agent.toml")
    kiosk.plug()
    kiosk.machine.wait(lambda: len(kiosk.events()) >= before["queue"]["ever"] - 7, "what waited arrives")
    arrived = [event["_request"]["eventId"] for event in kiosk.events()]
    assert len(set(arrived)) == len(arrived)


def test_what_an_application_says_while_no_agent_runs_starts_one_and_is_kept(kiosk: Kiosk) -> None:
    """The socket is systemd's: a button that is pressed during an upgrade is not lost."""
    kiosk.machine.attempt("useradd", "--system", "--groups=kiosk-intake", APPLICATION)
    kiosk.configure(more='[intake]\ngroup = "kiosk-intake"')
    kiosk.start(INTAKE)
    assert 0 == kiosk.machine.main_pid(AGENT)
    said = ("kiosk-agent", "emit", "button", "button_type=cta", "button_name=register")
    kiosk.machine.run("runuser", "--user", APPLICATION, "--", *said)
    kiosk.wait(lambda status: status["queue"]["ever"] > 0, "it is kept")
    assert kiosk.machine.main_pid(AGENT) != 0


def test_a_stranger_may_not_speak_to_the_intake(kiosk: Kiosk) -> None:
    """Only members of its group report clicks as this kiosk."""
    kiosk.start(INTAKE)
    said = ("kiosk-agent", "emit", "button", "button_type=cta", "button_name=register")
    refused = kiosk.machine.attempt("runuser", "--user", "nobody", "--", *said)
    assert 0 != refused.returncode
    assert 0 == kiosk.machine.main_pid(AGENT)


def test_the_hardened_agent_sees_whether_the_screen_is_on(apart: Kiosk) -> None:
    """Its unit leaves it no device, and the kernel's files to read: files of a test's stand in their place here."""
    run = apart.machine.run
    screen = "/srv/class/drm/card0-HDMI-A-1"
    run("mkdir", "-p", screen)
    for name, word in (("status", "connected"), ("enabled", "enabled"), ("dpms", "On")):
        run("tee", f"{screen}/{name}", stdin=f"{word}\n")
    apart.drop_in(AGENT, "[Service]\nBindReadOnlyPaths=/srv/class:/sys/class\n", name="91-screen")
    apart.start(AGENT, PLAYER)
    apart.wait(lambda status: status["display"]["state"] == "on", "the screen is seen on")
    run("tee", f"{screen}/dpms", stdin="Off\n")
    seen = apart.wait(lambda status: status["display"]["state"] == "off", "the screen is seen off")
    assert "HDMI-A-1 is switched off" == seen["display"]["why"]
    assert "yes" == apart.machine.shows(AGENT, "ProtectKernelTunables")
