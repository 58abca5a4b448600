"""Importing this registers what supervision does inside the recording transaction."""

from app.supervision import orders, watching

__all__ = ["orders", "watching"]
