"""How long the carrier waits for our answers: `python -m benchmarks.voice_webhook [--processes N] [--ramp]`.

Calls arrive by the clock whether or not earlier ones have been answered (an open loop: a slow answer delays nobody but
itself, as with a real carrier), on real PostgreSQL, Valkey and gunicorn. Two rounds: the first webhook alone (`--rate`
a second), then whole calls of seven webhooks (`--calls-per-second`). Prints the median, p99 and worst of each kind, and
the processor time that web processes and database spend on a webhook. The client shares the machine, so the figures are
upper bounds.

`--ramp`: whole calls only, `--step` more of them a second from round to round, until the p99 of some kind is over the
goal; says how many calls a second the machine carries.
"""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import base64  # noqa: E402
import hashlib  # noqa: E402
import hmac  # noqa: E402
import http.client  # noqa: E402
import json  # noqa: E402
import time  # noqa: E402
from collections import defaultdict, deque  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from itertools import count, cycle  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

import gevent  # noqa: E402

from benchmarks._stage import Stage, stage  # noqa: E402

SPEECH = "百丈路和中兴路口的井盖不见了，晚上很危险，请尽快处理"
MORE = "就在路口东边的人行道上，小孩子差点掉下去"
GOAL = 0.030  # seconds
MOST_STEPS = 40
Times = dict[str, list[float]]
_numbers = count(1)


