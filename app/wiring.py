"""The real parts behind the ports: which carrier and which classifier this installation runs on."""

import gc

from apiflask import APIFlask

from app.config import Settings
from app.extensions import socketio
from app.factory import create_app
from app.learning.live import LiveClassifier, Watcher
from app.learning.registry import folder_of
from app.realtime.relay import Relay
from app.workshop import NlpWorkshop
from telephony.ports import Carrier


def make_app(settings: Settings, *, lazily: bool = False) -> APIFlask:
    """`lazily`: load the classifier when it is first asked; background processes hardly ever do."""
    workshop = NlpWorkshop(settings)
    classifier = LiveClassifier(workshop, folder_of(settings.data_dir))
    app = create_app(settings, carrier=make_carrier(settings), classifier=classifier, workshop=workshop)
    if not lazily:
        Watcher(app, classifier, socketio).step()
    return app


def make_carrier(settings: Settings) -> Carrier:
    """Twilio, or anything that speaks its protocol at TWILIO_API_BASE_URL: the emulator and gateways alike."""
    from telephony.twilio.account import TwilioAccount
    from telephony.twilio.carrier import TwilioCarrier

    return TwilioCarrier(
        TwilioAccount(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            api_key=settings.twilio_api_key,
            api_secret=settings.twilio_api_secret.get_secret_value(),
            application_sid=settings.twilio_application_sid,
            base_url=settings.twilio_api_base_url or None,
            sms_sender=settings.sms_sender,
            hotline_number=settings.hotline_number,
        )
    )


def begin_serving(app: APIFlask) -> None:
    """In a web process, before its first request: the classifier is loaded and kept new, the consoles' relay runs."""
    settings: Settings = app.extensions["settings"]
    classifier: LiveClassifier = app.extensions["classifier"]
    Watcher(app, classifier, socketio).start()
    classifier.understand("路灯不亮")
    # Dictionaries and model are millions of objects that stay: looking through them all again and again would hold up
    # a request for a fifth of a second each time.
    gc.collect()
    gc.freeze()
    Relay(app, socketio, settings.redis_url).start()
