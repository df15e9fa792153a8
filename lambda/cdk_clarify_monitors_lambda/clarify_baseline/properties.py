"""Import path of model/properties.py for code outside the functions."""

from .model.properties import Properties

__all__ = ["Properties"]
