"""The `[track_event]` table: application events and player events for Kaltura's analytics server.

Contract and rules: as agent.config.model.
Reasons: the guide's section 6, kaltura.md section 3. That server dates an event when it arrives, so each kind has an
age beyond which it is better not told.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

import attrs

from agent.config.addresses import ServiceUrl
from agent.config.kinds import Flag, Number, Text
from agent.config.setting import Effect, setting, table

_WEEK_S = 7 * 86_400


@attrs.frozen(kw_only=True)
class MaxAge:
    """How old an event may be and still be told: the analytics server dates it when it arrives."""

    application_s: float = setting(
        Number(1, _WEEK_S),
        "Page loads, button clicks and other events of the kiosk's application.",
        default=3600.0,
        unit="s",
        effect=Effect.DELIVERY,
    )
    play_s: float = setting(
        Number(1, _WEEK_S),
        "Player events that count a play: impression, play, quartiles, replay, errors and clicks.",
        default=3600.0,
        unit="s",
        effect=Effect.DELIVERY,
    )
    detail_s: float = setting(
        Number(1, _WEEK_S),
        "Player events that describe one: views, pauses, seeks, buffering, captions, speed, flavor.",
        default=300.0,
        unit="s",
        effect=Effect.DELIVERY,
    )


@attrs.frozen(kw_only=True)
class TrackEvent:
    """Application events and player events for Kaltura's analytics server (analytics.trackEvent)."""

    enabled: bool = setting(
        Flag(),
        "Whether anything is sent to the analytics server.",
        default=False,
        remote=True,
    )
    url: str = setting(
        ServiceUrl(),
        "The address of the analytics server, which is another host than the API's; with or without /api_v3.",
        default="https://analytics.kaltura.com/api_v3",
        effect=Effect.DELIVERY,
    )
    player_events: bool = setting(
        Flag(),
        "Whether plays are told too, as Kaltura's own player tells them (IMPRESSION, PLAY, VIEW every ten seconds, "
        "PAUSE, SEEK, buffering, ERROR …). Without it only the application's events are.",
        default=False,
        remote=True,
    )
    application: str | None = setting(
        Text(longest=100),
        "What kalturaApplication says where the kiosk's application does not name one, and application in player "
        "events.",
        effect=Effect.DELIVERY,
        unset="not sent",
        example="lobby-screens",
    )
    max_age: MaxAge = table(MaxAge, "How old an event may be and still be told: that server dates by arrival.")
