"""Browser clients and web phones: who may register, lines that break, and the SDK-shaped module in real browsers."""

from collections.abc import Callable
from typing import Any

import pytest
import websocket

from tests.telephony.emulator.harness import Party, World, token_for, until


def clients(world: World) -> str:
    return f"{world.carrier.url.replace('http', 'ws')}/clients"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("nonsense", 20101),
        ("", 20101),
        # Made when the test runs: one made when it is collected may be too old by then.
        ({"secret": "somebody else's secret, long enough"}, 20101),
        ({"account": "AC" + "8" * 32}, 20101),
        ({"ttl": -5}, 20104),
        ({"ttl": 100_000}, 20101),
    ],
)
def test_a_token_that_proves_nothing_registers_nobody(world: World, token: str | dict[str, Any], code: int) -> None:
    given = token if isinstance(token, str) else token_for("agent-1", **token)
    party = Party(clients(world), {"type": "register", "token": given})
    assert party.got("error")["code"] == code
    assert "client:agent-1" not in world.carrier.office.lines
    party.close()


def test_a_foreign_page_may_not_open_a_socket(world: World) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        Party(clients(world), origin="https://evil.example")
    assert refused.value.status_code == 403
    party = Party(clients(world), {"type": "register", "token": token_for("a")}, origin="http://hotline.example")
    party.got("registered", identity="a")
    party.close()


def test_a_registration_ends_with_its_token_and_a_new_one_prolongs_it(world: World) -> None:
    short = Party(clients(world), {"type": "register", "token": token_for("agent-1", ttl=2)})
    short.got("registered")
    short.order(type="token", token=token_for("agent-2"))
    short.got("error")
    short.got("error", code=20104, message="Access token has expired")
    until(lambda: "client:agent-1" not in world.carrier.office.lines)
    short.order(type="token", token=token_for("agent-1"))
    short.got("registered", 2)
    assert "client:agent-1" in world.carrier.office.lines
    short.close()


def test_two_windows_of_one_agent_ring_and_the_first_takes_the_call(world: World) -> None:
    one, two = world.agent(), world.agent()
    world.rest.calls.create(to="client:agent-1", from_="96310", twiml="<Response><Pause length='60'/></Response>")
    sid = one.got("incoming")["sid"]
    two.got("incoming")
    one.order(type="accept", sid=sid)
    two.got("canceled", sid=sid)
    one.got("status", status="in-progress")
    two.order(type="hangup", sid=sid)
    world.advance(0)
    assert world.rest.calls(sid).fetch().status == "in-progress"


def test_a_closed_page_hangs_up_at_once(world: World) -> None:
    world.answer(voice="<Pause length='600'/>")
    phone = world.phone()
    sid = phone.dial()
    phone.got("status", status="in-progress")
    phone.close()
    until(lambda: world.rest.calls(sid).fetch().status == "completed")


def test_a_broken_line_may_come_back_within_eight_seconds(world: World) -> None:
    world.answer(voice="<Gather input='speech' timeout='600' action='/heard'/>")
    phone = world.phone()
    sid = phone.dial()
    phone.got("listening", speech=True)
    phone.lose_connection()
    until(lambda: world.carrier.office.calls[sid].line is None)
    world.advance(7)
    url = f"{world.carrier.url.replace('http', 'ws')}/phones"
    stranger = Party(f"{url}?number=%2B8613911111111&resume={sid}")
    assert stranger.got("hello")["resumed"] == []
    stranger.close()
    back = Party(f"{url}?number=%2B8613800001234&resume={sid}")
    assert back.got("hello")["resumed"] == [sid]
    world.advance(10)
    back.sid = sid
    back.say("我又回来了")
    assert world.hotline.wait_for("/heard").form["SpeechResult"] == "我又回来了"
    back.close()


def test_a_line_that_stays_away_is_hung_up(world: World) -> None:
    world.answer(voice="<Pause length='600'/>")
    phone = world.phone()
    sid = phone.dial()
    phone.got("status", status="in-progress")
    phone.lose_connection()
    until(lambda: world.carrier.office.calls[sid].line is None)
    world.advance(8)
    assert world.rest.calls(sid).fetch().status == "completed"


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "{}", '{"type": "dial", "parameters": 3}', '{"type": "say"}'])
def test_malformed_messages_change_nothing(world: World, text: str) -> None:
    phone = world.phone()
    phone.socket.send(text)
    phone.order(type="sms", to="96310", text="还活着")
    phone.got("sms", text="还活着")


