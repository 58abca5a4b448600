"""Cases over HTTP."""

import re
from io import BytesIO

from apiflask import APIBlueprint
from flask import Response, current_app, request, send_file
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.cases import photos, queries, reporters, service, similarity, voice
from app.cases.cards import attachment_line, card_of
from app.cases.deadlines import deadline_of
from app.cases.details import detail_of
from app.cases.schemas import (
    ActionFacts,
    CaseDetail,
    CaseEdit,
    CaseFields,
    CasePage,
    CaseQuery,
    HiddenPhoto,
    NearbyQuery,
    NewCase,
    PreviewUnit,
    RoutingAnswer,
    RoutingQuestion,
    SimilarCase,
)
from app.cases.visibility import may_file_at
from app.cases.workflow import Action
from app.catalogue.queries import calendar
from app.config import Settings
from app.db import transaction
from app.errors import Forbidden, Invalid, NotFound, PreconditionRequired, Unavailable
from app.events import access
from app.events.access import Looked
from app.events.service import recall
from app.idempotency.service import once
from app.network.queries import unit as find_unit
from app.webhooks import carrier
from telephony.numbers import mask
from telephony.ports import TelephonyError

# A body, its status, and the ETag that the next If-Match must name.
Tagged = tuple[CaseDetail, int, dict[str, str]]

bp = APIBlueprint("cases", __name__, url_prefix="/api/v1", tag="案件")


@bp.post("/cases")
@bp.input(NewCase, arg_name="new")
@bp.output(CaseDetail, status_code=201)
@needs(Permission.CREATE_CASES)
def create_case(new: NewCase) -> ResponseReturnValue:
    """File a case, from a call or completing an SMS draft (then If-Match is required)."""
    actor = principal()

    def write() -> dict[str, object]:
        if new.draft_id is not None:
            case = service.complete_draft(actor, new.draft_id, new, expected_version())
        else:
            case = service.open_case(actor, _called_from(new))
        return detail_of(case, actor).model_dump(mode="json")

    with transaction():
        answer, _ = once(actor.id or 0, request.headers.get("Idempotency-Key"), request.get_data(), write)
    return answer, 201, {"ETag": f'"{answer["version"]}"', "Location": f"/api/v1/cases/{answer['id']}"}


@bp.get("/cases")
@bp.input(CaseQuery, location="query", arg_name="asked")
@bp.output(CasePage)
def list_cases(asked: CaseQuery) -> CasePage:
    rows, cursor = queries.page(principal(), asked)
    return CasePage(items=[card_of(case) for case in rows], next_cursor=cursor)


@bp.get("/cases/<int:case_id>")
@bp.output(CaseDetail)
def show_case(case_id: int) -> Tagged:
    viewer = principal()
    case = queries.find_case(viewer, case_id)
    return detail_of(case, viewer), 200, {"ETag": f'"{case.version}"'}


@bp.patch("/cases/<int:case_id>")
@bp.input(CaseEdit, arg_name="change")
@bp.output(CaseDetail)
@needs(Permission.CREATE_CASES)
def edit_case(case_id: int, change: CaseEdit) -> Tagged:
    actor = principal()
    with transaction():
        case = service.edit(actor, case_id, change, expected_version())
        answer = detail_of(case, actor)
    return answer, 200, {"ETag": f'"{answer.version}"'}


@bp.post("/cases/<int:case_id>/actions/<action>")
@bp.input(ActionFacts, arg_name="facts")
@bp.output(CaseDetail)
def act_on_case(case_id: int, action: str, facts: ActionFacts) -> Tagged:
    """One step of the workflow. If-Match names the version the person saw."""
    actor = principal()
    if action not in OFFERED:
        raise NotFound("没有这个操作")
    with transaction():
        case = service.locked(actor, case_id, expected_version())
        recall(("case", case.id))
        service.take(actor, case, Action(action), facts)
        answer = detail_of(case, actor)
    return answer, 200, {"ETag": f'"{answer.version}"'}


@bp.post("/cases/<int:case_id>/attachments")
def add_attachment(case_id: int) -> ResponseReturnValue:
    """multipart/form-data: `file` (JPEG, PNG or WebP) and `purpose` (report, result, check)."""
    actor = principal()
    upload = request.files.get("file")
    if upload is None:
        raise Invalid("请选择照片", fields={"file": "请选择照片"})
    purpose = request.form.get("purpose", "")
    with transaction():
        case, attachment = photos.attach(actor, case_id, upload.read(), purpose, _settings().upload_dir)
        answer = {"attachment": attachment_line(attachment).model_dump(mode="json"), "version": case.version}
    return answer, 201


