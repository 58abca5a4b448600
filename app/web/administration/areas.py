"""Categories of areas (A, B, C), by which the limits of a class may differ."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.network import queries, service
from app.network.areas import CATEGORIES, Level
from app.web.administration.blueprint import attempt, bp
from app.web.administration.imports import tell_in_flash
from app.web.texts import translate


@bp.get("/areas")
def list_areas() -> str:
    tree = queries.areas()
    districts = tree.at_level(Level.DISTRICT)
    asked = request.args.get("district", "")
    district = next((each for each in districts if each.code == asked), districts[0] if districts else None)
    return render_template(
        "admin/areas.html",
        section="areas",
        districts=districts,
        district=district,
        rows=[district, *tree.children(district.code)] if district else [],
        categories=CATEGORIES,
        inherited=lambda area: tree.category(area.parent_code),
    )


@bp.post("/areas")
def set_categories() -> Response:
    wanted = {name[9:]: value for name, value in request.form.items() if name.startswith("category_")}
    district = request.form.get("district", "")[:6]

    def change() -> str:
        return translate("admin.areas.saved", n=service.set_categories(principal(), wanted))

    tell_in_flash(attempt(change))
    return redirect(f"/admin/areas?district={district}", 303)
