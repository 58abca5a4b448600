"""People of the demonstration city at work over HTTP."""

import io
import secrets
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from PIL import Image
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, work
from app.network.models import Unit


class Person:
    """A signed-in browser: cookies, CSRF token and the JSON API."""

    def __init__(self, app: Flask, account: Account) -> None:
        self.app, self.account_id, self.name, self.unit_id = app, account.id, account.name, account.unit_id
        self.area_code = account.area_code
        self.client = app.test_client()
        raw = secrets.token_hex(20)
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = f"{account.id}:{account.session_epoch}", True
            cookie["csrf_token"] = raw
        self.csrf = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(raw)

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, body: Any = None, *, version: int | None = None, **headers: str) -> Any:
        return self._send("post", path, body, version, headers)

    def put(self, path: str, body: Any = None) -> Any:
        return self._send("put", path, body, None, {})

    def patch(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        return self._send("patch", path, body, version, {})

    def upload(self, path: str, data: bytes, purpose: str, name: str = "photo.png") -> Any:
        form = {"file": (io.BytesIO(data), name), "purpose": purpose}
        return self.client.post(path, data=form, headers={"X-CSRF-Token": self.csrf})

    def _send(self, method: str, path: str, body: Any, version: int | None, headers: dict[str, str]) -> Any:
        sent = {"X-CSRF-Token": self.csrf, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        return getattr(self.client, method)(path, json={} if body is None else body, headers=sent)


def somebody(app: Flask, role: Role, *, unit_id: int | None = None, nth: int = 0, area: str | None = None) -> Person:
    """The nth person with the role, of the unit or area if one is named."""
    query = select(Account).where(cast(Account.roles, Text).contains(f'"{role}"'))
    if unit_id is not None:
        query = query.where(Account.unit_id == unit_id)
    if area is not None:
        query = query.where(Account.area_code == area)
    with app.app_context(), work():
        return Person(app, session().scalars(query.order_by(Account.id).offset(nth).limit(1)).one())


def bystander(app: Flask, *unit_ids: int | None, area: str = "") -> Person:
    """Somebody of a unit that is none of these and stands above no other."""
    lower = aliased(Unit)
    query = select(Account).join(Unit, Unit.id == Account.unit_id).where(Unit.id.not_in(filter(None, unit_ids)))
    query = query.where(
        Account.area_code.startswith(area), ~select(lower.id).where(lower.parent_id == Unit.id).exists()
    )
    with app.app_context(), work():
        return Person(app, session().scalars(query.order_by(Account.id).limit(1)).one())


def unit_above(app: Flask, unit_id: int) -> Person:
    """Somebody of the unit right above."""
    with app.app_context(), work():
        parent = session().get_one(Unit, unit_id).parent_id
    assert parent is not None
    return somebody(app, Role.HANDLER, unit_id=parent)


COVER = {
    "class_code": "C0103",
    "condition_no": 1,
    "description": "百丈路口雨水井盖不见了，骑车很危险",
    "address": "百丈路与中兴路口",
    "district": "330212",
    "street": "330212008",
    "reporter_name": "周女士",
    "reporter_phone": "13800001234",
}


def file_case(agent: Person, **changes: Any) -> dict[str, Any]:
    answer = agent.post("/api/v1/cases", {**COVER, **changes})
    assert answer.status_code == 201, answer.json
    filed: dict[str, Any] = answer.json
    return filed


def stored(app: Flask, case_id: int) -> Case:
    with app.app_context(), work():
        return session().get_one(Case, case_id)


def picture(colour: str = "red", form: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()
