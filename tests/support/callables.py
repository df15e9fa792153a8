"""What of a package can be called: for tests of its annotations."""

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def public_callables(package: ModuleType, name: str) -> Iterator[Any]:
    """A public name, and what is written of its class: constructor, methods, and the getters of properties."""
    public = getattr(package, name)
    if inspect.isclass(public) or inspect.isfunction(public):
        yield public
    members = vars(public) if inspect.isclass(public) else {}
    for member_name, member in members.items():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        is_public = member_name == "__init__" or not member_name.startswith("_")
        if is_public and inspect.isfunction(function) and function.__module__ == public.__module__:
            yield function
