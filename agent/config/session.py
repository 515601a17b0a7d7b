"""The `[kaltura.session]` table: with which Kaltura session (KS) requests are sent.

Contract and rules: as agent.config.model.
Reasons: kaltura.md section 2 (one app token per device, type USER, short sessions; never the admin secret on a device).
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.addresses import SecretFile
from agent.config.kinds import Choice, Text, Whole
from agent.config.setting import Effect, setting

_DAY_S = 86_400


class SessionMode(Enum):
    """How requests are authenticated."""

    NONE = "none"
    KS_FILE = "ks-file"
    APP_TOKEN = "app-token"
    SECRET = "secret"


class TokenHash(Enum):
    """The hash that an app token was made for; the token itself says which."""

    MD5 = "MD5"
    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"


@attrs.frozen(kw_only=True)
class Session:
    """With which Kaltura session (KS) requests are sent."""

    mode: SessionMode = setting(
        Choice(SessionMode),
        "none sends no session, which stats.collect accepts; ks-file sends the session that stands in ks_file; "
        "app-token starts sessions with an app token and renews them, which is the way for a device; secret starts "
        "them with the account's secret, which belongs on servers only.",
        default=SessionMode.NONE,
        effect=Effect.DELIVERY,
    )
    ks_file: str | None = setting(
        SecretFile(),
        "The file that holds the session: a path (a relative one starts at this file's folder), or a bare name, which "
        "is first looked up among the service's systemd credentials. The session itself never stands here.",
        effect=Effect.DELIVERY,
        secret=True,
        required='with mode = "ks-file"',
        unset="none",
        example="/etc/kiosk-agent/ks",
    )
    app_token_id: str | None = setting(
        Text("the id of an app token", longest=100),
        "The app token's id (KMC, or appToken.add).",
        effect=Effect.DELIVERY,
        required='with mode = "app-token"',
        unset="none",
        example="1_abcd1234",
    )
    app_token_file: str | None = setting(
        SecretFile(),
        "The file that holds the app token's value; named as ks_file.",
        effect=Effect.DELIVERY,
        secret=True,
        required='with mode = "app-token"',
        unset="none",
        example="/etc/kiosk-agent/app-token",
    )
    app_token_hash: TokenHash = setting(
        Choice(TokenHash),
        "The hash type that the app token was made with.",
        default=TokenHash.SHA256,
        effect=Effect.DELIVERY,
    )
    secret_file: str | None = setting(
        SecretFile(),
        "The file that holds the account's user secret; named as ks_file. Never on a device that others can touch.",
        effect=Effect.DELIVERY,
        secret=True,
        required='with mode = "secret"',
        unset="none",
        example="/etc/kiosk-agent/secret",
    )
    user_id: str | None = setting(
        Text(longest=100),
        "The user to whom a started session belongs. An app token may fix its own.",
        effect=Effect.DELIVERY,
        unset="as kaltura.user_id; without that none",
        example="kiosk-001@example.com",
    )
    app_id: str | None = setting(
        Text(longest=100),
        "The application under which reports file what is sent with a started session (privilege appId). With an app "
        "token the service ignores it: make the token itself with sessionPrivileges = appId:….",
        effect=Effect.DELIVERY,
        unset="none",
        example="lobby-screens",
    )
    privileges: str | None = setting(
        Text(longest=1000),
        "Further privileges of a started session, separated by commas. An app token may refuse to widen its own.",
        effect=Effect.DELIVERY,
        unset="none",
        example="sview:*",
    )
    lifetime_s: int = setting(
        Whole(60, 30 * _DAY_S),
        "How long a started session is asked to live; it is renewed well before its end. An app token may allow less.",
        default=_DAY_S,
        unit="s",
        effect=Effect.DELIVERY,
    )
