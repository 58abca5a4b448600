"""A unit that does not hear of its cases, or wants to be rung: those who command are told, each case in its history."""

from collections.abc import Sequence
from enum import StrEnum

from app.accounts.roles import Principal
from app.cases.rows import locked
from app.cases.service import note
from app.events.service import record
from app.network.models import Unit

AUDIENCE = ("supervisors", "dispatchers")
MOST_NAMED = 20


class Contact(StrEnum):
    PHONE = "phone"  # its telephone was rung, and nobody took it
    SMS = "sms"  # its ticket did not arrive
    BACK = "back"  # it asks to be rung back


_LINES = {
    Contact.PHONE: "case.phone_unanswered",
    Contact.SMS: "case.ticket_undelivered",
    Contact.BACK: "case.centre_asked",
}


def tell_centre(actor: Principal, unit: Unit, contact: Contact, text: str, case_ids: Sequence[int]) -> None:
    ids = sorted(case_ids)
    for case_id in ids:
        note(actor, locked(actor, case_id), _LINES[contact], text)
    payload = {"by": actor.name, "unit": {"id": unit.id, "name": unit.name}, "text": text, "total": len(ids)}
    record(
        "unit.asked_back" if contact is Contact.BACK else "unit.unreached",
        subject=("unit", unit.id),
        audience=AUDIENCE,
        payload={**payload, "contact": contact, "cases": ids[:MOST_NAMED]},
        actor_id=actor.id,
    )
