"""Chromium's managed policy that lets the configured pages reach the listener.

Contract: pure. `chromium_policy(origins)` is the object for a file in /etc/chromium/policies/managed/.
Rules: as narrow as can be said: loopback only, these origins only, their port included (a pattern without one means
any port). A page over http:// from another machine is no secure context, and such a page may not reach loopback
whatever it is allowed; so it is also named as one to be treated as secure. `before_146` adds the one policy that
Chromium 142 to 145 knows, which opens the whole local network to these pages.
Reasons: seen with Chromium 156 (tests/e2e/test_browser.py, agent/intake/web.md).
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = "LoopbackNetworkAllowedForUrls"
LOCAL_NETWORK = "LocalNetworkAccessAllowedForUrls"
TREATED_AS_SECURE = "OverrideSecurityRestrictionsOnInsecureOrigin"
_OWN_PORTS = {"http": 80, "https": 443}


def chromium_policy(origins: Iterable[str], *, before_146: bool = False) -> dict[str, list[str]]:
    """The policy for pages of `origins`, which are spelt as agent.config.web_origin wants them."""
    pages = sorted(set(origins))
    patterns = [_pattern(origin) for origin in pages]
    insecure = [origin for origin in pages if _is_insecure(origin)]
    policy = {LOOPBACK: patterns}
    if before_146:
        policy[LOCAL_NETWORK] = patterns
    if insecure:
        policy[TREATED_AS_SECURE] = insecure
    return policy


def _pattern(origin: str) -> str:
    """`origin` with its port, where it is the scheme's own."""
    url = urlsplit(origin)
    return origin if url.port is not None else f"{origin}:{_OWN_PORTS[url.scheme]}"


def _is_insecure(origin: str) -> bool:
    """Whether a browser takes a page of `origin` for one that others may have changed on its way."""
    url = urlsplit(origin)
    host = url.hostname or ""
    is_loopback = host == "localhost" or host.endswith(".localhost") or host == "::1" or _is_loopback_v4(host)
    return url.scheme == "http" and not is_loopback


def _is_loopback_v4(host: str) -> bool:
    return host.startswith("127.") and host.replace(".", "").isdigit()
