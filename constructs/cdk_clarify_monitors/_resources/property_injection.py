"""Property injection: an organisation's defaults for the arguments of monitors.

The CDK's [property injectors](https://docs.aws.amazon.com/cdk/v2/guide/blueprints.html) reach constructs that are made
in JavaScript, and the arguments of these monitors are Python's. So the injectors are looked for as the CDK does it, and
called with the arguments by their names in Python.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._validation import InvalidType, NamedArguments
from .stack import property_injector

if TYPE_CHECKING:
    from constructs import Construct

_Monitor = TypeVar("_Monitor", bound=type[Any])

# What `monitor-resources.js` refuses a monitor with whose arguments no injector has seen.
UNASKED: Final = "a property injector is to be asked first"


def property_injectable(cls: _Monitor) -> _Monitor:
    """Let property injectors for a class's `PROPERTY_INJECTION_ID` change the arguments of its constructor.

    Injectors are rare, and to look for one is a call into JavaScript: it is done where JavaScript says that there is
    one, and where the arguments are refused as they are.
    """
    construct: Callable[..., None] = cls.__init__

    @functools.wraps(construct)
    def injected(self: Any, scope: Construct, id: str, **arguments: Any) -> None:  # noqa: A002  CDK's name
        self._is_injected = False
        try:
            construct(self, scope, id, **arguments)
        except (TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and UNASKED not in str(error):
                raise
            injector = property_injector(scope, cls.PROPERTY_INJECTION_ID)
            if injector is None:
                raise
        else:
            return
        changed = _inject(injector, arguments, scope, id)
        NamedArguments.__new__(cls, scope, id, **changed)  # refuses names that there are not
        self._is_injected = True
        construct(self, scope, id, **changed)

    cls.__init__ = injected
    return cls


def _inject(injector: Any, arguments: Mapping[str, Any], scope: Construct, id_: str) -> dict[str, Any]:
    changed = injector.inject({**arguments}, scope=scope, id=id_)
    if not isinstance(changed, Mapping):
        remedy = "return {**original_props, 'output_kms_key': key}, for instance"
        raise InvalidType("inject", "return a mapping of arguments", changed, remedy)
    return {**changed}
