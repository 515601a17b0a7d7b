"""The errors of the API: code, sentence and arguments, each answered with HTTP status 200.

Contract: `ApiError(code, details)` is raised by an action and rendered by `answers`; `named(code)` makes one for a
fault on request, with plausible arguments where the test gives none.

Rules: sentences and argument names are those of the recorded answers, the server's own spelling mistakes included.
Those marked "not recorded" are named by public material only; nobody should compare their sentences.
"""

from collections.abc import Mapping

# code: (sentence, arguments with the values that a fault on request uses)
_CATALOGUE: dict[str, tuple[str, dict[str, str]]] = {
    "INVALID_ENUM_VALUE": (
        'Invalid enumeration value "{ENUM_VAL}" for parameter "{PARAM_NAME}", expecting enumeration type "{ENUM_TYPE}"',
        {"ENUM_VAL": "99", "PARAM_NAME": "eventType", "ENUM_TYPE": "KalturaStatsEventType"},
    ),
    "INVALID_PARAMETER_CHAR": ('Invalid char in "{XML_FIELD}" field', {"XML_FIELD": "userId"}),
    "PROPERTY_VALIDATION_WRONG_FORMAT": (
        'The property "{PROP_NAME}" must match format {FORMAT}',
        {"PROP_NAME": "event", "FORMAT": "array"},
    ),
    "MISSING_MANDATORY_PARAMETER": ('Missing parameter "{PARAM_NAME}"', {"PARAM_NAME": "event"}),
    "INVALID_OBJECT_TYPE": ('Invalid object type: "{OBJECT_TYPE}"', {"OBJECT_TYPE": "KalturaNope"}),  # not recorded
    "SERVICE_FORBIDDEN": ("The access to service [{SERVICE}] is forbidden", {"SERVICE": "stats->collect"}),
    "SERVICE_FORBIDDEN_CONTENT_BLOCKED": (
        "The access to this service is forbidden since the specified partner is blocked",
        {},
    ),
    "ACTION_FORBIDDEN": ("The access to this action is forbidden", {}),  # not recorded
    "SERVICE_DOES_NOT_EXISTS": ('Service "{SRV_NAME}" does not exists', {"SRV_NAME": "stats"}),
    "ACTION_DOES_NOT_EXISTS": (
        'Action "{ACTION_NAME}" does not exists for service "{SERVICE_NAME}"',
        {"ACTION_NAME": "collect", "SERVICE_NAME": "stats"},
    ),
    "SERVICE_NOT_SPECIFIED": ("Service name was not specified, please specify one", {}),
    "INVALID_KS": (
        'Invalid KS "{KSID}", Error "{ERR_CODE},{ERR_DESC}"',
        {"KSID": "EXPIRED", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"},
    ),
    "MISSING_KS": ("Missing KS, session not established", {}),  # not recorded
    "START_SESSION_ERROR": ("Error while starting session for partner [{PID}]", {"PID": "102"}),
    "INVALID_WIDGET_ID": ("Unknown widget [{WIDGET_ID}]", {"WIDGET_ID": "_102"}),
    "APP_TOKEN_ID_NOT_FOUND": ('Application token id "{ID}" not found', {"ID": "0_00000000"}),
    "APP_TOKEN_NOT_ACTIVE": ('Application token id "{ID}" is not active', {"ID": "0_00000000"}),  # not recorded
    "APP_TOKEN_EXPIRED": ('Application token id "{ID}" expired', {"ID": "0_00000000"}),
    "INVALID_APP_TOKEN_HASH": ("Invalid application token hash", {}),
    "INTERNAL_SERVERL_ERROR": ("Internal server error occurred", {}),
    "INTERNAL_SERVER_ERROR": ("Internal server error occurred", {}),  # not recorded
    "INTERNAL_DATABASE_ERROR": ("Internal database error occurred", {}),  # not recorded
    "LOCK_TIMED_OUT": ("Lock timed out", {}),  # not recorded
    "ACTION_BLOCKED": ("Action is blocked", {}),  # not recorded
}


class ApiError(Exception):
    """An action's refusal, in the server's own words."""

    def __init__(self, code: str, details: Mapping[str, str] | None = None) -> None:
        """Make the error `code`; a code that the catalogue lacks keeps its details and gets a neutral sentence."""
        sentence, _ = _CATALOGUE.get(code, ("The server refused the request", {}))
        self.code = code
        self.details = dict(details or {})
        self.message = sentence.format_map(self.details)
        super().__init__(self.message)


def named(code: str, details: Mapping[str, str] | None = None) -> ApiError:
    """The error `code` with the arguments that it usually has, `details` laid over them."""
    _, usual = _CATALOGUE.get(code, ("", {}))
    return ApiError(code, {**usual, **(details or {})})


def invalid_ks(reason: str) -> ApiError:
    """The answer to a session that cannot be used: a reason in capitals, or the malformed session itself."""
    return named("INVALID_KS", {"KSID": reason})


def missing(parameter: str) -> ApiError:
    """The answer to an action without one of its mandatory parameters."""
    return ApiError("MISSING_MANDATORY_PARAMETER", {"PARAM_NAME": parameter})


def no_enum(value: str, parameter: str, enumeration: str) -> ApiError:
    """The answer to a number that an enumeration does not have."""
    return ApiError("INVALID_ENUM_VALUE", {"ENUM_VAL": value, "PARAM_NAME": parameter, "ENUM_TYPE": enumeration})
