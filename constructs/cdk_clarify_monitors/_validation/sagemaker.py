"""SageMaker's rules that several arguments keep: names, instances and times.

See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Types.html.
"""

from __future__ import annotations

from typing import Final

from .scalars import integer, text

_NAME: Final = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_NAME_FORM: Final = "letters, digits and hyphens, no hyphen first or last"

# Of an endpoint, a model, a job or a schedule.
NAME: Final = text(pattern=_NAME, form=_NAME_FORM, max_length=63)
# What a name is to begin with, which is cut to what fits.
NAME_BASE: Final = text(pattern=_NAME, form=_NAME_FORM)

INSTANCE_TYPE: Final = text(pattern=r"ml\..+", form="an instance type of SageMaker's, like ml.m5.xlarge")
INSTANCE_COUNT: Final = integer(1, 100)
VOLUME_SIZE_IN_GB: Final = integer(1, 16384)

# A day for monitoring executions, nine days for other processing jobs.
MAX_RUNTIME_IN_SECONDS: Final = integer(1, 86_400)
MAX_RUNTIME_OF_JOB_IN_SECONDS: Final = integer(1, 777_600)
# Of an execution's data, relative to its schedule.
TIME_OFFSET: Final = text(pattern=".?P.*", form="a duration in ISO 8601 such as -PT1H", max_length=15)
