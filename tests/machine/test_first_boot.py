"""The first boot of an imaged kiosk under a real systemd: its configuration and token lie on the boot partition."""

from collections.abc import Iterator

import pytest

from tests.support.machine_kiosk import AGENT, CONFIG, ENTRY, SECRETS, TOKEN, TOKEN_ID, Kiosk

pytestmark = [pytest.mark.all, pytest.mark.timeout(900)]

FIRST = "kiosk-agent-firstboot.service"
BOOT = "/boot/firmware"
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
    modes = run("stat", "-c", "%U:%G %a", CONFIG, SECRETS, f"{SECRETS}/app-token").splitlines()
    assert ["root:kiosk-agent 640", "root:root 700", "root:root 600"] == modes
    assert TOKEN == run("cat", f"{SECRETS}/app-token")
    told = run("cat", f"{BOOT}/kiosk-agent-setup.log")
    assert [] == [word for word in ("setup: done", "moved kiosk-agent.token", "ok: session") if word not in told]
    assert TOKEN not in told + run("journalctl", "--no-pager", "--output=cat", "--boot")
    agent = card.machine.main_pid(AGENT)
    run("systemctl", "start", FIRST)
    assert "no" == card.machine.shows(FIRST, "ConditionResult"), "at the next boot there is nothing to do"
    assert agent == card.machine.main_pid(AGENT)
