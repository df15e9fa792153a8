"""MiniStack as this server needs it: SageMaker plugged in, and gaps closed that matter to custom resources.

MiniStack has no interface for plugins, so this package reaches into its private names. `_private_names` lists them, and
`install` refuses to go on, by name, when one of them is gone. MiniStack is pinned to one version for this reason.
"""

from cdk_clarify_monitors_local.server.ministack._alarms import MiniStackAlarms
from cdk_clarify_monitors_local.server.ministack._failing_calls import with_faults
from cdk_clarify_monitors_local.server.ministack._install import install
from cdk_clarify_monitors_local.server.ministack._platform import MiniStackPlatform
from cdk_clarify_monitors_local.server.ministack.accounts._access import MiniStackAccess
from cdk_clarify_monitors_local.server.ministack.accounts._account import move_account

__all__ = ["MiniStackAccess", "MiniStackAlarms", "MiniStackPlatform", "install", "move_account", "with_faults"]