class Carrier:
    """Signed webhooks over connections that are kept open, as a proxy in front of the web process keeps them."""

    def __init__(self, target: Stage) -> None:
        self._token = target.auth_token.encode()
        self._base = target.url
        self._hosts = cycle(target.hosts)
        self._idle: deque[http.client.HTTPConnection] = deque()
        self.times: Times = defaultdict(list)
        self.failures = 0

    def post(self, path: str, sid: str, **fields: object) -> None:
        form = {"CallSid": sid, "From": f"+86138{int(sid[2:], 16):08d}", "To": "96310", "CallStatus": "in-progress"}
        form |= {name: str(value) for name, value in fields.items()}
        address = f"/telephony/voice{path}"
        signed = self._base + address + "".join(name + form[name] for name in sorted(form))
        signature = base64.b64encode(hmac.new(self._token, signed.encode(), hashlib.sha1).digest()).decode()
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        # Each in turn: always the last one would mean always the same web process.
        connection = self._idle.popleft() if self._idle else http.client.HTTPConnection(next(self._hosts), timeout=15)
        begun = time.perf_counter()
        connection.request("POST", address, urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        self.times[path or "/"].append(time.perf_counter() - begun)
        self.failures += answer.status not in (200, 204)
        self._idle.append(connection)


def first_webhook(carrier: Carrier) -> None:
    carrier.post("", f"CA{next(_numbers):032x}", CallStatus="ringing")


def whole_call(carrier: Carrier) -> None:
    sid = f"CA{next(_numbers):032x}"
    carrier.post("", sid, CallStatus="ringing")
    carrier.post("/heard", sid, SpeechResult=SPEECH, Confidence="0.9")
    carrier.post("/wait", sid, QueuePosition=1, QueueTime=0, AvgQueueTime=20, CurrentQueueSize=1)
    carrier.post(
        "/transcript",
        sid,
        TranscriptionSid="GT" + sid[2:],
        TranscriptionEvent="transcription-content",
        TranscriptionData=json.dumps({"transcript": MORE, "confidence": 0.9}, ensure_ascii=False),
        SequenceId=1,
        Track="inbound_track",
        Final="true",
    )
    carrier.post("/wait", sid, QueuePosition=1, QueueTime=8, AvgQueueTime=20, CurrentQueueSize=1)
    carrier.post("/queue-left", sid, QueueResult="hangup", QueueTime=9)
    carrier.post("/status", sid, CallStatus="completed", SequenceNumber=2)


def arrivals(rate: float, seconds: float) -> Iterator[None]:
    """Yields when the next call is due, by the clock."""
    begun = time.perf_counter()
    for number in range(round(rate * seconds)):
        gevent.sleep(max(begun + number / rate - time.perf_counter(), 0))
        yield


@dataclass(frozen=True)
class Round:
    """`web`, `database`, `client`: processor seconds per webhook; `busy`: all three by the seconds that went by."""

    times: Times
    web: float
    database: float
    client: float
    busy: float

    @property
    def slowest(self) -> float:
        return max(share_of(times, 0.99) for times in self.times.values())


def share_of(times: list[float], share: float) -> float:
    return sorted(times)[int((len(times) - 1) * share)]


def play(target: Stage, call: Callable[[Carrier], None], rate: float, seconds: float) -> Round:
    carrier = Carrier(target)
    call(carrier)  # what is loaded on first use is not what is measured
    carrier.times.clear()
    before, begun = spent(target), time.perf_counter()
    running = [gevent.spawn(call, carrier) for _ in arrivals(rate, seconds)]
    gevent.joinall(running, raise_error=True)
    took = time.perf_counter() - begun
    used = [after - earlier for after, earlier in zip(spent(target), before, strict=True)]
    if carrier.failures:
        raise SystemExit(f"{carrier.failures} webhooks were not answered as they should")
    posted = sum(map(len, carrier.times.values()))
    web, database, client = (each / posted for each in used)
    return Round(carrier.times, web, database, client, sum(used) / took)


def spent(target: Stage) -> tuple[float, float, float]:
    return target.cpu_seconds(), target.database_cpu_seconds(), time.process_time()


def measure(title: str, target: Stage, call: Callable[[Carrier], None], rate: float, seconds: float) -> None:
    found = play(target, call, rate, seconds)
    print(f"{title}: {rate:g} calls/s, {cpu(found)}")
    for path, times in found.times.items():
        p50, p99, worst = (1000 * share_of(times, share) for share in (0.5, 0.99, 1))
        print(f"  {path:<12} p50 {p50:6.1f}  p99 {p99:6.1f}  max {worst:6.1f} ms")


def cpu(found: Round) -> str:
    posted = sum(map(len, found.times.values()))
    web, database, client = (1000 * each for each in (found.web, found.database, found.client))
    return (
        f"{posted} webhooks, CPU each: web {web:.2f} + database {database:.2f} ms "
        f"(client {client:.2f}); {found.busy:.2f} cores busy"
    )


def climb(target: Stage, step: float, seconds: float) -> None:
    """More and more whole calls a second, until one kind of webhook waits too long."""
    carried = 0.0
    for number in range(1, MOST_STEPS + 1):
        rate = number * step
        found = play(target, whole_call, rate, seconds)
        every = [each for times in found.times.values() for each in times]
        p50, p99 = (1000 * share_of(every, share) for share in (0.5, 0.99))
        print(f"{rate:5g} calls/s: p50 {p50:.1f}, p99 {p99:.1f}, of the slowest kind {1000 * found.slowest:.1f} ms")
        print(f"      {cpu(found)}", flush=True)
        if found.slowest > GOAL:
            break
        carried = rate
    print(
        f"carried: {carried:g} whole calls/s with p99 of each kind <= {1000 * GOAL:g} ms ({7 * carried:g} webhooks/s)"
    )


def seat_an_agent(target: Stage) -> None:
    """Somebody is online and busy: callers wait instead of being sent to the voicemail."""
    import psycopg

    with psycopg.connect(target.database_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "UPDATE seat SET status = 'busy', lost_at = NULL WHERE account_id = (SELECT min(account_id) FROM seat)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50, help="first webhooks a second")
    parser.add_argument("--calls-per-second", type=float, default=10, help="whole calls a second")
    parser.add_argument("--ramp", action="store_true", help="find how many whole calls a second are carried")
    parser.add_argument("--step", type=float, default=5, help="by how many calls a second the ramp climbs")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20, help="of each round")
    parser.add_argument("--smoke", action="store_true", help="a moment only, to see that it works")
    options = parser.parse_args()
    with stage(options.processes) as target:
        seat_an_agent(target)
        if options.ramp:
            climb(target, options.step, options.seconds)
            return
        rate, calls, seconds = options.rate, options.calls_per_second, options.seconds
        measure("first webhook", target, first_webhook, *((5, 1) if options.smoke else (rate, seconds)))
        measure("whole calls", target, whole_call, *((1, 1) if options.smoke else (calls, seconds)))


if __name__ == "__main__":
    main()
