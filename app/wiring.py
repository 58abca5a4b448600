"""The real parts behind the ports: which carrier and which classifier this installation runs on."""

from functools import cached_property

from apiflask import APIFlask

from app.config import Settings
from app.extensions import socketio
from app.factory import create_app
from app.realtime.relay import Relay
from nlp.types import Classifier, Place, Understanding
from telephony.ports import Carrier


def make_app(settings: Settings, *, lazily: bool = False) -> APIFlask:
    """`lazily`: load the classifier when it is first asked; background processes hardly ever do."""
    classifier = LazyClassifier(settings) if lazily else make_classifier(settings)
    return create_app(settings, carrier=make_carrier(settings), classifier=classifier)


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


def make_classifier(settings: Settings) -> Classifier:
    from nlp.understand import load

    return load(settings.data_dir / "nlp")


def begin_serving(app: APIFlask) -> None:
    """In a web process, before its first request: the classifier is loaded and the consoles' relay runs."""
    app.extensions["classifier"].understand("路灯不亮")
    settings: Settings = app.extensions["settings"]
    Relay(app, socketio, settings.redis_url).start()


class LazyClassifier:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _loaded(self) -> Classifier:
        return make_classifier(self._settings)

    def understand(self, text: str) -> Understanding:
        return self._loaded.understand(text)

    def find_places(self, text: str) -> tuple[Place, ...]:
        return self._loaded.find_places(text)

    def redact(self, text: str) -> str:
        return self._loaded.redact(text)
