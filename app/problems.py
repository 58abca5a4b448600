"""Errors as people and machines see them: problem+json (RFC 9457) or a page, never a stack trace."""

from http import HTTPStatus
from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app.errors import DomainError, StaleVersion, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)

TITLES = {
    400: "请求格式不正确",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的操作",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "内容有误",
    429: "操作过于频繁，请稍后再试",
    500: "系统出了问题，已记录",
    503: "服务暂不可用，请稍后再试",
}


def install(app: APIFlask) -> None:
    # First: it also registers itself for every HTTPException, which `_http` must take back.
    app.error_processor(_validation)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(IntegrityError, _collision)
    for unfit in (DataError, UnicodeEncodeError, OverflowError):
        app.register_error_handler(unfit, _unfit)
    app.register_error_handler(StatementError, _statement)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unreachable, _unreachable)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, slug: str, title: str, detail: str = "", **facts: Any) -> Response:
    """A problem document for the API, or a page that says the same."""
    if _wants_page():
        page = render_template("error.html", status=status, title=title, detail=detail)
        return Response(page, status=status, content_type="text/html; charset=utf-8")
    body = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail or title, **facts}
    body["request_id"] = g.get("request_id", "")
    return Response(current_app.json.dumps(body), status=status, content_type="application/problem+json")


def _wants_page() -> bool:
    return not request.path.startswith(("/api/", "/telephony/")) and request.accept_mimetypes.accept_html


def _domain(error: DomainError) -> AnyResponse:
    if isinstance(error, Unauthenticated) and _wants_page() and request.method == "GET":
        return redirect(url_for("web.login", next=request.full_path.rstrip("?")))
    return problem(error.status, error.slug, error.title, error.message, **error.facts)


def _csrf(error: CSRFError) -> Response:
    log.info("form.refused", reason=str(error.description))
    return problem(400, "csrf", "页面已过期，请刷新后再试")


def _http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400 or error.response is not None:  # whoever aborted has said already what to show
        return error.get_response()
    response = problem(status, HTTPStatus(status).phrase.lower().replace(" ", "-"), TITLES.get(status, error.name))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _validation(error: HTTPError) -> Any:
    """APIFlask's answer to a body or query that does not fit its schema."""
    fields = _flatten(error.detail) if isinstance(error.detail, dict) else {}
    detail = "；".join(f"{name}：{text}" for name, text in fields.items())
    response = problem(error.status_code, "invalid", TITLES.get(error.status_code, "内容有误"), detail, fields=fields)
    return response.get_data(as_text=True), error.status_code, {"Content-Type": "application/problem+json"}


def _flatten(detail: dict[str, Any]) -> dict[str, str]:
    """{"json": {"field": ["why"]}} or pydantic's list of errors -> {"field": "why"}."""
    found: dict[str, str] = {}
    for place, errors in detail.items():
        rows = errors.items() if isinstance(errors, dict) else [(place, errors)]
        for field, reasons in rows:
            found[str(field)] = "、".join(map(str, reasons)) if isinstance(reasons, list) else str(reasons)
    return found


def _stale(_error: StaleDataError) -> Response:
    return problem(409, StaleVersion.slug, StaleVersion.title, "内容刚刚被他人更新，请刷新后再试")


def _collision(error: IntegrityError) -> Response:
    log.info("write.collided", error=type(error.orig).__name__)
    return problem(409, "conflict", "操作冲突", "同样的内容刚刚已被写入，请刷新后再看")


def _unfit(error: Exception) -> Response:
    """A NUL, half a surrogate pair, a number beyond all columns: no form's check names them, the database refuses."""
    log.info("write.unfit", error=type(error).__name__)
    return problem(422, "invalid", TITLES[422], "内容含有无法处理的字符或数值")


def _statement(error: StatementError) -> Response:
    """A value that could not even be sent; all else that a driver says is a bug of ours."""
    if isinstance(error.orig, OverflowError | UnicodeEncodeError):
        return _unfit(error.orig)
    return _unexpected(error)


def _unreachable(error: Exception) -> Response:
    log.error("database.unreachable", error=type(error).__name__)
    response = problem(503, Unavailable.slug, Unavailable.title, "数据库暂时无法访问，请稍后再试")
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> Response:
    # The route, not the address: the addresses of citizens and units are keys.
    route = request.url_rule.rule if request.url_rule else "unknown"
    log.error("request.crashed", route=route, exc_info=error)
    return problem(500, "internal", TITLES[500])
