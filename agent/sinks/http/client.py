"""The wire to a service: one request, one answer.

Contract: `Wire.post`, `Wire.get` and `Wire.head` return what came back, or why nothing did; they raise nothing that a
network, a server or a setting can cause. Used by one thread at a time. The only module that imports urllib3.
Rules: no retries and no redirects, the pump owns both. Besides connect and read timeouts an exchange has a total
deadline (`deadline.py`). Of an answer at most one byte more than the judge's limit is read. A connection that was idle
for longer than `KEEP_ALIVE_IDLE` is not used again: a firewall may have forgotten it without telling.
Reasons: edge.md section 4, kaltura.md section 1.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ProxySchemeUnknown,
    ProxySchemeUnsupported,
    ReadTimeoutError,
    SSLError,
    SystemTimeWarning,
)

from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer, redact
from agent.sinks.http.certificates import tls_failure
from agent.sinks.http.deadline import BoundedResponse, Deadline

KEEP_ALIVE_IDLE: Final = 30.0
"""Seconds; below the shortest idle limits of home routers and load balancers (about 60 s)."""

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
"""Exactly so: with a charset behind it Kaltura ignores the body (kaltura.md section 1)."""

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

# Two lines beside the log at each try: the failure that may follow names the clock itself (certificates.py).
urllib3.disable_warnings(SystemTimeWarning)

_PROXY_REFUSES: Final = ("403", "407")
"""What a proxy that answers CONNECT so will answer until somebody changes its settings or ours."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` counts for each address of the host, `read` for each recv, `total` for the whole answer."""

    connect: float
    read: float
    total: float


