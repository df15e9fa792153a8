"""The part of the library that runs in the CDK's own process: JavaScript, loaded into it as every CDK library is.

[jsii's documentation](https://aws.github.io/jsii/specification/2-type-system/) says what such a package consists of.
This one is not compiled but written, in `package/`; `hatch_build.py` packs it.
"""

import aws_cdk._jsii  # noqa: F401  what it calls is loaded before it
import constructs._jsii  # noqa: F401
import jsii

ASSEMBLY = jsii.JSIIAssembly.load("cdk-clarify-monitors", "0.0.0", "cdk_clarify_monitors", "package.tgz")
