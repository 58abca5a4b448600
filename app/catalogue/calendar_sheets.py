"""Working calendars as tables: special days in ranges, working periods. Gaps and overlaps are named by row. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import pairwise

from app.catalogue.calendars import CalendarError, DayKind, Special, WorkCalendar, WorkingHours
from app.tables import BadRow, Column, Row, parse_rows, read_day, read_time, refuse

DAY_COLUMNS = (
    Column("area_code", "区域编码"),
    Column("start", "开始日期"),
    Column("end", "结束日期"),
    Column("kind", "类型"),
    Column("name", "名称"),
    Column("provisional", "暂定", required=False),
)
HOUR_COLUMNS = (
    Column("area_code", "区域编码"),
    Column("weekdays", "星期"),
    Column("starts", "上班"),
    Column("ends", "下班"),
    Column("valid_from", "生效日期", required=False),
    Column("valid_to", "失效日期", required=False),
)
# 全国年节及纪念日放假办法: a year that lacks one of them is not complete.
FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_KINDS = {"放假": DayKind.HOLIDAY, "调休上班": DayKind.MAKE_UP}
_SAID = {kind: word for word, kind in _KINDS.items()}
_LONGEST_BREAK = 31
_FIRST_YEAR, _LAST_YEAR = 2020, 2060
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring special days of one kind and name in an area."""

    area_code: str
    start: date
    end: date
    kind: DayKind
    name: str
    provisional: bool

    @property
    def key(self) -> str:
        return f"{self.area_code} {self.start}"

    @property
    def days(self) -> Iterator[Special]:
        for number in range(self.start.toordinal(), self.end.toordinal() + 1):
            yield Special(date.fromordinal(number), self.kind, self.name, self.provisional)


Numbered = tuple[int, Block]


def blocks_of(area_code: str, days: Iterable[Special]) -> list[Block]:
    blocks: list[Block] = []
    for each in sorted(days, key=lambda day: day.day):
        last = blocks[-1] if blocks else None
        # Years are brought in whole, one by one: a holiday over New Year is a block in each.
        alike = (each.kind, each.name, each.provisional, each.day.year)
        if last and last.end + _DAY == each.day and (last.kind, last.name, last.provisional, last.end.year) == alike:
            blocks[-1] = replace(last, end=each.day)
        else:
            blocks.append(Block(area_code, each.day, each.day, each.kind, each.name, each.provisional))
    return blocks


def block_rows(blocks: Iterable[Block]) -> dict[str, Row]:
    return {
        each.key: {
            "area_code": each.area_code,
            "start": each.start.isoformat(),
            "end": each.end.isoformat(),
            "kind": _SAID[each.kind],
            "name": each.name,
            "provisional": "是" if each.provisional else "",
        }
        for each in blocks
    }


def read_blocks(rows: Sequence[tuple[int, Row]], areas: Collection[str]) -> list[Block]:
    """Whole years of special days. Raises Invalid with the row of every overlap, gap and unreadable cell."""
    faults: list[BadRow] = []
    blocks = parse_rows(rows, lambda row: _block(row, areas), faults)
    by_area: dict[str, list[Numbered]] = defaultdict(list)
    for line, block in sorted(blocks, key=lambda each: each[1].start):
        by_area[block.area_code].append((line, block))
    for each in by_area.values():
        faults += [*_overlaps(each), *_gaps(each)]
        faults += [] if faults else _missing(each)
    if not blocks and not faults:
        faults.append(BadRow(0, "表中没有任何日期"))
    refuse(faults)
    return [block for each in by_area.values() for _, block in each]


def read_hours(rows: Sequence[tuple[int, Row]], areas: Collection[str]) -> dict[str, list[WorkingHours]]:
    """Working periods by area. Raises Invalid: periods may neither overlap nor leave a stretch of time without any."""
    faults: list[BadRow] = []
    parsed = parse_rows(rows, lambda row: _hours(row, areas), faults)
    by_area: dict[str, list[tuple[int, WorkingHours]]] = defaultdict(list)
    for line, (area_code, hours) in parsed:
        by_area[area_code].append((line, hours))
    for each in by_area.values():
        faults += [*_hour_overlaps(each), *_hour_gaps(each)]
    if not parsed and not faults:
        faults.append(BadRow(0, "表中没有任何工作时段"))
    refuse(faults)
    return {area_code: [hours for _, hours in each] for area_code, each in by_area.items()}


def hour_rows(area_code: str, hours: Iterable[WorkingHours]) -> dict[str, Row]:
    rows = {}
    for each in hours:
        weekdays = "".join(str(day + 1) for day in sorted(each.weekdays))
        key = f"{area_code} {each.valid_from or ''} {weekdays} {each.starts:%H:%M}"
        rows[key] = {
            "area_code": area_code,
            "weekdays": weekdays,
            "starts": f"{each.starts:%H:%M}",
            "ends": "24:00" if each.ends == time(23, 59) else f"{each.ends:%H:%M}",
            "valid_from": each.valid_from.isoformat() if each.valid_from else "",
            "valid_to": each.valid_to.isoformat() if each.valid_to else "",
        }
    return rows


def overlap(one: WorkingHours, other: WorkingHours) -> bool:
    if not one.weekdays & other.weekdays or not (one.starts < other.ends and other.starts < one.ends):
        return False
    return (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )


