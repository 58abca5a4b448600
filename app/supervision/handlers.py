"""Importing this registers what supervision does inside the recording transaction."""

from app.supervision import orders, unreached, watching

__all__ = ["orders", "unreached", "watching"]
