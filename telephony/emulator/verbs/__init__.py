"""The TwiML verbs. Importing this package registers them all with the executor."""

from telephony.emulator.verbs import control, dial, enqueue, gather, record, speak

__all__ = ["control", "dial", "enqueue", "gather", "record", "speak"]