def read_calendar_day(text: str, heading: str) -> date:
    day = read_day(text, heading)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"“{heading}”应在 {_FIRST_YEAR} 到 {_LAST_YEAR} 年之间")
    return day


def _block(row: Row, areas: Collection[str]) -> Block:
    _check_area(row, areas)
    start, end = read_calendar_day(row["start"], "开始日期"), read_calendar_day(row["end"], "结束日期")
    if end < start:
        raise ValueError("结束日期早于开始日期")
    if end.year != start.year:
        raise ValueError("一段不能跨年，请在元旦前后分为两行")
    if (end - start).days >= _LONGEST_BREAK:
        raise ValueError(f"一段最多 {_LONGEST_BREAK} 天")
    kind = _KINDS.get(row["kind"]) or (DayKind(row["kind"]) if row["kind"] in set(DayKind) else None)
    if kind is None:
        raise ValueError(f"“类型”只能是 {'、'.join(_KINDS)}，而不是“{row['kind'][:20]}”")
    if not row["name"] or len(row["name"]) > 40:
        raise ValueError("“名称”不能为空，最多 40 个字")
    provisional = row["provisional"] in ("1", "是", "true", "True")
    block = Block(row["area_code"], start, end, kind, row["name"], provisional)
    usual = next((each.day for each in block.days if each.day.weekday() < 5), None)
    if kind is DayKind.MAKE_UP and usual is not None:
        raise ValueError(f"{usual} 本来就是工作日，不能是调休上班日")
    return block


def _check_area(row: Row, areas: Collection[str]) -> None:
    if row["area_code"] not in areas:
        raise ValueError(f"区域 {row['area_code'][:12] or '（空）'} 没有自己的工作日历")


def _overlaps(blocks: Sequence[Numbered]) -> Iterator[BadRow]:
    for (line, one), (next_line, other) in pairwise(blocks):
        if other.start <= one.end:
            yield BadRow(next_line, f"{other.start} 与第 {line} 行重叠")


def _gaps(blocks: Sequence[Numbered]) -> Iterator[BadRow]:
    """A holiday is one stretch: its days must follow each other."""
    last: dict[tuple[int, str], Numbered] = {}
    for line, block in blocks:
        if block.kind is not DayKind.HOLIDAY:
            continue
        known = last.get((block.start.year, block.name))
        if known is not None and block.start > known[1].end + _DAY:
            missing = known[1].end + _DAY
            yield BadRow(line, f"{block.name}与第 {known[0]} 行之间缺 {missing}，假期必须连续")
        last[block.start.year, block.name] = (line, block)


def _missing(blocks: Sequence[Numbered]) -> Iterator[BadRow]:
    """A year is brought in as a whole, and years follow each other."""
    years = sorted({block.start.year for _, block in blocks})
    for year in range(years[0], years[-1] + 1):
        mine = [(line, block) for line, block in blocks if block.start.year == year]
        if not mine:
            yield BadRow(0, f"缺少 {year} 年")
            continue
        named = "".join(block.name for _, block in mine if block.kind is DayKind.HOLIDAY)
        absent = [name for name in FESTIVALS if name not in named]
        if absent:
            yield BadRow(mine[-1][0], f"{year} 年缺少 {'、'.join(absent)}")


def _hours(row: Row, areas: Collection[str]) -> tuple[str, WorkingHours]:
    _check_area(row, areas)
    digits = row["weekdays"]
    if not digits or set(digits) - set("1234567") or len(set(digits)) != len(digits):
        raise ValueError("“星期”用 1 到 7 表示，如 12345")
    starts, ends = _time(row["starts"], "上班"), _time(row["ends"], "下班")
    if starts >= ends:
        raise ValueError("下班必须晚于上班")
    valid_from = read_calendar_day(row["valid_from"], "生效日期") if row["valid_from"] else None
    valid_to = read_calendar_day(row["valid_to"], "失效日期") if row["valid_to"] else None
    if valid_from and valid_to and valid_to < valid_from:
        raise ValueError("失效日期早于生效日期")
    weekdays = frozenset(int(digit) - 1 for digit in digits)
    return row["area_code"], WorkingHours(starts, ends, valid_from, valid_to, weekdays)


def _time(text: str, heading: str) -> time:
    return time(23, 59) if text == "24:00" else read_time(text, heading)


def _hour_overlaps(hours: Sequence[tuple[int, WorkingHours]]) -> Iterator[BadRow]:
    for at, (line, one) in enumerate(hours):
        for next_line, other in hours[at + 1 :]:
            if overlap(one, other):
                yield BadRow(next_line, f"{other.starts:%H:%M}–{other.ends:%H:%M} 与第 {line} 行重叠")


def _hour_gaps(hours: Sequence[tuple[int, WorkingHours]]) -> Iterator[BadRow]:
    """From the first day on there must always be some working time, else a clock would stand still for a season."""
    reached: date | None = None
    by_start = sorted(hours, key=lambda each: each[1].valid_from or date.min)
    for at, (line, each) in enumerate(by_start):
        start = each.valid_from or date.min
        if at and reached is not None and reached < date.max and start > reached + _DAY:
            yield BadRow(line, f"{reached + _DAY} 至 {start - _DAY} 没有任何工作时段")
        reached = max(reached or date.min, each.valid_to or date.max)
    try:
        WorkCalendar([each for _, each in hours])
    except CalendarError as error:
        yield BadRow(by_start[-1][0], str(error))
