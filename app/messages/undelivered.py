"""A ticket that does not arrive: the unit knows nothing of its case, so those who dispatch are told."""

from sqlalchemy import select

from app.accounts.roles import SYSTEM
from app.cases.contacts import Contact, tell_centre
from app.cases.models import Case
from app.cases.terms import AT_THE_UNIT
from app.db import session
from app.messages.models import TICKET, OutgoingMessage, Ticket
from app.network.queries import unit as find_unit


def note_undelivered(message: OutgoingMessage) -> None:
    """Only as long as the case is the unit's to work on; of what goes to citizens nothing follows."""
    mine = (Ticket.case_id == message.case_id) & (Ticket.phone_hash == message.recipient_hash)
    ticket = session().scalars(select(Ticket).where(mine)).first() if message.purpose.startswith(TICKET) else None
    if ticket is None:
        return
    case, unit = session().get_one(Case, ticket.case_id), find_unit(ticket.unit_id)
    if case.state in AT_THE_UNIT and unit.id in (case.unit_id, *case.co_unit_ids):
        text = f"工单短信未能送达{unit.name}，请改派或另行联系"
        tell_centre(SYSTEM, unit, Contact.SMS, text, [case.id])
