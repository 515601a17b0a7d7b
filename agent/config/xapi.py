"""The `[xapi]` table: the same plays as statements in a Learning Record Store.

Contract and rules: as agent.config.model.
Reasons: xapi-guide; kaltura.md section 6. By default no statement names a device or a person.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.addresses import SecretFile, WebUrl
from agent.config.broker import PublicFile
from agent.config.kinds import Choice, Flag, Number, Text, Whole
from agent.config.setting import Effect, setting, table


class Profile(Enum):
    """Whose words statements use."""

    KALTURA = "kaltura"
    VIDEO = "video"


class Actor(Enum):
    """How statements name who watches."""

    PSEUDONYM = "pseudonym"
    ACCOUNT = "account"
    NOBODY = "nobody"


class Login(Enum):
    """How the LRS knows us."""

    NONE = "none"
    BASIC = "basic"
    OAUTH2 = "oauth2"


@attrs.frozen(kw_only=True)
class Authentication:
    """How the Learning Record Store knows this kiosk."""

    mode: Login = setting(
        Choice(Login),
        "basic sends a user and a password; oauth2 asks token_url for tokens with client credentials and renews them; "
        "none sends neither.",
        default=Login.NONE,
        effect=Effect.DELIVERY,
    )
    user: str | None = setting(
        Text(longest=200),
        "The user, or with oauth2 the client's id.",
        effect=Effect.DELIVERY,
        required='with mode = "basic" or "oauth2"',
        unset="none",
        example="kiosks",
    )
    password_file: str | None = setting(
        SecretFile(),
        "The file that holds the password, or with oauth2 the client's secret; named as kaltura.session.ks_file.",
        effect=Effect.DELIVERY,
        secret=True,
        required='with mode = "basic" or "oauth2"',
        unset="none",
        example="lrs-password",
    )
    token_url: str | None = setting(
        WebUrl(),
        "Where tokens are given out.",
        effect=Effect.DELIVERY,
        required='with mode = "oauth2"',
        unset="none",
        example="https://login.example.com/oauth/token",
    )
    scope: str | None = setting(
        Text(longest=500),
        "What tokens are asked for.",
        effect=Effect.DELIVERY,
        unset="none asked for",
        example="statements/write",
    )


@attrs.frozen(kw_only=True)
class Xapi:
    """xAPI statements for a Learning Record Store (LRS)."""

    enabled: bool = setting(Flag(), "Whether anything is sent to the LRS.", default=False, remote=True)
    endpoint: str | None = setting(
        WebUrl(),
        "The LRS's address, to which /statements is added.",
        effect=Effect.DELIVERY,
        required="with enabled = true",
        unset="none",
        example="https://lrs.example.com/xAPI",
    )
    profile: Profile = setting(
        Choice(Profile),
        "Whose words are used: kaltura is the shape of Kaltura's xAPI guide, video the xAPI Video Profile 1.0.3.",
        default=Profile.KALTURA,
        effect=Effect.DELIVERY,
    )
    progress_percent: int = setting(
        Whole(1, 50),
        "How often playProgress is told, in percent of the medium; at the start and at the end always.",
        default=25,
        unit="%",
        effect=Effect.DELIVERY,
    )
    actor: Actor = setting(
        Choice(Actor),
        "Who statements are about: pseudonym is a keyed hash of the user, where your application names one, else of "
        "the device; account says their ids as they are; nobody is one account for all.",
        default=Actor.PSEUDONYM,
        effect=Effect.DELIVERY,
    )
    actor_key_file: str | None = setting(
        SecretFile(),
        "The file that holds the key of the pseudonyms, 16 characters at least; named as kaltura.session.ks_file. With "
        "the same one a person has one pseudonym on all kiosks, and a kiosk keeps its own when it is installed anew.",
        effect=Effect.DELIVERY,
        secret=True,
        unset="made from the machine id",
        example="actor-key",
    )
    portal_url: str = setting(
        WebUrl(),
        "The portal that entries and accounts are of: the home page of actors, and the beginning of activities' ids.",
        default="https://www.kaltura.com",
        effect=Effect.DELIVERY,
    )
    portal_name: str = setting(
        Text(longest=100), "The portal's name, for people.", default="Kaltura", effect=Effect.DELIVERY
    )
    entry_url: str | None = setting(
        WebUrl(placeholder="{id}"),
        "The id of an entry's activity, with {id} for the entry's. It must be the one that other players tell, or the "
        "LRS takes them for two.",
        effect=Effect.DELIVERY,
        unset="portal_url and /media/t/{id}",
        example="https://example.mediaspace.kaltura.com/media/t/{id}",
    )
    category_url: str | None = setting(
        WebUrl(placeholder="{id}"),
        "The id of a category's activity, with {id} for the category's.",
        effect=Effect.DELIVERY,
        unset="portal_url and /default/channels/view/channelid/{id}",
        example="https://example.mediaspace.kaltura.com/channel/channelid/{id}",
    )
    templates_file: str | None = setting(
        PublicFile(),
        "A JSON file that changes the statements; see config/xapi.md.",
        effect=Effect.DELIVERY,
        unset="the profile's own statements",
        example="/etc/kiosk-agent/statements.json",
    )
    batch_size: int = setting(
        Whole(1, 200), "How many statements one request carries at most.", default=50, remote=True
    )
    coalesce_s: float = setting(
        Number(0, 60),
        "How long a statement waits for company, to travel in one request.",
        default=0.0,
        unit="s",
        remote=True,
    )
    authentication: Authentication = table(Authentication, "How the Learning Record Store knows this kiosk.")