@bp.post("/attachments/<int:attachment_id>/take-back")
def take_photo_back(attachment_id: int) -> ResponseReturnValue:
    """By whoever sent it, until the report it belongs to is sent."""
    actor = principal()
    with transaction():
        case = photos.take_back(actor, attachment_id)
        answer = {"version": case.version}
    return answer, 200


@bp.post("/attachments/<int:attachment_id>/hide")
@bp.input(HiddenPhoto, arg_name="hidden")
def hide_photo(attachment_id: int, hidden: HiddenPhoto) -> ResponseReturnValue:
    """By a supervisor, with a reason that stays in the history."""
    actor = principal()
    with transaction():
        case = photos.hide(actor, attachment_id, hidden.reason)
        answer = {"version": case.version}
    return answer, 200


@bp.get("/attachments/<int:attachment_id>")
def show_attachment(attachment_id: int) -> Response:
    attachment = queries.find_attachment(principal(), attachment_id)
    path = photos.path_of(attachment, _settings().upload_dir.resolve())
    answer = send_file(path, mimetype=attachment.content_type)
    # Kept by the browser alone, and asked for anew each time: whoever sits there next may not see the case.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.get("/voice-notes/<int:note_id>")
def hear_voice_note(note_id: int) -> Response:
    """WAV, fetched from the carrier under our own key."""
    note = voice.find_note(principal(), note_id)
    access.note(principal().id, ("case", note.case_id), Looked.RECORDING)
    try:
        content = carrier().fetch_recording(note.recording_url or "")
    except TelephonyError as error:
        if error.permanent:
            raise NotFound("录音已不在运营商处") from None
        raise Unavailable("暂时取不到录音，请稍后再试") from None
    return send_file(BytesIO(content), mimetype="audio/wav", download_name=f"note-{note_id}.wav", conditional=True)


@bp.get("/cases/nearby")
@bp.input(NearbyQuery, location="query", arg_name="asked")
@bp.output(list[SimilarCase])  # type: ignore[arg-type]
@needs(Permission.CREATE_CASES)
def nearby_cases(asked: NearbyQuery) -> list[SimilarCase]:
    """Known cases that may be the same matter."""
    found = similarity.nearby(principal(), asked, current_app.extensions["caller_of_call"])
    return [
        SimilarCase(
            case=card_of(twin.case),
            similarity=twin.likeness.score,
            reasons=list(twin.likeness.reasons),
            same_caller=twin.is_same_caller,
            told=reporters.told(twin.case),
        )
        for twin in found
    ]


@bp.post("/routing/preview")
@bp.input(RoutingQuestion, arg_name="asked")
@bp.output(RoutingAnswer)
@needs(Permission.CREATE_CASES)
def preview_routing(asked: RoutingQuestion) -> RoutingAnswer:
    """Which unit would get the case now, why, and until when."""
    now = clock.now()
    if not may_file_at(principal(), asked.district, asked.street, asked.community):
        raise Forbidden("地点不在您的辖区")
    fields = CaseFields(**asked.model_dump(), description="预览", address="预览")
    found, limit = service.find_route(fields, clock.local(now).date())
    deadline = deadline_of(now, limit, calendar(asked.district))
    unit = find_unit(found.unit_id)
    open_cases, on_time = queries.unit_load(unit.id)
    return RoutingAnswer(
        unit=PreviewUnit(
            id=unit.id, name=unit.name, duty_phone=mask(unit.duty_phone), open=open_cases, on_time=on_time
        ),
        rule=found.rule,
        explanation=found.explanation,
        runner_up=found.runner_up,
        due_at=deadline.due_at,
        limit_text=limit.text,
        steps=list(deadline.steps),
    )


# These have doors of their own; the rest of the table is open here to whom it names.
ELSEWHERE = {Action.EDIT, Action.RATE}
OFFERED = {action.value for action in Action if action not in ELSEWHERE}


_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def expected_version() -> int:
    """If-Match: "7" -> 7. Without it a write could overwrite what its writer never saw (428)."""
    named = _VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if named is None:
        raise PreconditionRequired('请在 If-Match 中给出您看到的版本号，如 If-Match: "7"')
    return int(named[1])


def _called_from(new: NewCase) -> NewCase:
    """Whoever names no other number is told at the one they rang from; one that was withheld stays unknown."""
    if new.reporter_phone or new.call_id is None:
        return new
    return new.model_copy(update={"reporter_phone": current_app.extensions["number_of_call"](new.call_id) or ""})


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
