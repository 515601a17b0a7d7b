"""The browser's policy: as much as the page needs, and no more. What it does is seen in tests/e2e/test_browser.py."""

import json
from pathlib import Path

import pytest

from agent.intake.policy import chromium_policy

TEMPLATE = Path(__file__).parents[2] / "systemd" / "chromium" / "kiosk-agent.json"


def test_page_over_https_gets_loopback_at_its_own_port_and_nothing_else() -> None:
    """A pattern without a port would open loopback to whatever else that host serves."""
    expected = {"LoopbackNetworkAllowedForUrls": ["https://kiosk.example.com:443", "https://lobby.example.com:8443"]}
    assert expected == chromium_policy(["https://lobby.example.com:8443", "https://kiosk.example.com"])


def test_page_over_http_is_also_to_be_treated_as_secure() -> None:
    """Chromium refuses it loopback otherwise, whatever the other policy allows (seen with 156)."""
    policy = chromium_policy(["http://kiosk.lan", "https://kiosk.example.com"])
    assert ["http://kiosk.lan"] == policy["OverrideSecurityRestrictionsOnInsecureOrigin"]
    assert ["http://kiosk.lan:80", "https://kiosk.example.com:443"] == policy["LoopbackNetworkAllowedForUrls"]


@pytest.mark.parametrize(
    "origin", ["http://localhost:8080", "http://kiosk.localhost", "http://127.0.0.1:3000", "http://[::1]:3000"]
)
def test_page_of_the_machine_itself_is_secure_already(origin: str) -> None:
    """Browsers take loopback for secure; a restriction that is not there need not be lifted."""
    assert ["LoopbackNetworkAllowedForUrls"] == list(chromium_policy([origin]))


def test_name_that_only_looks_like_loopback_is_not_taken_for_it() -> None:
    """127.example.com is a host of somebody's on the network."""
    assert ["http://127.example.com"] == chromium_policy(["http://127.example.com"])[
        "OverrideSecurityRestrictionsOnInsecureOrigin"
    ]


def test_older_chromium_gets_the_policy_that_it_knows() -> None:
    """142 to 145 know one policy for loopback and the local network; who asks for it gets both."""
    policy = chromium_policy(["https://kiosk.example.com"], before_146=True)
    assert policy["LoopbackNetworkAllowedForUrls"] == policy["LocalNetworkAccessAllowedForUrls"]


def test_shipped_template_is_the_policy_of_the_documented_example() -> None:
    """The file that is edited by hand and the one that the command prints must not differ in form."""
    assert chromium_policy(["https://kiosk.example.com"]) == json.loads(TEMPLATE.read_text(encoding="utf-8"))
