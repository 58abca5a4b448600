"""How long the carrier waits for our answers: `python -m benchmarks.voice_webhook [--processes N]`.

Calls arrive by the clock whether or not earlier ones have been answered (an open loop: a slow answer delays nobody but
itself, as with a real carrier), on real PostgreSQL, Valkey and gunicorn. Two rounds: the first webhook alone (`--rate`
a second), then whole calls of seven webhooks (`--calls` a second). Prints the median, p99 and worst of each kind, and
the web process's CPU per webhook. The client shares the machine, so the figures are upper bounds.
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
from collections import defaultdict  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from itertools import count  # noqa: E402
from urllib.parse import urlencode, urlsplit  # noqa: E402

import gevent  # noqa: E402

from benchmarks._stage import Stage, stage  # noqa: E402

SPEECH = "百丈路和中兴路口的井盖不见了，晚上很危险，请尽快处理"
Times = dict[str, list[float]]
_numbers = count(1)


class Carrier:
    """Signed webhooks over connections that are kept open, as a proxy in front of the web process keeps them."""

    def __init__(self, target: Stage) -> None:
        self._token = target.auth_token.encode()
        self._base = target.url
        self._host = urlsplit(target.url).netloc
        self._idle: list[http.client.HTTPConnection] = []
        self.times: Times = defaultdict(list)
        self.failures = 0

    def post(self, path: str, sid: str, **fields: object) -> None:
        form = {"CallSid": sid, "From": f"+86138{int(sid[2:], 16):08d}", "To": "96310", "CallStatus": "in-progress"}
        form |= {name: str(value) for name, value in fields.items()}
        address = f"/telephony/voice{path}"
        signed = self._base + address + "".join(name + form[name] for name in sorted(form))
        signature = base64.b64encode(hmac.new(self._token, signed.encode(), hashlib.sha1).digest()).decode()
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        connection = self._idle.pop() if self._idle else http.client.HTTPConnection(self._host, timeout=15)
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
        TranscriptionData=json.dumps({"transcript": SPEECH, "confidence": 0.9}, ensure_ascii=False),
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


def measure(title: str, target: Stage, call: Callable[[Carrier], None], rate: float, seconds: float) -> None:
    carrier = Carrier(target)
    call(carrier)  # what is loaded on first use is not what is measured
    carrier.times.clear()
    cpu = target.cpu_seconds()
    running = [gevent.spawn(call, carrier) for _ in arrivals(rate, seconds)]
    gevent.joinall(running, raise_error=True)
    used = target.cpu_seconds() - cpu
    posted = sum(map(len, carrier.times.values()))
    print(f"{title}: {rate:g} calls/s, {posted} webhooks, {1000 * used / posted:.2f} ms CPU each")
    for path, times in carrier.times.items():
        ranked = sorted(times)
        p50, p99, worst = (1000 * ranked[int((len(ranked) - 1) * share)] for share in (0.5, 0.99, 1))
        print(f"  {path:<12} p50 {p50:6.1f}  p99 {p99:6.1f}  max {worst:6.1f} ms")
    if carrier.failures:
        raise SystemExit(f"{carrier.failures} webhooks were not answered as they should")


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
    # Seven webhooks a call: at the full rate that is more than two web processes are meant for.
    parser.add_argument("--calls", type=float, default=10, help="whole calls a second")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--smoke", action="store_true", help="a moment only, to see that it works")
    options = parser.parse_args()
    rate, calls, seconds = (5, 1, 1) if options.smoke else (options.rate, options.calls, options.seconds)
    with stage(options.processes) as target:
        seat_an_agent(target)
        measure("first webhook", target, first_webhook, rate, seconds)
        measure("whole calls", target, whole_call, calls, seconds)


if __name__ == "__main__":
    main()
