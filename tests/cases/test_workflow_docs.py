"""docs/workflow.md says what the table says."""

import xml.etree.ElementTree as xml

from app.cases.terms import LABELS, State
from scripts import workflow_docs


def test_page_and_picture_are_up_to_date() -> None:
    assert workflow_docs.PAGE.read_text(encoding="utf-8") == workflow_docs.page(), "python -m scripts.workflow_docs"
    assert workflow_docs.PICTURE.read_text(encoding="utf-8") == workflow_docs.picture(), (
        "python -m scripts.workflow_docs"
    )


def test_the_picture_shows_every_state_and_is_well_formed() -> None:
    words = {node.text for node in xml.fromstring(workflow_docs.picture()).iter() if node.text}
    assert {LABELS[state] for state in State} <= words
