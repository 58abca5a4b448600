"""Errors of the domain. Each carries the HTTP status it is shown with and a Chinese sentence for the person."""

from typing import Any, ClassVar


class DomainError(Exception):
    """`facts` become members of the problem document; they must be safe to show."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "domain-error"
    title: ClassVar[str] = "请求无法完成"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class Unauthenticated(DomainError):
    status, slug, title = 401, "unauthenticated", "请先登录"


class Forbidden(DomainError):
    status, slug, title = 403, "forbidden", "没有权限"


class NotFound(DomainError):
    status, slug, title = 404, "not-found", "未找到"


class Conflict(DomainError):
    status, slug, title = 409, "conflict", "操作冲突"


class StaleVersion(Conflict):
    """Someone else changed the row first. `facts["version"]` is the current one."""

    slug, title = "stale-version", "内容已被他人更新"


class IllegalAction(Conflict):
    """The workflow table has no such step from the present state."""

    slug, title = "illegal-action", "当前状态不允许此操作"


class PreconditionRequired(DomainError):
    status, slug, title = 428, "precondition-required", "缺少版本号"


class TooLarge(DomainError):
    status, slug, title = 413, "too-large", "内容过大"


class UnsupportedMedia(DomainError):
    status, slug, title = 415, "unsupported-media", "不支持的文件类型"


class Invalid(DomainError):
    """Well-formed but wrong. `facts["fields"]`: {field: message}."""

    status, slug, title = 422, "invalid", "内容有误"


class Unavailable(DomainError):
    """Something outside this process is down; trying again later can succeed."""

    status, slug, title = 503, "unavailable", "服务暂不可用"
