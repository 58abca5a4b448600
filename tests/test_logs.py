"""What an error says about a row must not say whose it was."""

import traceback

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.cases.models import Case
from app.db import session, transaction
from app.logs import _hide_people


def test_no_value_of_a_refused_row_reaches_a_log(any_app: Flask) -> None:
    facts = {"source": "web", "description": "周丽华家门前\n漏水", "link_token": "ein-geheimer-link"}
    with any_app.app_context(), pytest.raises(IntegrityError) as refused, transaction():
        session().execute(insert(Case).values(number="T1", **facts))
    written = str(_hide_people(None, "error", {"exception": "".join(traceback.format_exception(refused.value))}))
    assert "INSERT INTO" in written
    for secret in ("周丽华", "漏水", "ein-geheimer-link"):
        assert secret not in written


@pytest.mark.parametrize("number", ["13800001234", "+8613800001234", "0574-87654321", "33020319900101123X"])
def test_no_number_reaches_a_log(number: str) -> None:
    assert _hide_people(None, "info", {"event": f"来自 {number}。"}) == {"event": "来自 ***。"}
