"""Names of places that the city adds: roads, landmarks, stops, functional areas."""

from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.learning import places, queries
from app.learning.models import CityPlace
from app.learning.places import KINDS, PlaceFields
from app.network.queries import areas
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, refuse, seen_version, typed
from app.web.texts import translate

Form = dict[str, object]
FIELDS = ("name", "kind", "area_code", "aliases", "lng", "lat", "valid_from", "valid_until", "note")


@bp.get("/places")
def list_places() -> str:
    rows = queries.places(request.args.get("q", ""))
    return render_template("admin/places.html", section="places", page=cut(rows), areas=areas())


@bp.get("/places/new")
def new_place() -> str:
    return _form({**dict.fromkeys(FIELDS, ""), "kind": KINDS[0].value, "is_active": True}, None)


@bp.post("/places/new")
def add_place() -> Response | tuple[str, int]:
    form = _typed()

    def add() -> str:
        return translate("admin.places.added", name=places.add(principal(), _fields(form)).name)

    refusal = attempt(add)
    return redirect("/admin/places", 303) if refusal is None else (_form(form, None, refusal), refusal.status)


@bp.get("/places/<int:place_id>")
def show_place(place_id: int) -> str:
    row = queries.place(place_id)
    return _form(_stored(row), row)


@bp.post("/places/<int:place_id>")
def change_place(place_id: int) -> Response | tuple[str, int]:
    form, version = _typed(), seen_version()

    def change() -> str:
        return translate("admin.saved", name=places.change(principal(), place_id, version, _fields(form)).name)

    refusal = attempt(change)
    if refusal is None:
        return redirect("/admin/places", 303)
    return _form(form, queries.place(place_id), refusal), refusal.status


def _form(form: Form, row: CityPlace | None, refusal: Refusal | None = None) -> str:
    return render_template(
        "admin/place.html",
        section="places",
        form=form,
        place=row,
        kinds=[("", [(kind.value, translate(f"admin.places.kind.{kind.value}")) for kind in KINDS])],
        areas=choices.place_groups(str(form["area_code"])),
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=_clash(form, row) if refusal and refusal.is_conflict and row else [],
    )


def _typed() -> Form:
    return {**typed(*FIELDS), "is_active": "is_active" in request.form}


def _stored(row: CityPlace) -> Form:
    return {
        "name": row.name,
        "kind": row.kind,
        "area_code": row.area_code,
        "aliases": "、".join(row.aliases),
        "lng": "" if row.lng is None else str(row.lng),
        "lat": "" if row.lat is None else str(row.lat),
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_until": row.valid_until.isoformat() if row.valid_until else "",
        "note": row.note,
        "is_active": row.is_active,
    }


def _fields(form: Form) -> PlaceFields:
    faults: dict[str, str] = {}
    lng, lat = (_degree(form, name, faults) for name in ("lng", "lat"))
    begins, ends = (_day(form, name, faults) for name in ("valid_from", "valid_until"))
    refuse(faults)
    return PlaceFields(
        name=str(form["name"]),
        kind=str(form["kind"]),
        area_code=str(form["area_code"]),
        aliases=tuple(filter(None, str(form["aliases"]).replace("，", "、").replace(",", "、").split("、"))),
        lng=lng,
        lat=lat,
        valid_from=begins,
        valid_until=ends,
        note=str(form["note"])[:120],
        is_active=bool(form["is_active"]),
    )


def _degree(form: Form, name: str, faults: dict[str, str]) -> float | None:
    text = str(form[name])
    try:
        return float(text) if text else None
    except ValueError:
        faults[name] = translate("admin.places.bad_degree")
        return None


def _day(form: Form, name: str, faults: dict[str, str]) -> date | None:
    text = str(form[name])
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults[name] = translate("admin.places.bad_day")
        return None


def _clash(form: Form, row: CityPlace) -> list[tuple[str, str, str]]:
    now = _stored(row)
    return [
        (translate(f"admin.places.{name}"), str(now[name]), str(form[name]))
        for name in FIELDS
        if now[name] != form[name]
    ]