@pytest.mark.parametrize("number", ["", "abc", "%2B86138000012341234567"])
def test_a_phone_needs_a_number(world: World, number: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        Party(f"{world.carrier.url.replace('http', 'ws')}/phones?number={number}")
    assert refused.value.status_code == 400


def test_nobody_speaks_in_anothers_call(world: World) -> None:
    world.answer(voice="<Gather input='speech' action='/heard'/>")
    phone, thief = world.phone(), world.phone("+8613900000000")
    phone.dial()
    phone.got("listening", speech=True)
    thief.sid = phone.sid
    thief.say("假的")
    thief.hang_up()
    thief.order(type="sms", to="96310", text="同步")
    thief.got("sms", text="同步")
    phone.say("真的")
    assert world.hotline.wait_for("/heard").form["SpeechResult"] == "真的"


# --- the module for the agent console ----------------------------------------------------------------------------

CONSOLE = """<!doctype html><meta charset="utf-8"><title>console</title><script type="module">
import {{ Device }} from '{carrier}/client.js';
window.log = [];
const device = new Device('{token}', {{}});
window.device = device;
for (const event of ['registered', 'unregistered', 'error']) {{
  device.on(event, (e) => log.push([event, e?.code ?? null]));
}}
device.on('incoming', (call) => {{
  window.call = call;
  log.push(['incoming', call.parameters.From]);
  for (const event of ['accept', 'disconnect', 'cancel']) call.on(event, () => log.push([event, call.status()]));
  call.on('heard', (heard) => log.push(['heard', heard.text]));
}});
device.register().catch(() => {{}});
</script>"""


def open_console(world: World, new_page: Callable[..., Any], identity: str, token: str | None = None) -> Any:
    text = CONSOLE.format(carrier=world.carrier.url, token=token or token_for(identity))
    world.hotline.answers[f"/console/{identity}"] = (200, text, {"Content-Type": "text/html; charset=utf-8"})
    page = new_page()
    page.goto(f"{world.hotline.url}/console/{identity}")
    return page


def logged(page: Any, *entry: Any) -> None:
    page.wait_for_function(
        "(entry) => log.some((one) => JSON.stringify(one) === JSON.stringify(entry))", arg=list(entry)
    )


@pytest.mark.browser
def test_two_browsers_talk_through_the_device_module(world: World, new_page: Callable[..., Any]) -> None:
    one, two = open_console(world, new_page, "one"), open_console(world, new_page, "two")
    for page, identity in ((one, "one"), (two, "two")):
        logged(page, "registered", None)
        world.rest.conferences("talk").participants.create(from_="96310", to=f"client:{identity}")
        logged(page, "incoming", "96310")
        page.evaluate("call.accept()")
        logged(page, "accept", "open")
    until(lambda: world.rest.conferences.list(friendly_name="talk")[0].status == "in-progress")
    one.evaluate("call.say('喂，听得见吗')")
    logged(two, "heard", "喂，听得见吗")
    one.evaluate("call.mute(true)")
    assert one.evaluate("[call.isMuted(), call.say('自言自语')]") == [True, False]
    two.evaluate("call.say('听得见')")
    logged(one, "heard", "听得见")
    two.evaluate("call.disconnect()")
    logged(two, "disconnect", "closed")
    one.evaluate("device.destroy()")
    until(lambda: not world.carrier.office.lines.get("client:one"))


@pytest.mark.browser
def test_a_caller_who_gives_up_cancels_the_ringing_in_the_console(world: World, new_page: Callable[..., Any]) -> None:
    page = open_console(world, new_page, "one")
    logged(page, "registered", None)
    call = world.rest.calls.create(to="client:one", from_="96310", twiml="<Response/>")
    logged(page, "incoming", "96310")
    world.rest.calls(call.sid).update(status="completed")
    logged(page, "cancel", "closed")
    assert page.evaluate("device.isBusy") is False


@pytest.mark.browser
def test_a_refused_token_is_an_error_and_a_new_token_registers(world: World, new_page: Callable[..., Any]) -> None:
    page = open_console(world, new_page, "one", token="nonsense")
    logged(page, "error", 20101)
    page.evaluate("(token) => device.updateToken(token)", token_for("one"))
    logged(page, "registered", None)
