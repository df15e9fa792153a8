"""Import path for code outside the functions."""

from .model.fingerprint import identify as identify
