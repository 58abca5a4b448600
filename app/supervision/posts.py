"""Who stands on a rung for a given case: recipients such as "unit:5" and "account:12"."""

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.db import session
from app.network.models import Unit
from app.supervision.ladder import Post
from app.supervision.models import UnitHead

_ROLES = {Post.LEADER: Role.LEADER, Post.DISPATCHER: Role.DISPATCHER, Post.INSPECTOR: Role.INSPECTOR}


class Posts:
    """Read once for a sweep, in three queries."""

    def __init__(self) -> None:
        columns = (Account.id, Account.roles, Account.area_code)
        self._people = session().execute(select(*columns).where(Account.is_active)).all()
        self._heads = {row.unit_id: row.account_id for row in session().scalars(select(UnitHead))}
        self._parents = {row.id: row.parent_id for row in session().execute(select(Unit.id, Unit.parent_id))}
        self._known: dict[tuple[Role, str], list[str]] = {}

    def recipients(self, post: Post, unit_id: int | None, place: str) -> list[str]:
        if post is Post.HANDLER:
            return [f"unit:{unit_id}"] if unit_id is not None else []
        if post is Post.HEAD:
            return self._head(unit_id)
        return self._nearest(_ROLES[post], place) if post in _ROLES else []

    def _head(self, unit_id: int | None) -> list[str]:
        """Nobody named: the unit above."""
        if unit_id is None:
            return []
        if head := self._heads.get(unit_id):
            return [f"account:{head}"]
        parent = self._parents.get(unit_id)
        return [f"unit:{parent}"] if parent is not None else []

    def _nearest(self, role: Role, place: str) -> list[str]:
        """Those whose area holds the place and is the smallest that has anybody in that role."""
        if (role, place) not in self._known:
            covering = [
                (len(each.area_code), each.id)
                for each in self._people
                if role in each.roles and place.startswith(each.area_code)
            ]
            finest = max((digits for digits, _ in covering), default=0)
            self._known[role, place] = [f"account:{who}" for digits, who in sorted(covering) if digits == finest]
        return self._known[role, place]
