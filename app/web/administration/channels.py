"""How a unit's own system works with us: tokens for the API, the hook that is told of its cases."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts import queries as accounts
from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.roles import Role
from app.accounts.sessions import principal
from app.channels import duties, hooks, pins
from app.channels.tasks import allowed_networks, hand_over
from app.errors import Invalid
from app.network import queries, service
from app.network.unit_types import Channel
from app.web.administration.blueprint import Refusal, attempt, bp, number_from, refuse, seen_version, typed
from app.web.texts import translate
from telephony.numbers import mask

MOST_PEOPLE = 50


@bp.get("/units/<int:unit_id>/channels")
def show_channels(unit_id: int) -> str:
    return _page(unit_id)


@bp.post("/units/<int:unit_id>/channel")
def set_channel(unit_id: int) -> Response | str | tuple[str, int]:
    form, version = typed("channel", "pin"), seen_version()

    def change() -> str:
        if form["channel"] not in set(Channel):
            refuse({"channel": translate("admin.choose")})
        service.set_channel(principal(), unit_id, version, Channel(form["channel"]), form["pin"])
        if form["pin"]:
            pins.unlock(principal(), unit_id)
        return translate("admin.channels.channel_set")

    # A PIN goes back to no page, not even to the one on which it was typed.
    return _answer(unit_id, attempt(change), [], {"channel": form["channel"]})


@bp.post("/units/<int:unit_id>/unlock")
def unlock(unit_id: int) -> Response | str | tuple[str, int]:
    def change() -> str:
        pins.unlock(principal(), unit_id)
        return translate("admin.channels.duty.unlocked")

    return _answer(unit_id, attempt(change), [])


@bp.post("/units/<int:unit_id>/hook")
def set_hook(unit_id: int) -> Response | str | tuple[str, int]:
    form, secrets = typed("url", "version"), list[str]()

    def change() -> str:
        version = number_from(form["version"])
        is_active = "is_active" in request.form
        _hook, secret = hooks.set_hook(
            principal(), unit_id, form["url"], is_active=is_active, version=version, allowed=allowed_networks()
        )
        secrets.extend([secret] if secret else [])
        return translate("admin.channels.hook_set")

    return _answer(unit_id, attempt(change), secrets, form)


@bp.post("/units/<int:unit_id>/hook/secret")
def renew_secret(unit_id: int) -> Response | str | tuple[str, int]:
    secrets = list[str]()

    def change() -> str:
        secrets.append(hooks.renew_secret(principal(), unit_id))
        return translate("admin.channels.secret_renewed")

    return _answer(unit_id, attempt(change), secrets)


@bp.post("/units/<int:unit_id>/tokens")
def issue_token(unit_id: int) -> Response | str | tuple[str, int]:
    form, secrets = typed("name", "account_id"), list[str]()

    def issue() -> str:
        holder = _handler(unit_id, number_from(form["account_id"]))
        secrets.append(tokens.issue(principal(), holder.id, form["name"])[1])
        return translate("admin.channels.token_issued")

    return _answer(unit_id, attempt(issue), secrets, form)


@bp.post("/units/<int:unit_id>/tokens/<int:token_id>/revoke")
def revoke_token(unit_id: int, token_id: int) -> Response | str | tuple[str, int]:
    def revoke() -> str:
        tokens.revoke(principal(), token_id)
        return translate("admin.channels.token_revoked")

    return _answer(unit_id, attempt(revoke), [])


@bp.post("/units/<int:unit_id>/deliveries/<int:delivery_id>/replay")
def replay_delivery(unit_id: int, delivery_id: int) -> Response | str | tuple[str, int]:
    def again() -> str:
        hooks.replay(principal(), delivery_id)
        return translate("admin.channels.replayed")

    refusal = attempt(again)
    if refusal is None:
        hand_over(delivery_id)
    return _answer(unit_id, refusal, [])


def _answer(
    unit_id: int, refusal: Refusal | None, secrets: list[str], form: dict[str, str] | None = None
) -> Response | str | tuple[str, int]:
    """A new secret is shown on the answer itself: it is stored nowhere from which a next page could show it."""
    if refusal is not None:
        return _page(unit_id, refusal, form), refusal.status
    if secrets:
        return _page(unit_id, secret=secrets[0])
    return redirect(f"/admin/units/{unit_id}/channels", 303)


def _page(unit_id: int, refusal: Refusal | None = None, form: dict[str, str] | None = None, secret: str = "") -> str:
    unit = queries.unit(unit_id)
    people = accounts.people(role=Role.HANDLER, unit_id=unit_id, limit=MOST_PEOPLE)
    hook = hooks.hook_of(unit_id)
    return render_template(
        "admin/channels.html",
        section="units",
        unit=unit,
        people=people,
        tokens=[(person, token) for person in people for token in tokens.tokens_of(person.id)],
        hook=hook,
        deliveries=hooks.deliveries(unit_id),
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        form={
            "url": hook.url if hook else "",
            "name": "",
            "account_id": "",
            "channel": unit.channel,
            "pin": "",
            **(form or {}),
        },
        channels=list(Channel),
        duty_calls=duties.calls_of(unit_id),
        locked_until=pins.lock_of(unit_id),
        mask=mask,
        secret=secret,
        moment=lambda at: f"{clock.local(at):%m-%d %H:%M}",
    )


def _handler(unit_id: int, account_id: int | None) -> Account:
    people = accounts.people(role=Role.HANDLER, unit_id=unit_id, limit=MOST_PEOPLE)
    found = next((each for each in people if each.id == account_id), None)
    if found is None:
        raise Invalid("请选择本单位的处置人员", fields={"account_id": "请选择本单位的处置人员"})
    return found
