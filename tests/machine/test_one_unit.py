"""The agent as a service that starts its own player, under a real systemd: what happens to a kiosk in its years."""

import json
import signal

import pytest

from tests.support.kiosks import PLAYED
from tests.support.machine_kiosk import AGENT, ENTRY, TOKEN, TOKEN_ID, Kiosk

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]

CUT_SHORT = "closing a play that was cut short"


def numbers(kiosk: Kiosk) -> list[int]:
    """Of the events that arrived: their numbers on the device."""
    return [int(event["_request"]["eventId"].split("-")[-2]) for event in kiosk.events()]


def journal(kiosk: Kiosk, *asked: str) -> list[dict[str, str]]:
    """What the service's running process logged, as journald keeps it. `asked`: FIELD=value, of each entry."""
    pid = kiosk.machine.main_pid(AGENT)
    said = kiosk.machine.run("journalctl", "--no-pager", "--output=json", f"--unit={AGENT}", f"_PID={pid}", *asked)
    return [json.loads(line) for line in said.splitlines()]


def started_again(kiosk: Kiosk, before: int) -> bool:
    """Whether another process than `before` is ready."""
    return kiosk.machine.main_pid(AGENT) not in (0, before) and kiosk.machine.shows(AGENT, "ActiveState") == "active"


def test_the_installed_service_plays_delivers_and_says_so(kiosk: Kiosk) -> None:
    """What a customer sees first: READY means it runs, systemctl and journald say what it does, as its user."""
    kiosk.start()
    kiosk.wait_stories(lambda found: PLAYED in [numbers for _, numbers in found], "a whole play arrives")
    assert (ENTRY, PLAYED) == kiosk.stories()[0]
    user = kiosk.machine.run("stat", "-c", "%U", f"/proc/{kiosk.machine.main_pid(AGENT)}")
    assert "kiosk-agent" == user
    kiosk.machine.wait(lambda: "play" in kiosk.machine.shows(AGENT, "StatusText"), "STATUS says that it plays")
    lines = journal(kiosk)
    assert any("agent starts" in line["MESSAGE"] for line in lines)
    assert {AGENT} == {line["_SYSTEMD_UNIT"] for line in lines}


def test_secrets_that_only_root_reads_reach_the_service(kiosk: Kiosk) -> None:
    """An app token on the disk is nobody's but root's; systemd hands the service a copy."""
    session = f'[kaltura.session]\nmode = "app-token"\napp_token_id = "{TOKEN_ID}"\napp_token_file = "app-token"'
    kiosk.configure(more=session)
    kiosk.secret("app-token", f"{TOKEN}\n")
    kiosk.start()
    kiosk.wait(lambda status: status["session"]["state"] == "fresh", "a session was started with the token")
    pid = str(kiosk.machine.main_pid(AGENT))
    outside = kiosk.machine.attempt("setpriv", "--reuid=kiosk-agent", "cat", "/etc/kiosk-agent/secrets/app-token")
    assert 0 != outside.returncode
    assert TOKEN not in kiosk.machine.run("sh", "-c", f"tr '\\0' '\\n' </proc/{pid}/environ; cat /proc/{pid}/cmdline")


def test_an_agent_that_is_killed_comes_back_and_closes_its_play(kiosk: Kiosk) -> None:
    """A crash costs the play that it cut short, nothing that was queued, and no person's visit."""
    # A quarter of it is longer than a busy machine takes to see that it plays, and to kill its agent.
    kiosk.configure(clip_s=240.0)
    kiosk.start()
    kiosk.wait_playing(1.0)
    before = kiosk.machine.main_pid(AGENT)
    kiosk.machine.signal(signal.SIGKILL, before)
    kiosk.machine.wait(lambda: started_again(kiosk, before), "systemd starts it again")
    kiosk.wait_stories(lambda found: len(found) > 1, "the next play arrives")
    assert any(CUT_SHORT in line["MESSAGE"] for line in journal(kiosk))
    assert sorted(numbers(kiosk)) == numbers(kiosk)
    assert [1, 2, 3] == kiosk.stories()[0][1]


