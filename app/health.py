"""Is this process alive, is the system ready, and what are its figures."""

import redis
from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.db import session

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers; nothing outside it is asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """503 names the part that is missing. Without Redis calls and cases still work, only slower to appear."""
    parts = {"database": _database(), "redis": _redis(), "classifier": "classifier" in current_app.extensions}
    status = 200 if parts["database"] and parts["classifier"] else 503
    return jsonify(status="ready" if status == 200 else "not ready", parts=parts), status


@bp.get("/metrics")
def figures() -> ResponseReturnValue:
    body, content_type = metrics.exposition()
    return Response(body, content_type=content_type)


def _database() -> bool:
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis() -> bool:
    client = redis.Redis.from_url(current_app.config["REDIS_URL"], socket_timeout=0.5, socket_connect_timeout=0.5)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
