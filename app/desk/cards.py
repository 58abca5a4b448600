"""How a seat is shown on consoles and on the wall."""

from pydantic import BaseModel

from app.accounts.models import Account
from app.cases.schemas import Moment
from app.db import session
from app.desk.models import Seat, SeatState, Status
from app.errors import NotFound


class SeatCard(BaseModel):
    account_id: int
    name: str
    work_no: str
    status: Status
    reason: str
    state: SeatState
    since: Moment
    call_id: int | None
    owes_call_id: int | None
    wrap_up_until: Moment | None
    extended: bool
    version: int


def card_of(seat: Seat, account: Account | None = None) -> SeatCard:
    account = account or session().get(Account, seat.account_id)
    if account is None:
        raise NotFound("没有这个坐席")
    return SeatCard(
        account_id=seat.account_id,
        name=account.name,
        work_no=account.work_no,
        status=Status(seat.status),
        reason=seat.reason,
        state=shown_state(seat),
        since=seat.since,
        call_id=seat.call_id,
        owes_call_id=seat.owes_call_id,
        wrap_up_until=seat.wrap_up_until,
        extended=seat.extended,
        version=seat.version,
    )


def shown_state(seat: Seat) -> SeatState:
    if seat.lost_at is not None and seat.status != Status.OFFLINE:
        return SeatState.LAGGED
    return SeatState(seat.state)
