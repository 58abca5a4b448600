"""Whom an agent may bring into a talk: colleagues at their seats, supervisors, and numbers outside."""

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Principal, Role
from app.calls.schemas import Colleague, OutsideLine, TransferTargets
from app.db import session
from app.desk import seats
from app.desk.cards import shown_state
from app.desk.models import Seat, SeatState, Status
from app.errors import Conflict, Invalid
from app.webhooks import settings
from telephony.numbers import is_emergency, mask, normalise


def transfer_targets(agent: Principal) -> TransferTargets:
    """Who is at work, supervisors first; the outside numbers in the order of the settings."""
    query = (
        select(Seat, Account)
        .join(Account, Account.id == Seat.account_id)
        .where(Seat.status != Status.OFFLINE, Seat.account_id != agent.id)
        .order_by(Account.work_no)
    )
    colleagues = [_colleague(seat, account) for seat, account in session().execute(query)]
    colleagues.sort(key=lambda each: (not each.is_reachable, not each.is_supervisor))
    return TransferTargets(colleagues=colleagues, outside=outside_lines())


def _colleague(seat: Seat, account: Account) -> Colleague:
    return Colleague(
        account_id=account.id,
        name=account.name,
        work_no=account.work_no,
        status=Status(seat.status),
        state=shown_state(seat),
        is_supervisor=_is_supervisor(account),
        is_reachable=_may_ring(seat, account),
    )


def _is_supervisor(account: Account) -> bool:
    return Role.SUPERVISOR in account.roles


def _may_ring(seat: Seat, account: Account) -> bool:
    """Agents when they are ready; a supervisor is asked for help whenever at the seat and not on the phone."""
    if (seat.state, seat.lost_at) != (SeatState.IDLE, None):
        return False
    return seat.status == Status.READY or (_is_supervisor(account) and seat.status != Status.OFFLINE)


def check_reachable(agent: Principal, account_id: int) -> None:
    """Holds the seat until the transaction ends: nobody else can ring it meanwhile."""
    account = session().get(Account, account_id)
    if account is None or account_id == agent.id or not seats.has_seat(account_id):
        raise Conflict("对方不在线")
    if not _may_ring(seats.locked(account_id), account):
        raise Conflict(f"{account.name}现在不能接听")


def outside_lines() -> list[OutsideLine]:
    found = []
    for each in settings().outside_numbers.split():
        number, _, name = each.partition("=")
        known = normalise(number) or number
        found.append(OutsideLine(number=known, name=f"{number} {name}", is_emergency=is_emergency(known)))
    return found


def outside_line(raw: str) -> tuple[str, str]:
    """The number to dial and what it is called; a typed one is shown masked. Raises Invalid for no telephone number."""
    number = normalise(raw)
    if number is None or number == normalise(settings().hotline_number):
        raise Invalid("号码无效", fields={"number": "请输入正确的电话号码"})
    name = next((line.name for line in outside_lines() if line.number == number), mask(number))
    return number, name
