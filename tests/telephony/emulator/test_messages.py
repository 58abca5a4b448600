"""SMS between the hotline and the web phones."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from telephony.emulator.messages import opt_out_type
from tests.telephony.emulator.harness import TOKEN, Carrier, Party, World

PHONE = "+8613800001234"


def send(world: World, text: str, **more: object) -> object:
    return world.rest.messages.create(to=PHONE, from_="96310", body=text, **more)


def test_a_message_is_accepted_delivered_and_its_progress_told(world: World) -> None:
    phone = world.phone()
    message = send(world, "您的诉求已受理", status_callback=world.url("/sms-progress"))
    assert (message.status, message.num_segments, message.error_code) == ("queued", "1", None)
    world.advance(1)
    assert phone.got("sms")["text"] == "您的诉求已受理"
    world.hotline.wait_for("/sms-progress", 2)
    told = [asked.form["MessageStatus"] for asked in world.hotline.requests("/sms-progress")]
    assert told == ["sent", "delivered"]
    asked = world.hotline.requests("/sms-progress")[0]
    assert RequestValidator(TOKEN).validate(asked.url, asked.form, asked.headers["x-twilio-signature"])
    assert world.rest.messages(message.sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"to": "13800001234", "from_": "96310", "body": "x"}, 21211),
        ({"to": PHONE, "body": "x"}, 21603),
        ({"to": PHONE, "from_": "96310"}, 21602),
        ({"to": PHONE, "from_": "10086", "body": "x"}, 21606),
        ({"to": PHONE, "from_": "96310", "body": "长" * 1601}, 21617),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused_with_twilios_code(
    world: World, form: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        world.rest.messages.create(**form)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_a_text_to_the_hotline_reaches_its_webhook_and_the_reply_comes_back(world: World) -> None:
    world.hotline.answers["/telephony/sms"] = "<Message><Body>已收到</Body></Message>"
    phone = world.phone()
    phone.order(type="sms", to="96310", text="江东区百丈路井盖丢失😀")
    asked = world.hotline.wait_for("/telephony/sms")
    assert asked.form["Body"] == "江东区百丈路井盖丢失😀"
    assert (asked.form["NumMedia"], "OptOutType" in asked.form) == ("0", False)
    assert RequestValidator(TOKEN).validate(asked.url, asked.form, asked.headers["x-twilio-signature"])
    world.advance(1)
    phone.got("sms", text="已收到", direction="outbound-reply")


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe"])
def test_who_writes_stop_gets_nothing_more_until_start(world: World, word: str) -> None:
    phone = world.phone()
    phone.order(type="sms", to="96310", text=word)
    assert world.hotline.wait_for("/telephony/sms").form["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as refused:
        send(world, "又一条")
    assert refused.value.code == 21610
    phone.order(type="sms", to="96310", text="START")
    assert world.hotline.wait_for("/telephony/sms", 2).form["OptOutType"] == "START"
    assert send(world, "欢迎回来").status == "queued"


@pytest.mark.parametrize("text", ["please stop the noise", "退订", "TD", "停", "STOP."])
def test_only_the_carriers_own_words_alone_are_an_opt_out(text: str) -> None:
    assert opt_out_type(text) == ""


def test_a_reply_to_somebody_who_opted_out_is_not_delivered(world: World) -> None:
    world.hotline.answers["/telephony/sms"] = "<Message>您已退订</Message>"
    phone = world.phone()
    phone.order(type="sms", to="96310", text="STOP")
    world.hotline.wait_for("/telephony/sms")
    world.advance(2)
    assert not [event for event in phone.events if event.get("text") == "您已退订"]


def test_undeliverable_messages_can_be_provoked(world: World) -> None:
    world.carrier.set_chaos(sms_error=30003)
    phone = world.phone()
    message = send(world, "到不了", status_callback=world.url("/sms-progress"))
    world.advance(1)
    told = world.hotline.wait_for("/sms-progress", 2).form
    assert (told["MessageStatus"], told["ErrorCode"]) == ("undelivered", "30003")
    assert world.rest.messages(message.sid).fetch().error_code == 30003
    assert not [event for event in phone.events if event["type"] == "sms"]


def test_threads_and_opt_outs_survive_a_restart(world: World) -> None:
    phone = world.phone()
    send(world, "记得我")
    world.advance(1)
    phone.got("sms", text="记得我")
    phone.order(type="sms", to="96310", text="STOP")
    world.hotline.wait_for("/telephony/sms")
    again = Carrier(world.hotline.url, world.carrier.settings.data_dir)
    try:
        other = Party(f"{again.url.replace('http', 'ws')}/phones?number=%2B{PHONE[1:]}")
        assert [message["text"] for message in other.got("hello")["thread"]][:2] == ["记得我", "STOP"]
        with pytest.raises(TwilioRestException):
            again.client().messages.create(to=PHONE, from_="96310", body="x")
        other.close()
    finally:
        again.close()
