"""A fleet of N bias monitors, over accounts and regions; with a second argument, which have their constraints."""

import sys
from collections.abc import Iterator, Mapping

import aws_cdk as cdk

from cdk_clarify_monitors import (
    BiasConfig,
    CronExpressionGenerator,
    DataConfig,
    ModelBiasMonitorConstruct,
    MonitorFleet,
)

ACCOUNTS = ("111111111111", "222222222222", "333333333333")
REGIONS = ("eu-central-1", "eu-west-1")
STACKS = 2

ENVIRONMENTS = [cdk.Environment(account=account, region=region) for account in ACCOUNTS for region in REGIONS]


def build_monitor(stack: cdk.Stack, id_: str, row: Mapping[str, str]) -> ModelBiasMonitorConstruct:  # noqa: D103
    folder = f"s3://my-bucket/{row['endpoint']}"
    return ModelBiasMonitorConstruct(
        stack,
        id_,
        endpoint_input=row["endpoint"],
        data_capture_s3_uri=f"{folder}/captured",
        ground_truth_input=f"{folder}/ground-truth",
        data_config=DataConfig(
            s3_data_input_path=f"{folder}/train.csv",
            headers=["approved", "age", "income", "predicted"],
            label="approved",
            predicted_label="predicted",
            dataset_type="text/csv",
        ),
        bias_config=BiasConfig(label_values_or_threshold=[1], facet_name="age", facet_values_or_threshold=[40]),
        constraints=row["constraints"],
        schedule_cron_expression=CronExpressionGenerator.daily(),
    )


def rows(count: int) -> Iterator[dict[str, str]]:  # noqa: D103
    for number in range(count):
        environment = ENVIRONMENTS[number % len(ENVIRONMENTS)]
        yield {
            "endpoint": f"loans-{number}",
            "account": str(environment.account),
            "region": str(environment.region),
            "constraints": "s3://my-bucket/constraints/analysis.json" if sys.argv[2:] else "",
        }


app = cdk.App()
MonitorFleet(
    app,
    "Loans",
    rows=rows(int(sys.argv[1])),
    key="endpoint",
    environments=ENVIRONMENTS,
    stacks_per_environment=STACKS,
    build_monitor=build_monitor,
)
app.synth()
