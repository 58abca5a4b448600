"""The accountability page on paper."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from app.cases.terms import LABELS, State
from app.supervision.accountability import CaseAccount
from app.supervision.models import SupervisionOrder
from app.web.moments import lasted, local, percent

# Free TrueType fonts with Chinese characters, as Debian's packages fonts-wqy-microhei,
# fonts-wqy-zenhei and fonts-arphic-uming install them. Of the one found, the characters used go into the file. Noto's
# outlines are of another kind (CFF), which cannot be embedded this way.
FONT_FILES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)


def choose_font(files: Sequence[str] = FONT_FILES) -> str:
    """Its name. Without any of the files Adobe's own name, whose glyphs the reader brings (most do)."""
    for file in files:
        if Path(file).is_file():
            pdfmetrics.registerFont(TTFont(_EMBEDDED, file))
            return _EMBEDDED
    pdfmetrics.registerFont(UnicodeCIDFont(_READERS_OWN))
    return _READERS_OWN


_EMBEDDED, _READERS_OWN = "HotlineChinese", "STSong-Light"
FONT = choose_font()
Words = Callable[..., str]
_EDGE = 18 * mm

_TITLE = ParagraphStyle("title", fontName=FONT, fontSize=16, leading=22, spaceAfter=2 * mm)
_HEAD = ParagraphStyle("head", fontName=FONT, fontSize=11.5, leading=16, spaceBefore=4 * mm, spaceAfter=1.5 * mm)
_TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
_CELL = ParagraphStyle("cell", fontName=FONT, fontSize=8, leading=11, wordWrap="CJK")
_HASH = ParagraphStyle("hash", fontName="Courier", fontSize=6.2, leading=8)
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#b8c4d2")),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef3f8")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)


def draw(told: CaseAccount, t: Words) -> bytes:
    """A4, as many pages as it takes."""
    out = BytesIO()
    title = f"{t('account.title')} {told.case.number}"
    # The frame pads its text by 6 points; the tables are as wide as the text, so both begin on one line.
    sides = {"leftMargin": _EDGE - 6, "rightMargin": _EDGE - 6, "topMargin": _EDGE, "bottomMargin": _EDGE}
    page = SimpleDocTemplate(out, pagesize=A4, title=title, author=t("app.name"), **sides)
    page.build(_story(told, t, title), onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _story(told: CaseAccount, t: Words, title: str) -> list[Flowable]:
    case = told.case
    about = " · ".join(
        part for part in (case.class_name, case.address, LABELS[State(case.state)], told.limit_text) if part
    )
    story: list[Flowable] = [
        Paragraph(escape(title), _TITLE),
        Paragraph(escape(about), _TEXT),
        Paragraph(escape(f"{t('account.made')} {local(told.made_at)}"), _TEXT),
        *([Paragraph(escape(_promise(told, t)), _TEXT)] if case.promised_until else []),
        *_section(t("account.stays"), _stays(told, t), (30, 40, 30, 30, 22, 22)),
        *_section(t("account.notes"), _notes(told, t), (30, 28, 24, 92)),
    ]
    if told.orders:
        story += _section(t("account.orders"), _orders(told, t), (30, 18, 56, 30, 40))
    if told.looks is not None:
        story += _section(t("account.looks"), _looks(told, t), (40, 40, 94))
    return [*story, *_hashes(told, t)]


def _promise(told: CaseAccount, t: Words) -> str:
    missed = f" {t('account.promise_missed')}" if told.is_promise_missed else ""
    return f"{t('account.promised')} {local(told.case.promised_until)}{missed}"


def _section(name: str, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> list[Flowable]:
    cells = [[Paragraph(escape(cell), _CELL) for cell in row] for row in rows]
    # A reason of two thousand characters is taller than a page: its row goes on overleaf.
    table = Table(cells, [width * mm for width in widths], repeatRows=1, splitInRow=1, style=_GRID)
    return [Paragraph(escape(name), _HEAD), table]


def _stays(told: CaseAccount, t: Words) -> list[list[str]]:
    names = ("desk", "who", "since", "until", "used", "share")
    rows = [[t(f"account.stays.{name}") for name in names]]
    for stay in told.stays:
        share = percent(stay.share) + (f" {t('account.late')}" if stay.is_late else "")
        who = "、".join(part for part in (stay.holder, *stay.people) if part)
        used = lasted(stay.used, in_hours=stay.in_hours)
        rows.append(
            [
                t(f"account.desk.{stay.desk}"),
                who,
                local(stay.since),
                local(stay.until) if stay.until else t("account.now"),
                used,
                share,
            ]
        )
    return rows


def _notes(told: CaseAccount, t: Words) -> list[list[str]]:
    rows = [[t("account.at"), t("account.what"), t("account.who"), t("account.text")]]
    if not told.notes:
        return [*rows, ["—", "—", "—", t("account.notes.none")]]
    return rows + [[local(note.at), note.label, note.who, note.text] for note in told.notes]


def _orders(told: CaseAccount, t: Words) -> list[list[str]]:
    rows = [[t(f"account.orders.{name}") for name in ("at", "kind", "requirement", "due", "reply")]]
    for each in told.orders:
        kind = t(f"supervision.kind.{each.kind}")
        reply = each.reply or t(unanswered(each))
        rows.append([local(each.made_at), kind, each.requirement, local(each.due_at), reply])
    return rows


def unanswered(order: SupervisionOrder) -> str:
    """The key of the words for an order without an answer."""
    if not order.needs_reply:
        return "account.orders.no_reply"
    return "account.orders.ended" if order.state == "ended" else "account.orders.waiting"


def _looks(told: CaseAccount, t: Words) -> list[list[str]]:
    rows = [[t("account.at"), t("account.who"), t("account.what")]]
    if not told.looks:
        return [*rows, ["—", "—", t("account.looks.none")]]
    return rows + [[local(look.at), look.who, t(f"account.look.{look.kind}")] for look in told.looks or ()]


def _hashes(told: CaseAccount, t: Words) -> list[Flowable]:
    verdict = t("account.broken", seq=told.fault.seq) if told.fault else t("account.whole")
    rows: list[list[Any]] = [
        [
            Paragraph(str(line.seq), _CELL),
            Paragraph(escape(f"{local(line.at)} {line.label}"), _CELL),
            Paragraph(line.hash, _HASH),
        ]
        for line in told.lines
    ]
    head = [Paragraph(escape(t(f"account.hash.{name}")), _CELL) for name in ("seq", "line", "hash")]
    sealed = f"{t('account.sealed')} {told.sealed_day or '—'}"
    return [
        Paragraph(escape(t("account.hashes")), _HEAD),
        Paragraph(escape(verdict), _TEXT),
        Spacer(1, 1.5 * mm),
        Table([head, *rows], [12 * mm, 62 * mm, 100 * mm], repeatRows=1, style=_GRID),
        Spacer(1, 1.5 * mm),
        Paragraph(escape(sealed), _TEXT),
        Paragraph(told.sealed_digest, _HASH),
    ]


def _foot(canvas: Any, page: Any) -> None:
    """A sheet that lies alone still says of which case it is."""
    canvas.setFont(FONT, 8)
    canvas.drawString(_EDGE, 10 * mm, page.title)
    canvas.drawRightString(A4[0] - _EDGE, 10 * mm, str(page.page))
