"""The classifier as it is shipped: loading it takes half a second, once in each process of the tests at most."""

from functools import cache

from nlp.understand import TextUnderstanding, load


@cache
def shipped() -> TextUnderstanding:
    return load()