def test_an_agent_that_hangs_is_ended_by_the_watchdog_and_comes_back(kiosk: Kiosk) -> None:
    """A process that is there and does nothing is the fault that nobody sees for weeks."""
    kiosk.start()
    kiosk.wait_playing()
    before = kiosk.machine.main_pid(AGENT)
    kiosk.machine.signal(signal.SIGSTOP, before)
    kiosk.machine.wait(lambda: started_again(kiosk, before), "the watchdog ends it and systemd starts it again")
    said = kiosk.machine.run("journalctl", "--no-pager", "--output=cat", f"--unit={AGENT}", "--lines=200")
    assert "Watchdog timeout" in said
    kiosk.wait_playing()


def test_a_kiosk_that_loses_its_network_plays_on_and_delivers_in_order_later(kiosk: Kiosk) -> None:
    """The network is what a kiosk has least: without it nothing stops, and nothing is lost."""
    kiosk.start()
    kiosk.wait_stories(lambda found: len(found) > 0, "the first play begins to arrive")
    before = kiosk.machine.main_pid(AGENT)
    kiosk.pull()
    sessions = kiosk.status()["player"]["sessions"]
    kiosk.wait(lambda status: status["player"]["sessions"] >= sessions + 2, "it plays on")
    waiting = kiosk.wait(lambda status: status["sinks"][0]["depth"] >= 7, "the queue keeps what happens")
    asked = ("KIOSK_EVENT=delivery waiting", "KIOSK_SINK=stats.collect", "PRIORITY=4")
    kiosk.machine.wait(lambda: journal(kiosk, *asked) != [], "the journal has it, by the fields of health.md")
    kiosk.plug()
    kiosk.machine.wait(lambda: len(kiosk.events()) >= waiting["queue"]["ever"] - 7, "what waited arrives")
    assert before == kiosk.machine.main_pid(AGENT), "no network is no reason to start again"
    assert sorted(set(numbers(kiosk))) == numbers(kiosk)


def test_a_service_that_starts_without_a_network_is_ready_and_plays(kiosk: Kiosk) -> None:
    """A shop whose line is down in the morning opens nevertheless."""
    kiosk.pull()
    kiosk.start()
    kiosk.wait_playing()
    kiosk.plug()
    kiosk.wait_stories(lambda found: PLAYED in [numbers for _, numbers in found], "a whole play arrives")


def test_the_sandbox_leaves_the_agent_its_folders_and_nothing_else(kiosk: Kiosk) -> None:
    """Whoever takes the agent over owns its queue, and neither the system nor its configuration."""
    kiosk.start()
    inside = ("nsenter", f"--target={kiosk.machine.main_pid(AGENT)}", "--mount", "--wd=/")
    user = ("setpriv", "--reuid=kiosk-agent", "--regid=kiosk-agent", "--init-groups")
    for folder in ("/var/lib/kiosk-agent", "/run/kiosk-agent", "/dev/shm", "/tmp"):
        kiosk.machine.run(*inside, *user, "test", "-w", folder)
    # As the connectors' files are, which this machine has not: the kernel's own, read by everybody, written by root.
    kiosk.machine.run(*inside, *user, "cat", "/sys/class/net/lo/operstate")
    for folder in ("/usr", "/etc", "/etc/kiosk-agent", "/srv", "/var/lib"):
        assert 0 != kiosk.machine.attempt(*inside, "sh", "-c", f"touch {folder}/x").returncode, folder


def test_what_root_asks_while_nothing_runs_leaves_the_queue_to_the_agent(kiosk: Kiosk) -> None:
    """`sudo kiosk-agent status` on a stopped kiosk must not leave root's files where the agent cannot write."""
    kiosk.start()
    kiosk.wait_stories(lambda found: len(found) > 0, "something arrives")
    kiosk.machine.run("systemctl", "stop", AGENT)
    assert "running" in kiosk.status()
    kiosk.start()
    kiosk.wait_playing()


def test_a_stop_closes_the_play_and_ends_the_player_in_good_time(kiosk: Kiosk) -> None:
    """systemctl stop, and each upgrade: no play is left open, and no player behind."""
    kiosk.start()
    kiosk.wait_playing()
    kiosk.machine.run("systemctl", "stop", AGENT)
    assert "success" == kiosk.machine.shows(AGENT, "Result")
    assert 0 != kiosk.machine.attempt("pgrep", "--full", "agent.player.host").returncode
