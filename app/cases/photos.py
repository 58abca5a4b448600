"""Photographs: what arrives is decoded and written anew, so that only a picture, and nothing hidden in it, is kept."""

import hashlib
import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import service
from app.cases.models import Attachment, Case
from app.cases.workflow import State
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, NotFound, UnsupportedMedia
from app.waiting import off_the_hub

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE = 2048
MOST_PIXELS = 50_000_000
MOST_PER_CASE = 30

# Which purpose belongs to whom, and in which states of the case.
PURPOSES: dict[str, tuple[frozenset[Role], frozenset[State]]] = {
    "report": (frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER}), frozenset(State) - {State.VOID}),
    "result": (frozenset({Role.HANDLER}), frozenset({State.HANDLING})),
    "check": (frozenset({Role.INSPECTOR, Role.SUPERVISOR}), frozenset({State.CHECKING})),
}
BEFORE_WORK = frozenset({State.REPORTED, State.VERIFYING, State.FILED, State.DISPATCHED})
PURPOSE_LABELS = {"report": "现场照片", "result": "处置后照片", "check": "核查照片"}


def attach(actor: Principal, case_id: int, data: bytes, purpose: str, folder: Path) -> tuple[Case, Attachment]:
    """Keep a photograph with the case. The same picture twice for one purpose and round is kept once."""
    case = service.locked(actor, case_id)
    _check_purpose(actor, case, purpose)
    picture = off_the_hub(lambda: clean(data))
    digest = hashlib.sha256(picture).hexdigest()
    for known in case.attachments:
        if (known.sha256, known.purpose, known.round) == (digest, purpose, case.round):
            return case, known
    if len(case.attachments) >= MOST_PER_CASE:
        raise Conflict(f"每个案件最多 {MOST_PER_CASE} 张照片")
    store(folder, digest, picture)
    attachment = Attachment(
        case_id=case.id,
        purpose=purpose,
        round=case.round,
        content_type="image/jpeg",
        size=len(picture),
        sha256=digest,
        uploaded_by=actor.id,
        at=clock.now(),
    )
    case.attachments.append(attachment)
    session().flush()
    service.note_photo(actor, case, PURPOSE_LABELS[purpose])
    return case, attachment


def take_back(actor: Principal, attachment_id: int) -> Case:
    """The one who sent it finds it wrong before the report has gone out."""
    case, attachment = _held(actor, attachment_id)
    if attachment.uploaded_by != actor.id:
        raise Forbidden("只能撤回自己上传的照片")
    if not may_take_back(actor, case, attachment):
        raise Conflict("反馈已提交，照片不能再撤回，可请值班长隐藏")
    return _hide(actor, case, attachment, "case.photo_taken_back", PURPOSE_LABELS[attachment.purpose])


def hide(actor: Principal, attachment_id: int, reason: str) -> Case:
    """A supervisor takes a photograph out of sight, later too; that it was there stays in the history."""
    case, attachment = _held(actor, attachment_id)
    if Role.SUPERVISOR not in actor.roles:
        raise Forbidden("只有值班长可以隐藏照片")
    text = f"{PURPOSE_LABELS[attachment.purpose]}：{reason}"
    return _hide(actor, case, attachment, "case.photo_hidden", text)


def may_take_back(actor: Principal, case: Case, attachment: Attachment) -> bool:
    """Until the report it belongs to is sent; a reporter's picture until a unit has begun to work by it."""
    if actor.id is None or attachment.uploaded_by != actor.id or attachment.round != case.round:
        return False
    return case.state in (BEFORE_WORK if attachment.purpose == "report" else PURPOSES[attachment.purpose][1])


def _held(actor: Principal, attachment_id: int) -> tuple[Case, Attachment]:
    """The case first: a report that is being sent counts its photographs under the same lock."""
    found = session().get(Attachment, attachment_id)
    if found is None:
        raise NotFound("没有这张照片")
    case = service.locked(actor, found.case_id)
    session().refresh(found)
    if found.hidden_at is not None:
        raise NotFound("没有这张照片")
    return case, found


def _hide(actor: Principal, case: Case, attachment: Attachment, kind: str, text: str) -> Case:
    attachment.hidden_at, attachment.hidden_by = clock.now(), actor.id
    session().flush()
    session().expire(case, ["attachments"])
    case.photos = max(0, case.photos - 1)
    service.note(actor, case, kind, text)
    return case


def clean(data: bytes) -> bytes:
    """JPEG without metadata, upright, at most 2048 pixels long; UnsupportedMedia for anything that is no picture."""
    if not data:
        raise Invalid("文件是空的", fields={"file": "文件是空的"})
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnsupportedMedia("图片像素过大")
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            out = io.BytesIO()
            upright.info.clear()  # a JPEG's comment would be written again
            upright.save(out, "JPEG", quality=85)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UnsupportedMedia("只接受 JPEG、PNG、WebP 图片，且文件须完整") from None


def path_of(attachment: Attachment, folder: Path) -> Path:
    path = _place(folder, attachment.sha256)
    if not path.is_file():
        raise NotFound("照片文件已丢失，请联系管理员")
    return path


def _check_purpose(actor: Principal, case: Case, purpose: str) -> None:
    if purpose not in PURPOSES:
        raise Invalid("照片用途无效", fields={"purpose": "须为 report、result 或 check"})
    roles, states = PURPOSES[purpose]
    if not actor.roles & roles:
        raise Forbidden("您的角色不能上传这种照片")
    if case.state not in states:
        raise Conflict(f"当前状态不能上传{PURPOSE_LABELS[purpose]}")


def store(folder: Path, digest: str, picture: bytes) -> None:
    """Before the commit: a file without a row is litter, a row without a file would be a loss."""
    path = _place(folder, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_bytes(picture)
    temporary.replace(path)


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / f"{digest}.jpg"
