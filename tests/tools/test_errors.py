"""The catalogue of API errors."""

from tools.standin import errors


def test_error_by_name_has_sentence_and_arguments() -> None:
    """A fault on request must look like the real thing."""
    error = errors.named("INVALID_KS", {"KSID": "LOGOUT"})
    assert error.message == 'Invalid KS "LOGOUT", Error "-1,INVALID_STR"'
    assert error.details == {"KSID": "LOGOUT", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}


def test_unknown_code_is_kept() -> None:
    """The agent must be shown codes that nobody has heard of."""
    assert errors.named("SOMETHING_NEW").code == "SOMETHING_NEW"
