"""Twenty monitors from a table: one bias monitor for each row of twenty_monitors.csv.

What it shows: a loop makes monitors as it makes any construct. Rows with constraints from earlier keep them; for the
others the deployment runs baselining jobs, which wait in line if the account's quota of instances is small. Each
monitor is four of the 500 resources of a stack; Lambda functions and a bucket are shared.

What it costs on AWS: once, minutes of four processing jobs on ml.m5.xlarge, one for each row without constraints;
daily, minutes of forty such jobs: for each monitor one merges captured data with ground truth, one analyses them.
While a baselining job runs, Lambda and Step Functions look at it every ten seconds. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

import csv
from pathlib import Path

import aws_cdk as cdk

import cdk_clarify_monitors as clarify

DATA = "s3://loans-data"  # with a folder for each endpoint: train.csv, capture/, ground-truth/
HEADERS = ["approved", "sex", "income", "predicted"]  # of train.csv: the model's predictions are in there

app = cdk.App()
stack = cdk.Stack(app, "TwentyMonitors")

with Path(__file__).with_suffix(".csv").open(newline="") as table:
    for number, row in enumerate(csv.DictReader(table)):
        folder = f"{DATA}/{row['endpoint']}"
        clarify.ModelBiasMonitorConstruct(
            stack,
            row["endpoint"],
            endpoint_input=row["endpoint"],
            data_capture_s3_uri=f"{folder}/capture",
            ground_truth_input=f"{folder}/ground-truth",
            data_config=clarify.DataConfig(
                f"{folder}/train.csv", headers=HEADERS, label="approved", predicted_label="predicted"
            ),
            bias_config=clarify.BiasConfig(
                label_values_or_threshold=[1],
                facet_name=row["facet"],
                facet_values_or_threshold=[int(row["value_or_threshold"])],
            ),
            constraints=row["constraints"],
            schedule_cron_expression=clarify.CronExpressionGenerator.daily(hour=number % 24),
        )

app.synth()
