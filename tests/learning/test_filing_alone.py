"""Nothing is filed without a person until a class is proven by live data and allowed by an administrator."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.learning import tasks
from app.learning.models import SuggestionOutcome
from app.learning.proof import Proof, lower_bound
from nlp.types import Intent, Understanding, Urgency
from tests.learning.conftest import School
from tests.support.carrier import Hook
from tests.support.classifier import BAIZHANG, NOTHING, YINZHOU
from tests.support.people import file_case, somebody
from tests.support.sms import CITIZEN, Handset

TEXT = "百丈街道百丈路口的井盖没了"


def sure(school: School, **changes: Any) -> Understanding:
    """What the classifier is made to say of the text."""
    from nlp.types import Candidate, Place

    place = Place("street", BAIZHANG.code, BAIZHANG.name, "百丈街道", 0, 4, 0.9, YINZHOU, BAIZHANG, None)
    known = replace(
        NOTHING,
        candidates=(Candidate("C0103", 0.96),),
        in_scope=0.97,
        intent=Intent.COMPLAINT,
        places=(place,),
        model_version="sure-1",
    )
    return replace(known, **changes)


class Sure:
    """Stands in for the live classifier; says one thing."""

    def __init__(self, says: Understanding) -> None:
        self.says = says

    def understand(self, text: str) -> Understanding:
        return self.says

    def find_places(self, text: str) -> tuple[Any, ...]:
        return self.says.places

    def words(self, text: str) -> tuple[str, ...]:
        return tuple(text.split())

    def redact(self, text: str) -> str:
        return text


def prove(school: School, right: int, wrong: int = 0, code: str = "C0103") -> None:
    """So many confident suggestions that people decided on."""
    case = file_case(school.agent)
    with school.app.app_context(), transaction() as db:
        for number in range(right + wrong):
            truth = code if number < right else "E0102"
            copy = _copy_of(db.get_one(Case, case["id"]), f"X{case['id']}-{number}")
            db.add(copy)
            db.flush()
            db.add(
                SuggestionOutcome(
                    case_id=copy.id, source="call", text=TEXT, model_version="sure-1", candidates=[],
                    suggested_code=code, confidence=0.95, margin=0.9, in_scope=0.97, chosen_code=truth,
                    truth_code=truth, condition_no=1, is_overridden=truth != code, at=clock.now(),
                    agent_id=school.agent.account_id,
                )
            )  # fmt: skip


def _copy_of(case: Case, number: str) -> Case:
    columns = {column.key: getattr(case, column.key) for column in Case.__mapper__.columns if column.key != "id"}
    return Case(**{**columns, "number": number[:16], "link_token": number, "version": 1, "source_id": None})


def text_in(school: School, says: Understanding | None = None) -> Case:
    school.app.extensions["classifier"] = Sure(says or sure(school))
    Handset(Hook(school.app.test_client()), CITIZEN).text(TEXT)
    return newest_case(school)


def newest_case(school: School) -> Case:
    with school.app.app_context(), work():
        case = session().scalars(select(Case).where(Case.source == "sms").order_by(Case.id.desc()).limit(1)).one()
        session().expunge_all()
        return case


def allow(school: School, code: str = "C0103") -> Any:
    return school.send(f"/admin/autofiling/{code}", allow="1")


def test_by_default_every_message_waits_for_a_person(school: School) -> None:
    prove(school, 200)
    case = text_in(school)
    tasks.file_draft(case.id)
    tasks.sweep_learning()
    assert newest_case(school).state == "reported"


def test_a_class_that_is_not_proven_cannot_be_allowed(school: School) -> None:
    prove(school, 60)
    answer = allow(school)
    assert answer.status_code == 409
    assert "还不足以证明" in answer.text


def test_a_proven_and_allowed_class_is_filed_and_dispatched_alone(school: School) -> None:
    prove(school, 80)
    assert allow(school).status_code == 303
    case = text_in(school)
    tasks.file_draft(case.id)
    filed = newest_case(school)
    assert (filed.state, filed.class_code, filed.condition_no, filed.agent_id) == ("dispatched", "C0103", 1, None)
    assert filed.unit_id is not None
    tasks.file_draft(case.id)
    assert newest_case(school).version == filed.version, "delivered twice, filed once"


def test_what_the_machine_filed_proves_nothing(school: School) -> None:
    prove(school, 80)
    allow(school)
    tasks.file_draft(text_in(school).id)
    assert ">80<" in school.page("/admin/autofiling")
    with school.app.app_context(), work():
        row = session().scalars(select(SuggestionOutcome).order_by(SuggestionOutcome.id.desc()).limit(1)).one()
        assert row.filed_alone


def test_a_dead_broker_only_delays_filing(school: School) -> None:
    prove(school, 80)
    allow(school)
    text_in(school)
    tasks.sweep_learning()
    assert newest_case(school).state == "dispatched"


def test_filing_alone_stops_by_itself_when_the_proof_is_lost(school: School) -> None:
    prove(school, 80)
    allow(school)
    prove(school, 0, wrong=9)
    tasks.file_draft(text_in(school).id)
    assert newest_case(school).state == "reported"
    assert "数据不足，暂停" in school.page("/admin/autofiling")


def test_an_administrator_can_forbid_it_again(school: School) -> None:
    prove(school, 80)
    allow(school)
    assert school.send("/admin/autofiling/C0103", allow="0").status_code == 303
    tasks.file_draft(text_in(school).id)
    assert newest_case(school).state == "reported"


@pytest.mark.parametrize(
    "unclear",
    [
        {"in_scope": 0.6},
        {"places": ()},
        {"question": "请问在哪个小区？"},
        {"urgency": Urgency.CRITICAL},
        {"intent": Intent.CONSULT},
        {"candidates": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_clear_waits_for_a_person(school: School, unclear: dict[str, Any]) -> None:
    prove(school, 80)
    allow(school)
    tasks.file_draft(text_in(school, sure(school, **unclear)).id)
    tasks.sweep_learning()
    assert newest_case(school).state == "reported"


def test_nobody_but_an_administrator_may_allow(school: School) -> None:
    prove(school, 80)
    for role in (Role.SUPERVISOR, Role.AGENT, Role.DISPATCHER):
        answer = school.send("/admin/autofiling/C0103", somebody(school.app, role), allow="1")
        assert answer.status_code == 403


def test_seventy_three_right_ones_prove_and_one_mistake_needs_more() -> None:
    assert not Proof(72, 72).holds
    assert Proof(73, 73).holds
    assert not Proof(73, 72).holds
    assert Proof(0, 0).share is None


@pytest.mark.parametrize(("right", "cases", "lower"), [(0, 0, 0.0), (10, 10, 0.7225), (95, 100, 0.8882), (0, 10, 0.0)])
def test_the_lower_bound_is_wilsons(right: int, cases: int, lower: float) -> None:
    assert lower_bound(right, cases) == pytest.approx(lower, abs=1e-4)
