"""Requests that a machine thinks up from openapi.json: the API answers as it says, whatever comes.

All checks of schemathesis are on. A few seconds by default; ``-m long`` looks further.
"""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from sqlalchemy import delete

from feewatch.bootstrap import App
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.tables.operations import log_in_attempt
from feewatch.web.api import description

FEW, MANY = 20, 1_000
ALL = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]


#: What the tool cannot know: bytes that are no bank file, and a key that stands for other bytes.
CONFIG = SchemathesisConfig.from_dict(
    {
        "operations": [
            {
                "include-operation-id": "handInStatement",
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": ["2xx", "409", "422"]},
                    # an argument that nobody knows is passed over: bytes handed in twice are told
                    # again
                    "negative_data_rejection": {"expected-statuses": ["200", "4xx", "5xx"]},
                },
            }
        ]
    }
)
described = schemathesis.openapi.from_dict(description(), config=CONFIG)


@pytest.fixture
def headers(app: App) -> dict[str, str]:
    word = issue_token(app, "program", actor="admin", scopes=["read", "hand-in"])
    return {"Authorization": f"Bearer {word}"}


def answers_as_it_says(case: Case, site: Flask, headers: dict[str, str]) -> None:
    case.operation.app = case.operation.schema.app = site  # the tool's own requests go there too
    with site.extensions["feewatch"].database.transaction() as tx:  # who tries wrong passwords,
        tx.execute(delete(log_in_attempt))  # as this tool does, is slowed down
    case.call_and_validate(headers=headers)


@described.parametrize()
@settings(max_examples=FEW, deadline=None, derandomize=True, suppress_health_check=ALL)
def test_the_api_answers_as_it_says(case: Case, site: Flask, headers: dict[str, str]):
    answers_as_it_says(case, site, headers)


@pytest.mark.long
@described.parametrize()
@settings(max_examples=MANY, deadline=None, suppress_health_check=ALL)
def test_the_api_answers_as_it_says_at_length(case: Case, site: Flask, headers: dict[str, str]):
    answers_as_it_says(case, site, headers)
