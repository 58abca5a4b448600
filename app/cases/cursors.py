"""Where a page ends: the last row's place in the order and its id, so that new rows shift nothing."""

import base64
import binascii
import json
from datetime import datetime

from app.errors import Invalid


def cursor_after(moment: datetime | None, row_id: int) -> str:
    told = [moment and moment.isoformat(), row_id]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime | None, int]:
    try:
        told, row_id = json.loads(base64.urlsafe_b64decode(cursor))
        moment = None if told is None else datetime.fromisoformat(told)
        if moment is not None and moment.tzinfo is None:
            raise ValueError("no zone")
        return moment, int(row_id)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid("cursor 无效", fields={"cursor": "无效"}) from None
