"""Modules of the CDK that annotations name, imported when somebody looks the annotations up."""

from importlib import import_module
from typing import Any


class LazyModule:
    """Stands for a module in annotations: `typing.get_type_hints` finds its classes, and an import costs nothing.

    Args:
        name: The module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """A member of the module, which is imported for it."""
        return getattr(import_module(self._name), attribute)
