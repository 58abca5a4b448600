"""What the life of a case means for its incident. Cases of no incident cost nothing: the event itself says so."""

from app.cases.models import Case
from app.db import session
from app.events.models import Event
from app.events.service import on
from app.incidents import service


@on("case.closed")
def end_incident(event: Event) -> None:
    if (case := _of_an_incident(event)) is not None:
        service.end_with_case(case, f"主案件 {case.number} 已结案")


@on("case.voided", "case.rejected", "case.forced_closed")
def find_another_main(event: Event) -> None:
    if (case := _of_an_incident(event)) is not None:
        service.choose_other_main(case)


def _of_an_incident(event: Event) -> Case | None:
    if event.payload["case"].get("incident_id") is None:
        return None
    return session().get_one(Case, event.subject_id)
