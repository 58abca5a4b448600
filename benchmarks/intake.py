"""How many complaints a web process takes in: `python -m benchmarks.intake [--cases N] [--at-once N] [--processes N]`.

REST: an agent's form is stored, filed, routed, dispatched, its deadline worked out, three lines of history and the
citizen's SMS written, and the whole case returned. SMS: a citizen's signed message is classified, stored as a draft
with suggestions, and answered. Durable PostgreSQL, Valkey, `--processes` web processes under gunicorn. Prints cases per
second, the web processes' CPU per case, and latencies. The client shares the machine: the rates are lower bounds.
"""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import base64  # noqa: E402
import hashlib  # noqa: E402
import hmac  # noqa: E402
import json  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from itertools import count  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

from gevent.pool import Pool  # noqa: E402

from benchmarks._client import Connections, enter  # noqa: E402
from benchmarks._stage import Stage, stage  # noqa: E402

FORM = {
    "class_code": "C0103",
    "condition_no": 1,
    "description": "百丈路和中兴路口的雨水井盖不见了，晚上很危险，请尽快处理",
    "address": "百丈路与中兴路口",
    "district": "330212",
    "street": "330212008",
    "reporter_name": "周女士",
}
TEXT = "江东区百丈路和中兴路口的井盖不见了，晚上很危险，请尽快处理"
_numbers = count(1)
Post = Callable[[], None]


def rest(target: Stage, connections: Connections) -> Post:
    headers = enter(connections)

    def post() -> None:
        number = next(_numbers)
        body = json.dumps({**FORM, "reporter_phone": f"138{number:08d}"})
        connections.send("POST", "/api/v1/cases", body, {**headers, "Idempotency-Key": f"intake-{number:08d}"}, 201)

    return post


def sms(target: Stage, connections: Connections) -> Post:
    """Signed as the carrier signs."""

    def post() -> None:
        number = next(_numbers)
        form = {"MessageSid": f"SM{number:032x}", "From": f"+86138{number:08d}", "To": "96310", "Body": TEXT}
        signed = f"{target.url}/telephony/sms" + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(target.auth_token.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connections.send("POST", "/telephony/sms", urlencode(form), headers)

    return post


def measure(name: str, target: Stage, connections: Connections, post: Post, cases: int, at_once: int) -> bool:
    for _ in range(min(cases, 30)):  # caches and prepared statements
        post()
    connections.times.clear()
    connections.failures = 0
    pool = Pool(at_once)
    cpu, begun = target.cpu_seconds(), time.perf_counter()
    for _ in range(cases):
        pool.spawn(post)
    pool.join()
    took, cpu = time.perf_counter() - begun, target.cpu_seconds() - cpu
    times = sorted(connections.times)
    print(
        f"{name:5} {cases / took:7.1f} cases/s   {cpu / cases * 1000:5.2f} ms CPU a case   "
        f"median {times[len(times) // 2] * 1000:.0f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.0f} ms "
        f"({cases} cases, {at_once} at once, {connections.failures} failed)",
        flush=True,
    )
    return connections.failures == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    cases = 20 if options.smoke else options.cases
    with stage(options.processes) as target:
        rounds = [
            measure(way.__name__, target, connections, way(target, connections), cases, options.at_once)
            for way in (rest, sms)
            for connections in [Connections(target)]
        ]
    return 0 if all(rounds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
