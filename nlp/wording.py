"""Turns of speech as tables: words between blanks, the longest tried first."""


def any_of(words: str) -> str:
    """A pattern for any of the words; each may itself be a pattern without blanks."""
    return "|".join(sorted(words.split(), key=len, reverse=True))
