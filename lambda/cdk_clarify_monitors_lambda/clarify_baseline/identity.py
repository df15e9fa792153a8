"""Import path of model/fingerprint.py for code outside the functions."""

from .model.fingerprint import identify

__all__ = ["identify"]
