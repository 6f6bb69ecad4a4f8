"""Requests of persons with tokens of their own, each answer held against the description."""

import base64
import re
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from feewatch.web.api import description


def paper(name: str, content: bytes = b"%PDF-1.7 x") -> dict[str, str]:
    """A file as the API takes it."""
    return {"name": name, "content": base64.b64encode(content).decode()}


def path_of(address: str) -> str:
    """The path of the description that an address is of."""
    plain = address.partition("?")[0]
    fitting = [
        path
        for path in description()["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), plain)
    ]
    return plain if plain in fitting else fitting[0]


def hold_against_description(method: str, address: str, answer: TestResponse) -> None:
    """Nothing, or a failure where an answer is not as it is described."""
    responses = description()["paths"][path_of(address)][method.lower()]["responses"]
    assert str(answer.status_code) in responses, (method, address, answer.status_code, answer.text)
    response: dict[str, Any] = responses[str(answer.status_code)]
    if "$ref" in response:
        response = description()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    media = response["content"].get("application/json")
    if media is None:
        assert answer.mimetype in response["content"]
        return
    schema = media["schema"] | {"components": description()["components"]}
    Draft202012Validator(schema).validate(answer.json)


Call = Callable[..., TestResponse]