class Wire:
    """Connections to one service, directly or through a proxy."""

    def __init__(
        self,
        *,
        user_agent: str,
        monotonic: Callable[[], float],
        timeouts: Timeouts,
        proxy: str | None = None,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], Instant | None] = lambda: None,
    ) -> None:
        """`proxy`: an http:// or https:// URL; "": none; None: the environment's. NO_PROXY holds for all.

        `tls` None: the system's CA store, loaded when the first https address is called (it costs memory).
        `now`: the present moment, for telling a clock that is wrong from a certificate that is.
        """
        self._monotonic = monotonic
        self._timeouts = timeouts
        self._proxy = proxy
        self._tls = tls
        self._now = now
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "".join(letter for letter in user_agent if letter.isascii() and letter.isprintable()),
        }
        self._deadline = Deadline(monotonic)
        self._manager: urllib3.PoolManager | None = None
        self._used = 0.0

    def post(
        self, url: str, body: bytes, *, content_type: str = FORM, headers: Mapping[str, str] = NO_HEADERS
    ) -> Answer | Later | Held:
        """POST a body. `Later` where a network or a server may recover, `Held` where a setting is wrong.

        `headers`: further ones.
        """
        return self._call("POST", url, body, {"Content-Type": content_type, **headers})

    def get(self, url: str, *, headers: Mapping[str, str] = NO_HEADERS) -> Answer | Later | Held:
        """GET a page; otherwise as `post`."""
        return self._call("GET", url, None, headers)

    def head(self, url: str) -> Answer | Later | Held:
        """Ask for the head of a page alone; otherwise as `post`."""
        return self._call("HEAD", url, None, {})

    def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer | Later | Held:
        host = "?"
        if self._manager is not None and self._monotonic() - self._used > KEEP_ALIVE_IDLE:
            self._manager.clear()
        self._deadline.give(self._timeouts.total)
        try:
            host = urllib3.util.parse_url(url).host or host
            return self._exchange(method, url, body, headers)
        except (LocationValueError, ProxySchemeUnknown, ProxySchemeUnsupported, UnicodeError) as error:
            return Held(Cause.CONFIGURATION, redact(f"address or proxy not usable: {error}"), answered=False)
        except ProxyError as error:
            return _proxy_failure(error)
        except SSLError as error:
            return tls_failure(host, error, self._now())
        except NewConnectionError as error:
            return Later(Cause.NETWORK, redact(f"{host}: {_reason(error)}"), answered=False)
        except ConnectTimeoutError:
            text = f"{host}: no connection within {self._timeouts.connect:g} s"
            return Later(Cause.TIMEOUT, text, answered=False)
        except (ReadTimeoutError, TimeoutError):
            return Later(Cause.TIMEOUT, f"{host}: no whole answer in time", answered=False, lost=True)
        except (HTTPError, OSError) as error:
            return Later(Cause.NETWORK, redact(f"{host}: {_reason(error)}"), answered=False, lost=True)
        finally:
            self._used = self._monotonic()

    def close(self) -> None:
        """Drop the connections that are not in use."""
        if self._manager is not None:
            self._manager.clear()

    def _exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        began = self._monotonic()
        response = self._connections(url).urlopen(
            method,
            url,
            body=body,
            headers={**self._headers, **headers},
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=self._timeouts.connect, read=self._timeouts.read),
            preload_content=False,
        )
        try:
            content = self._take(response)
        except BaseException:
            response.close()
            raise
        if len(content) > BODY_LIMIT_BYTES:
            response.close()
        else:
            response.release_conn()
        found = response.headers
        return Answer(
            status=response.status,
            content_type=found.get("Content-Type", ""),
            body=content,
            date=found.get("Date"),
            retry_after=found.get("Retry-After"),
            location=found.get("Location"),
            seconds=self._monotonic() - began,
        )

    def _take(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """The body, up to one byte more than the limit. To its end: only there urllib3 says that it was cut short."""
        content = bytearray()
        while len(content) <= BODY_LIMIT_BYTES:
            piece = response.read(BODY_LIMIT_BYTES + 1 - len(content), decode_content=False)
            if not piece:
                break
            content += piece
        return bytes(content)

    def _connections(self, url: str) -> urllib3.PoolManager:
        if self._manager is None:
            self._manager = self._made(url)
        return self._manager

    def _made(self, url: str) -> urllib3.PoolManager:
        proxy = proxy_for(url, self._proxy)
        tls = self._tls
        if tls is None and (url.startswith("https:") or (proxy or "").startswith("https:")):
            tls = ssl.create_default_context()
        if proxy is None:
            manager = urllib3.PoolManager(num_pools=1, maxsize=1, ssl_context=tls)
        else:
            login = urllib3.util.parse_url(proxy).auth
            headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
            manager = urllib3.ProxyManager(
                proxy, num_pools=1, maxsize=1, proxy_headers=headers, proxy_ssl_context=tls, ssl_context=tls
            )
        manager.pool_classes_by_scheme = _pool_classes(self._deadline)
        return manager


def proxy_for(url: str, setting: str | None) -> str | None:
    """The proxy for `url`: the setting, else the environment's; None where there is none or NO_PROXY names the host.

    A setting of "" is none, whatever the environment says.
    """
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    found = setting if setting is not None else getproxies().get(parts.scheme) or getproxies().get("all")
    if not found:
        return None
    return found if "://" in found else f"http://{found}"


def _pool_classes(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose answers are read under `deadline`; urllib3's own hooks all the way down."""

    class Response(BoundedResponse):
        pass

    Response.deadline = deadline

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _reason(error: BaseException) -> str:
    """What the system or http.client said, without urllib3's wrapping."""
    inner = error.__cause__ or next((arg for arg in error.args if isinstance(arg, BaseException)), error)
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner) or type(inner).__name__


def _proxy_failure(error: ProxyError) -> Later | Held:
    reason = _reason(error.original_error)
    text = redact(f"proxy: {reason}")
    if any(f"failed: {status}" in reason for status in _PROXY_REFUSES):
        return Held(Cause.CONFIGURATION, text, answered=False)
    return Later(Cause.NETWORK, text, answered=False)
