"""The one way in which local start-up says no."""


class Refusal(Exception):
    """A start-up problem that a person can mend; the text is the whole message and needs no traceback."""
