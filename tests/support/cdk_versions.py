"""What only some of the versions of the CDK have that the library works with."""

from importlib import metadata

import aws_cdk as cdk
import pytest

_VERSION = f"aws-cdk-lib {metadata.version('aws-cdk-lib')}"

needs_validations = pytest.mark.skipif(
    not hasattr(cdk, "Validations"), reason=f"{_VERSION} does not validate templates"
)
needs_weak_references = pytest.mark.skipif(
    not hasattr(cdk.Fn, "get_stack_output"), reason=f"all references between stacks are exports with {_VERSION}"
)
# The CDK 2.206 looks for acknowledgements on the ancestors only.
needs_own_acknowledgements = pytest.mark.skipif(
    not hasattr(cdk.Annotations, "acknowledge_info"),
    reason=f"a construct's later warnings cannot be acknowledged on itself with {_VERSION}",
)
