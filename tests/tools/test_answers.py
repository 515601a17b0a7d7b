"""Answers in JSON and XML."""

from tools.standin import answers, errors


def test_error_without_arguments_has_an_empty_list() -> None:
    """PHP prints an empty array as a list; a client that expects an object must not trip."""
    content_type, body = answers.render(errors.named("ACTION_BLOCKED"), as_json=True)
    assert content_type == "application/json"
    assert body.endswith(b'"args":[]}')


def test_object_in_xml_names_its_fields_and_escapes() -> None:
    """Without format=1 a client gets XML, and must not take it for acceptance."""
    content_type, body = answers.render({"ks": "<&>", "list": [True, None]}, as_json=False)
    assert content_type == "text/xml; charset=UTF-8"
    assert b"<result><ks>&lt;&amp;&gt;</ks><list><item>1</item><item></item></list></result>" in body
