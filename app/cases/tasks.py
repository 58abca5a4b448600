"""What is done with cases in the background."""

from celery import shared_task

from app.cases import service
from app.db import transaction
from app.idempotency.service import forget_old


@shared_task(name="cases.sweep")  # type: ignore[untyped-decorator]
def sweep_cases() -> None:
    with transaction():
        service.resume_due()
    with transaction():
        forget_old()
