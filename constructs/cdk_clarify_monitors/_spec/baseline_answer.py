"""How many values of the baseline fit into what the custom resource answers to CloudFormation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from .._validation import STRING_TOKEN

if TYPE_CHECKING:
    from .monitor_spec import MonitorSpec

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
MAX_ANSWER_BYTES: Final = 4096

# As long as CloudFormation and SageMaker let them be. A token is counted as the name of a bucket.
_STACK_ID: Final = f"arn:aws-us-gov:cloudformation:us-gov-west-1:111111111111:stack/{'s' * 128}/{'0' * 36}"
_LOGICAL_ID, _REQUEST_ID, _JOB_NUMBER = "l" * 255, "0" * 36, "-100"
_FINGERPRINT, _DIGEST = "0" * 16, "0" * 32
_BUCKET_NAME: Final = "b" * 63
_VALUE: Final = ', "Value100": "-2.2250738585072014e-308"'


def values_that_fit(spec: MonitorSpec) -> int:
    """The number of values for which there is room beside the other attributes.

    Args:
        spec: A monitor with a baselining job.
    """
    layout = spec.s3_layout
    job = f"{spec.names.job_prefix}-{_FINGERPRINT}{_JOB_NUMBER}"
    data = {"BaseliningJobName": job}
    if layout.monitoring_configs:
        uri = layout.monitoring_configs.location.uri
        data["AnalysisConfigS3Uri"] = f"{uri}/{_DIGEST}/analysis_config.json"
    if layout.baselining_results and layout.baselining_configs:
        overridden = f"constraints-{_FINGERPRINT}/" if spec.analysis.constraints_overrides else ""
        data["ConstraintsS3Uri"] = f"{layout.baselining_results.location.uri}/{job}/{overridden}analysis.json"
        data["BaseliningAnalysisConfigS3Uri"] = f"{layout.baselining_configs.location.uri}/{job}/analysis_config.json"
    answer = {
        "Status": "SUCCESS",
        "Reason": "SUCCESS",
        "StackId": _STACK_ID,
        "RequestId": _REQUEST_ID,
        "LogicalResourceId": _LOGICAL_ID,
        "PhysicalResourceId": f"{job}-{_FINGERPRINT}",
        "Data": {name: STRING_TOKEN.sub(_BUCKET_NAME, uri) for name, uri in data.items()},
    }
    room = MAX_ANSWER_BYTES - len(json.dumps(answer, ensure_ascii=False).encode())
    return max(room // len(_VALUE), 0)
