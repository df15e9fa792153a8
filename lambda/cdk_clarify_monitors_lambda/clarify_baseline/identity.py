"""The import path for scripts outside the functions; the code: model/fingerprint.py."""

from .model.fingerprint import identify

__all__ = ["identify"]
