"""The import path for scripts outside the functions; the code: model/properties.py."""

from .model.properties import Properties

__all__ = ["Properties"]
