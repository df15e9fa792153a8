"""A fleet: one bias monitor for each row of fleet.csv, in two stacks for each account and region.

What it shows: a row added or removed changes the stack of that row only, and a stack that fails is rolled back alone.
Rows with constraints from earlier keep them; for the others the deployment runs baselining jobs. An account's stacks
are deployed with its credentials: npx cdk deploy "Fleet/111111111111-*". docs/fleets.md has the pipeline for all.

What it costs on AWS: once, minutes of two processing jobs on ml.m5.xlarge, one for each row without constraints;
daily, minutes of twelve such jobs: for each monitor one merges captured data with ground truth, one analyses them.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

ENVIRONMENTS = [
    cdk.Environment(account="111111111111", region="eu-central-1"),
    cdk.Environment(account="222222222222", region="eu-central-1"),
]
DATA = "s3://loans-{account}/{endpoint}"  # has train.csv, capture/, ground-truth/
HEADERS = ["approved", "sex", "income", "predicted"]  # of train.csv: the model's predictions are in there


def build_monitor(stack: cdk.Stack, id_: str, row: Mapping[str, str]) -> clarify.ModelBiasMonitorConstruct:
    """The monitor of a row."""
    data = DATA.format(**row)
    return clarify.ModelBiasMonitorConstruct(
        stack,
        id_,
        endpoint_input=row["endpoint"],
        data_capture_s3_uri=f"{data}/capture",
        ground_truth_input=f"{data}/ground-truth",
        data_config=clarify.DataConfig(
            f"{data}/train.csv", headers=HEADERS, label="approved", predicted_label="predicted"
        ),
        bias_config=clarify.BiasConfig([1], row["facet"], [int(row["value_or_threshold"])]),
        constraints=row["constraints"],
        schedule_cron_expression=clarify.CronExpressionGenerator.daily(),
    )


app = cdk.App()
clarify.MonitorFleet(
    app,
    "Fleet",
    rows=clarify.read_rows(Path(__file__).with_suffix(".csv")),
    key="endpoint",
    environments=ENVIRONMENTS,
    stacks_per_environment=2,
    build_monitor=build_monitor,
)
app.synth()
