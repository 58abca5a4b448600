"""A year of a large city's complaints, poured into the database that the demonstration has seeded.

Plausible where lists feel it: few classes, streets, units and callers have most cases, 20,000 are open and of the last
30 days, the others ended over the year. Not true to life: hashes of the history, deadlines over holidays, photographs.
"""

import csv
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.dialects import postgresql

from app import privacy
from benchmarks._stage import ROOT, Stage
from nlp.generate import generate

MOST_OPEN = 20_000
CALLERS = 40_000
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
_FILLED = ("case", "case_watch", "case_request", "call", "event")


class City:
    """`grow` adds what is missing to the number asked for: one database shows 10,000 and then a million."""

    def __init__(self, target: Stage) -> None:
        privacy.configure(target.environment["DATA_KEY"])
        self._connection = psycopg.connect(target.database_url.replace("+psycopg", ""), autocommit=True)
        self.cases = 0
        self.callers = list(_callers(random.Random(96310)))
        # Ours alone: nobody's history is overwritten, and foreign keys hold by construction.
        for setting in ("session_replication_role = replica", "maintenance_work_mem = '256MB'", "work_mem = '128MB'"):
            self._connection.execute(f"SET {setting}".encode())
        self._connection.execute("SELECT setseed(0.96310)")
        self._load("m_caller", "n int, phone text, name text, hash text", [row[:4] for row in self.callers])
        self._load("m_text", "n int, code text, said text", _texts())
        self._load("m_road", "n int, road text", enumerate(_roads()))
        for statement in _CHOICES:
            self._connection.execute(statement)

    def grow(self, cases: int) -> float:
        """Seconds it took."""
        begun = time.perf_counter()
        before, most = self.cases, min(MOST_OPEN, cases // 4)
        facts = {
            "before": before,
            "added": cases - before,
            "open": most - min(MOST_OPEN, before // 4),
            **{name: self._count(f"m_{name}") for name in ("caller", "text", "road", "place", "unit")},
        }
        indexes = self._drop_indexes()
        for statement in _FILL:
            self._connection.execute(statement, facts)
        for each in indexes:
            self._connection.execute(each.encode())
        for table in _FILLED:
            self._connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
        self.cases = cases
        return time.perf_counter() - begun

    def one(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def column(self, query: str) -> list[Any]:
        return [row[0] for row in self._connection.execute(query.encode())]

    def plan(self, query: str) -> str:
        return "\n".join(self.column(f"EXPLAIN (ANALYZE, BUFFERS) {query}"))

    def _count(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table}"))

    def _load(self, table: str, columns: str, rows: Any) -> None:
        self._connection.execute(f"CREATE TEMP TABLE {table} ({columns})".encode())
        with self._connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def _drop_indexes(self) -> list[str]:
        """What makes them again: building one at the end is several times faster than feeding it row by row."""
        found = self._connection.execute(_INDEXES, (list(_FILLED),)).fetchall()
        for name, _ in found:
            self._connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        return [made for _, made in found]


def _callers(dice: random.Random) -> Iterator[tuple[int, str | None, str | None, str, str]]:
    """Number, sealed telephone and name, the telephone's hash, and the telephone itself for those who search it."""
    seal, dialect = privacy.Sealed(), postgresql.dialect()  # type: ignore[no-untyped-call]
    for n in range(CALLERS):
        phone = f"+86139{n:08d}"
        name = dice.choice(SURNAMES) + dice.choice(GIVEN)
        sealed = [seal.process_bind_param(each, dialect) for each in (phone, name)]
        yield n, sealed[0], sealed[1], privacy.fingerprint(phone), phone


def _texts() -> Sequence[tuple[int, str, str]]:
    known = [(example.code, example.text) for example in generate(seed=7) if example.code != "OOS"]
    random.Random(7).shuffle(known)
    return [(n, code, text) for n, (code, text) in enumerate(known[:4000])]


def _roads() -> Iterator[str]:
    with (ROOT / "app/demo/data/street_roads.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from row["roads"].split("|")


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema AND tablename = ANY(%s) AND NOT EXISTS
    (SELECT FROM pg_constraint WHERE conname = indexname)
"""
_CHOICES: tuple[Any, ...] = (
    """
CREATE TEMP TABLE m_unit AS SELECT id, name, left(area_code, 6) AS district,
    (row_number() OVER (PARTITION BY left(area_code, 6) ORDER BY id) - 1)::int AS n,
    count(*) OVER (PARTITION BY left(area_code, 6)) AS many
FROM unit WHERE is_active
""",
    """
CREATE TEMP TABLE m_place AS SELECT (row_number() OVER (ORDER BY md5(code)) - 1)::int AS n, code AS community,
    left(code, 9) AS street, left(code, 6) AS district, name, lng, lat
FROM area WHERE level = 'community' AND left(code, 6) IN (SELECT district FROM m_unit)
""",
    """
CREATE TEMP TABLE m_class AS SELECT version.id AS catalogue_version, class.code AS class_code, class.name AS class_name,
    limits.no AS condition_no, limits.limit_value, limits.limit_unit
FROM (SELECT id FROM catalogue_version ORDER BY number DESC LIMIT 1) AS version
JOIN case_class AS class ON class.version_id = version.id
JOIN filing_condition AS limits ON limits.version_id = version.id AND class_code = code AND no = 1
""",
    "CREATE TEMP TABLE m_agent AS SELECT array_agg(id) AS ids FROM account WHERE roles::text LIKE '%agent%'",
    "ANALYZE m_caller", "ANALYZE m_text", "ANALYZE m_road", "ANALYZE m_place", "ANALYZE m_unit", "ANALYZE m_class",
)  # fmt: skip

# Squares of random numbers: the first of a list come most often.
_DRAW = """
CREATE TEMP TABLE drawn AS
SELECT n, is_open, moment, luck, chance,
    now() - CASE WHEN is_open THEN power(random(), 1.5) * interval '30 days'
        ELSE interval '4 days' + random() * interval '361 days' END AS opened_at,
    floor(power(random(), 2) * %(caller)s)::int AS caller, floor(power(random(), 3) * %(text)s)::int AS said,
    floor(random() * %(road)s)::int AS road, floor(power(random(), 2) * %(place)s)::int AS place
FROM (SELECT g + %(before)s AS n, g > %(added)s - %(open)s AS is_open, random() AS moment, random() AS luck,
    random() AS chance FROM generate_series(1, %(added)s) AS g) AS each
"""
_STATES = """
CREATE TEMP TABLE staged AS
SELECT *, CASE
    WHEN NOT is_open THEN CASE WHEN luck < 0.95 THEN 'closed' WHEN luck < 0.98 THEN 'rejected' ELSE 'void' END
    WHEN luck < 0.25 THEN 'dispatched' WHEN luck < 0.72 THEN 'handling' WHEN luck < 0.83 THEN 'checking'
    WHEN luck < 0.88 THEN 'reported' WHEN luck < 0.93 THEN 'filed' WHEN luck < 0.95 THEN 'verifying'
    WHEN luck < 0.98 THEN 'suspended' WHEN luck < 0.99 THEN 'confirming' ELSE 'rejecting' END AS state
FROM drawn
"""
# Real tokens are random: ours begin with a word that none of theirs will.
_CASES = """
INSERT INTO "case" (number, version, state, source, agent_id, catalogue_version, class_code, class_name, condition_no,
    limit_value, limit_unit, intent, urgency, description, address, district_code, street_code, community_code, lng,
    lat, reporter_name, reporter_phone, reporter_hash, confidential, sms_consent, callback_consent, link_token, unit_id,
    unit_name, opened_at, filed_at, dispatched_at, accepted_at, fed_back_at, check_due_at, closed_at, due_at, yellow_at,
    accept_due_at, deadline_steps, result, urges, reworks, photos, rating, rating_comment, returns, requests_made)
SELECT 'NB' || to_char(opened_at, 'YYMMDD') || '-' || lpad((staged.n %% 1000000)::text, 6, '0'), 4, state,
    CASE WHEN chance < 0.8 THEN 'call' WHEN chance < 0.9 THEN 'sms' ELSE 'web' END,
    ids[1 + staged.n %% cardinality(ids)], catalogue_version, class_code, class_name, condition_no,
    limit_value, limit_unit, 'complaint', 'normal', said_text.said,
    CASE WHEN chance < 0.5 THEN road.road || (1 + staged.n %% 400) || '号' ELSE place.name || '门口' END,
    place.district, place.street, place.community, lng + (chance - 0.5) * 0.01, lat + (moment - 0.5) * 0.01,
    caller.name, caller.phone, caller.hash, chance < 0.03, true, true, 'BENCH' || lpad(staged.n::text, 19, '0'),
    CASE WHEN is_sent THEN unit.id END, CASE WHEN is_sent THEN unit.name ELSE '' END,
    opened_at, CASE WHEN state <> 'reported' THEN opened_at + interval '5 minutes' END,
    CASE WHEN is_sent THEN opened_at + interval '6 minutes' END,
    CASE WHEN is_sent AND state <> 'dispatched' THEN opened_at + interval '1 hour' END,
    CASE WHEN is_back THEN opened_at + moment * interval '3 days' END,
    CASE WHEN is_back THEN opened_at + moment * interval '3 days' + interval '30 minutes' END,
    CASE WHEN NOT is_open THEN opened_at + interval '1 hour' + moment * interval '3 days' END,
    due_at, due_at - interval '6 hours', CASE WHEN state = 'reported' THEN opened_at + interval '2 hours' END,
    '[]', CASE WHEN is_back THEN '已处理完毕' ELSE '' END, (moment * 1.2)::int, (chance * 0.6)::int, 0,
    CASE WHEN state = 'closed' AND moment < 0.3 THEN 1 + (moment * 16)::int END, '', (luck < 0.02)::int,
    (state = 'handling' AND luck < 0.26)::int
FROM (SELECT *, state NOT IN ('reported', 'filed', 'verifying', 'rejecting', 'rejected') AS is_sent,
        state IN ('checking', 'confirming', 'closed') AS is_back,
        CASE WHEN state IN ('dispatched', 'handling') THEN now() + (moment - 0.12) * interval '6 days'
            WHEN state NOT IN ('reported', 'filed', 'verifying', 'rejecting', 'rejected')
            THEN opened_at + interval '2.8 days' END AS due_at
    FROM staged) AS staged
JOIN m_text AS said_text ON said_text.n = staged.said
JOIN m_class ON class_code = said_text.code
JOIN m_place AS place ON place.n = staged.place
JOIN m_road AS road ON road.n = staged.road
JOIN m_caller AS caller ON caller.n = staged.caller
CROSS JOIN m_agent
JOIN m_unit AS unit ON unit.district = place.district
    AND unit.n = abs(hashtext(said_text.code || place.street)) %% unit.many
ORDER BY opened_at
"""
_WATCHES = """
INSERT INTO case_watch (case_id, lamp, rank, is_assigned, clock, due_at, next_at)
SELECT id, lamp, array_position(ARRAY['red', 'yellow', 'green', 'grey'], lamp) - 1, unit_id IS NOT NULL, clock, due,
    CASE WHEN lamp <> 'red' THEN due END
FROM (SELECT *, CASE WHEN due IS NULL THEN 'grey' WHEN due <= now() THEN 'red'
        WHEN due - interval '6 hours' <= now() THEN 'yellow' ELSE 'green' END AS lamp
    FROM (SELECT id, unit_id, CASE WHEN state = 'reported' THEN accept_due_at
            WHEN state IN ('dispatched', 'handling') THEN due_at END AS due,
            CASE WHEN state = 'reported' THEN 'accept' WHEN state IN ('dispatched', 'handling') THEN 'limit'
            ELSE 'none' END AS clock
        FROM "case" WHERE state NOT IN ('closed', 'rejected', 'void')
            AND id NOT IN (SELECT case_id FROM case_watch)) AS each) AS lit
"""
_REQUESTS = """
INSERT INTO case_request (case_id, kind, state, unit_id, reason, until, asked_at, first_review, decision)
SELECT id, 'extension', 'pending', unit_id, '现场需要开挖', due_at + interval '2 days', now(), '', '' FROM "case"
WHERE requests_made > 0 AND state = 'handling' AND id NOT IN (SELECT case_id FROM case_request)
"""
_CALLS = """
INSERT INTO call (sid, version, state, caller_number, caller_hash, called, location, prior_calls, note, started_at,
    answered_at, ended_at, last_contact_at, carrier_status, carrier_rank, carrier_sequence, agent_id, attempt,
    conference_sequence, hold, muted, disposition, disposition_note, case_id, is_voicemail)
SELECT 'CA' || lpad(made.id::text, 32, '0'), 5, 'ended', reporter_phone, reporter_hash, '96310', '', 0, '', opened_at,
    opened_at + interval '9 seconds', opened_at + interval '3 minutes', opened_at, 'completed', 9, 9, agent_id, 1, 1,
    false, false, 'case', '', made.id, false
FROM "case" AS made WHERE source = 'call' AND link_token >= 'BENCH' || lpad((%(before)s + 1)::text, 19, '0')
    AND link_token LIKE 'BENCH%%' ORDER BY made.id
"""
# One line a case that has ended, three for an open one: eight a case, as life writes them, would be ten gigabytes.
_EVENTS = """
INSERT INTO event (kind, subject_type, subject_id, subject_seq, version, at, actor_id, audience, payload, previous_hash,
    hash)
SELECT (ARRAY['case.opened', 'case.filed', 'case.dispatched'])[seq], 'case', made.id, seq, seq,
    opened_at + seq * interval '3 minutes', agent_id, jsonb_build_array('agents', 'area:' || district_code),
    jsonb_build_object('by', '', 'text', '', 'case', jsonb_build_object('id', made.id, 'number', number, 'state', state,
        'state_label', state, 'version', seq, 'class_name', class_name, 'address', address,
        'unit', jsonb_build_object('id', unit_id, 'name', unit_name))),
    repeat('0', 64), md5(made.id::text || seq) || md5(made.id::text)
FROM "case" AS made JOIN generate_series(1, 3) AS seq
    ON seq = 1 OR state NOT IN ('closed', 'rejected', 'void')
WHERE link_token >= 'BENCH' || lpad((%(before)s + 1)::text, 19, '0') AND link_token LIKE 'BENCH%%' ORDER BY opened_at
"""
_FILL: tuple[Any, ...] = (
    _DRAW, _STATES, _CASES, _WATCHES, _REQUESTS, _CALLS, _EVENTS, "DROP TABLE drawn, staged",
)  # fmt: skip
