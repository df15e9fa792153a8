"""SageMaker's API for monitors, a module for each kind of resource.

Each module has a service: a class whose `operations` answer requests on what it keeps in a `Region`. `ControlPlane`
joins them.
"""

from cdk_clarify_monitors_local.server.sagemaker._control_plane import ControlPlane
from cdk_clarify_monitors_local.server.sagemaker._job_definitions import DEFINITION_KINDS

__all__ = ["DEFINITION_KINDS", "ControlPlane"]
