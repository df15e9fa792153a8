"""The part of the library that runs in the CDK's own process: JavaScript, loaded into it as every CDK library is.

[jsii's documentation](https://aws.github.io/jsii/specification/2-type-system/) says what such a package consists of.
This one is not compiled but written, in `package/`. jsii takes an archive; it is small enough to be made here, so that
nothing has to be built before the library can be used.
"""

import io
import tarfile
import tempfile
from importlib import resources
from pathlib import Path

import aws_cdk._jsii  # noqa: F401  what it calls is loaded before it
import constructs._jsii  # noqa: F401
import jsii

ASSEMBLY = "cdk-clarify-monitors"
_VERSION = "0.0.0"


def packed() -> bytes:
    """The package as an archive: the same bytes each time, so that jsii finds it in its cache."""
    archive = io.BytesIO()
    files = sorted(resources.files(__name__).joinpath("package").iterdir(), key=lambda file: file.name)
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for file in files:
            content = file.read_bytes()
            member = tarfile.TarInfo(f"package/{file.name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


with tempfile.TemporaryDirectory() as _folder:
    _path = Path(_folder, "package.tar")
    _path.write_bytes(packed())
    jsii.load(ASSEMBLY, _VERSION, str(_path))
