"""Time limits, retries, fallback, signatures, and status callbacks in disorder."""

import socket
import threading
from collections import Counter
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from telephony.emulator.webhooks import sign
from tests.telephony.emulator.harness import TOKEN, Carrier, Hotline, Party, World, until

FALLBACK = "/telephony/voice/fallback"
SORRY = "<Say>系统繁忙，请稍候</Say>"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (500, "11200"),
        (404, "11200"),
        ((200, "<Response><Say>未闭合</Response>", {"Content-Type": "text/xml"}), "12100"),
        ((200, "<html/>", {"Content-Type": "text/xml"}), "12100"),
        ((200, "<!DOCTYPE x><Response/>", {"Content-Type": "text/xml"}), "12100"),
        ((200, "", {"Content-Type": "text/xml"}), "12100"),
        ((200, "{}", {"Content-Type": "application/json"}), "12300"),
        ((200, f"<Response>{' ' * 65537}</Response>", {"Content-Type": "text/xml"}), "11750"),
    ],
)
def test_an_unusable_answer_leads_to_the_fallback_url_and_is_not_asked_for_again(
    world: World, answer: object, code: str
) -> None:
    world.hotline.answers |= {"/telephony/voice": answer, FALLBACK: SORRY}
    phone = world.phone()
    phone.dial()
    phone.heard("系统繁忙，请稍候")
    told = world.hotline.wait_for(FALLBACK)
    assert (told.form["ErrorCode"], told.form["ErrorUrl"]) == (code, world.url("/telephony/voice"))
    assert told.form["CallSid"] == phone.sid
    assert len(world.hotline.requests("/telephony/voice")) == 1


def test_after_fifteen_seconds_without_an_answer_the_fallback_is_asked(world: World) -> None:
    release = threading.Event()

    def hang(_: object) -> str:
        release.wait(10)
        return ""

    world.hotline.answers |= {"/telephony/voice": hang, FALLBACK: SORRY}
    phone = world.phone()
    phone.dial()
    world.hotline.wait_for("/telephony/voice")
    world.advance(14.9, force=True)
    assert not world.hotline.requests(FALLBACK)
    world.advance(0.2, force=True)
    phone.heard("系统繁忙，请稍候")
    release.set()
    assert len(world.hotline.requests("/telephony/voice")) == 1


def test_a_failing_action_url_goes_to_the_fallback_too(world: World) -> None:
    world.answer(voice="<Redirect>/broken</Redirect>", broken=503)
    world.hotline.answers[FALLBACK] = SORRY
    phone = world.phone()
    phone.dial()
    phone.heard("系统繁忙，请稍候")
    assert world.hotline.wait_for(FALLBACK).form["ErrorUrl"] == world.url("/broken")


def test_when_the_fallback_fails_too_the_caller_is_told_and_hung_up(world: World) -> None:
    world.hotline.answers |= {"/telephony/voice": 500, FALLBACK: 500}
    phone = world.phone()
    phone.dial()
    assert "application error" in phone.got("heard")["text"]
    world.advance(10)
    phone.got("ended", status="completed")


def test_documents_that_redirect_in_circles_end_the_call(world: World) -> None:
    world.answer(voice="<Redirect/>")
    phone = world.phone()
    phone.dial()
    assert "application error" in phone.got("heard")["text"]
    assert len(world.hotline.requests("/telephony/voice")) < 60


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_dead_server_is_tried_twice_with_the_same_token_and_then_given_up(tmp_path: Path) -> None:
    carrier = Carrier(f"http://127.0.0.1:{closed_port()}", tmp_path)
    try:
        phone = Party(f"{carrier.url.replace('http', 'ws')}/phones?number=%2B8613800001234")
        phone.dial()
        assert "application error" in phone.got("heard")["text"]
        log = [line for line in carrier.office.postman.log if line.url.endswith("/voice")]
        assert len(log) == 2
        assert all("ClientConnectorError" in line.result for line in log)
        phone.close()
    finally:
        carrier.close()


def test_a_host_that_does_not_exist_has_its_own_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def know_only_home(host: str, *rest: object, **options: object) -> object:
        if host == "no-such-host.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", know_only_home)
    world.hotline.answers[FALLBACK] = SORRY
    world.answer(voice="<Redirect>http://no-such-host.invalid/x</Redirect>")
    phone = world.phone()
    phone.dial()
    assert world.hotline.wait_for(FALLBACK).form["ErrorCode"] == "11210"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hotline.example/telephony/voice", {"CallSid": "CA1", "From": "+86138", "Empty": ""}),
        ("https://hotline.example/telephony/sms?a=1&b=%E5%AE%81", {"Body": "百丈路 & 井盖"}),
        ("https://hotline.example/wait?", {}),
    ],
)
def test_the_signature_is_the_one_twilios_own_validator_computes(url: str, form: dict[str, str]) -> None:
    assert sign(url, form, TOKEN) == RequestValidator(TOKEN).compute_signature(url, form)


# --- chaos -------------------------------------------------------------------------------------------------------


def call_with_callbacks(world: World) -> Party:
    phone = world.phone()
    world.rest.calls.create(
        to="+8613800001234",
        from_="96310",
        twiml="<Response><Pause length='60'/></Response>",
        status_callback=world.url("/progress"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    phone.accept()
    phone.hang_up()
    phone.got("ended")
    return phone


def sequence(hotline: Hotline) -> list[str]:
    return [asked.form["SequenceNumber"] for asked in hotline.requests("/progress")]


def test_without_chaos_callbacks_of_a_call_come_in_order(world: World) -> None:
    call_with_callbacks(world)
    world.hotline.wait_for("/progress", 4)
    assert sequence(world.hotline) == ["0", "1", "2", "3"]


def test_the_chaos_switch_shuffles_and_repeats(world: World) -> None:
    world.carrier.set_chaos(shuffle=True, repeat=1, delay=5)
    call_with_callbacks(world)
    world.advance(4.9)
    assert not sequence(world.hotline)
    world.advance(0.2)
    world.hotline.wait_for("/progress", 8)
    assert Counter(sequence(world.hotline)) == {"0": 2, "1": 2, "2": 2, "3": 2}
    assert sequence(world.hotline) != sorted(sequence(world.hotline))
    tokens = Counter(asked.headers["i-twilio-idempotency-token"] for asked in world.hotline.requests("/progress"))
    assert set(tokens.values()) == {2}


def test_the_chaos_switch_delays(world: World) -> None:
    world.carrier.set_chaos(delay=3)
    call_with_callbacks(world)
    world.advance(2.9)
    assert not sequence(world.hotline)
    world.advance(0.2)
    until(lambda: sequence(world.hotline) == ["0", "1", "2", "3"])


def test_a_failing_callback_url_disturbs_nothing(world: World) -> None:
    world.answer(progress=500)
    call_with_callbacks(world)
    world.hotline.wait_for("/progress", 4)
    assert sequence(world.hotline) == ["0", "1", "2", "3"]
