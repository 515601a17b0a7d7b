"""How a machine with nothing but the package becomes a kiosk, under a real systemd: by hand, and from a card."""

from collections.abc import Iterator

import pytest

from tests.support.machine_kiosk import AGENT, CONFIG, ENTRY, SECRETS, TOKEN, TOKEN_ID, URL, Kiosk

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]

FIRST = "kiosk-agent-firstboot.service"
BOOT = "/boot/firmware"
MODES = ["root:kiosk-agent 640", "root:root 700", "root:root 600"]
SESSION = f'[kaltura.session]\napp_token_id = "{TOKEN_ID}"'


@pytest.fixture
def card(kiosk: Kiosk) -> Iterator[Kiosk]:
    """No configuration but the one on the card; a partition of its own, as a boot partition is, though not FAT."""
    run = kiosk.machine.run
    kiosk.configure(more=SESSION)
    run("mkdir", "-p", BOOT)
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", BOOT)
    run("mv", CONFIG, f"{BOOT}/kiosk-agent.toml")
    run("tee", f"{BOOT}/kiosk-agent.token", stdin=f"{TOKEN}\n")
    yield kiosk
    run("systemctl", "stop", FIRST)
    run("umount", BOOT)


def written(kiosk: Kiosk) -> list[str]:
    """Owners and modes of what a setup has written."""
    told = kiosk.machine.run("stat", "-c", "%U:%G %a", CONFIG, SECRETS, f"{SECRETS}/app-token")
    return told.splitlines()


def test_one_command_leads_from_the_package_to_the_first_event(kiosk: Kiosk) -> None:
    """All that a person does: install, set up, and see that it works."""
    kiosk.machine.run("rm", CONFIG)
    login = ("--partner=102", f"--service-url={URL}", f"--app-token-id={TOKEN_ID}", "--app-token-file=-")
    command = ("kiosk-agent", "setup", *login, f"--play=/srv/media/clip.mp4 {ENTRY}", "--wait=300")
    said = kiosk.machine.run(*command, stdin=f"{TOKEN}\n")
    assert "The first event was delivered" in said
    assert "active" == kiosk.machine.shows(AGENT, "ActiveState")
    assert ENTRY == kiosk.stories()[0][0]
    assert MODES == written(kiosk)


def test_a_card_with_two_files_becomes_a_kiosk_that_delivers(card: Kiosk) -> None:
    """A box of cards is written, and nobody ever logs in: from the sandbox it writes only what it must, and no secret
    stays where every PC reads it.
    """
    run = card.machine.run
    run("systemctl", "start", FIRST, AGENT)  # in one go, as a boot does; the agent is ordered after it
    card.wait_stories(lambda found: len(found) > 0, "the first event is delivered")
    assert ENTRY == card.stories()[0][0]
    assert "fresh" == card.wait(lambda status: "state" in status["session"], "a session")["session"]["state"]
    card.machine.wait(
        lambda: card.machine.shows(FIRST, "ActiveState") == "inactive", "it has asked the services", FIRST
    )
    assert ("success", "0") == (card.machine.shows(FIRST, "Result"), card.machine.shows(AGENT, "NRestarts"))
    assert ["kiosk-agent-setup.log", "kiosk-agent.toml.done"] == sorted(run("ls", BOOT).split())
    assert MODES == written(card)
    assert TOKEN == run("cat", f"{SECRETS}/app-token")
    told = run("cat", f"{BOOT}/kiosk-agent-setup.log")
    assert [] == [word for word in ("setup: done", "moved kiosk-agent.token", "ok: session") if word not in told]
    assert TOKEN not in told + run("journalctl", "--no-pager", "--output=cat", "--boot")
    agent = card.machine.main_pid(AGENT)
    run("systemctl", "start", FIRST)
    assert "no" == card.machine.shows(FIRST, "ConditionResult"), "at the next boot there is nothing to do"
    assert agent == card.machine.main_pid(AGENT)
