"""What is refused beside the analysis: constraints, network, inputs and schedules."""

from __future__ import annotations

from typing import Any

from cdk_clarify_monitors import Constraints, CronExpressionGenerator, MonitoringDatasetFormat, NetworkConfig
from tests.config.calls import URI, batch, endpoint, schedule, settings, watched
from tests.config.refusals import INFINITY, TYPE, VALUE, Refusal, check_message, each

# What CDK's Token.as_number gives.
NUMBER: Any = -1.8881545897087503e289

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- constraints, network
    (TYPE, "constraints_file_s3_uri", "None", lambda: Constraints({}, None)),  # type: ignore[arg-type]
    (VALUE, "constraints_file_s3_uri", "'c.json'", lambda: Constraints.from_s3_uri("c.json")),
    (TYPE, "body_dict['a']", "{1}", lambda: Constraints({"a": {1}}, URI)),
    (TYPE, "body_dict", "[]", lambda: Constraints([], URI)),  # type: ignore[arg-type]
    (TYPE, "enable_network_isolation", "'yes'", lambda: NetworkConfig("yes")),  # type: ignore[arg-type]
    (VALUE, "security_group_ids", "None", lambda: NetworkConfig(subnets=["subnet-1"])),
    (VALUE, "subnets", "None", lambda: NetworkConfig(security_group_ids=["sg-1"])),
    (VALUE, "subnets", "[]", lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[])),
    (VALUE, "subnets[0]", "'sg-1'", lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=["sg-1"])),
    (VALUE, "security_group_ids[0]", "'x'", lambda: NetworkConfig(security_group_ids=["x"], subnets=["subnet-1"])),
    (
        VALUE,
        "security_group_ids",
        "['sg-0', 'sg-1'",
        lambda: NetworkConfig(security_group_ids=[f"sg-{i}" for i in range(6)], subnets=["subnet-1"]),
    ),
    (
        VALUE,
        "subnets",
        "['subnet-0', 'subnet-1'",
        lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[f"subnet-{i}" for i in range(17)]),
    ),
    (TYPE, "encrypt_inter_container_traffic", "1", lambda: NetworkConfig(encrypt_inter_container_traffic=1)),  # type: ignore[arg-type]
    # ---------------------------------------------------------------- inputs
    (VALUE, "endpoint_name", "'my endpoint'", lambda: endpoint(endpoint_name="my endpoint")),
    (TYPE, "destination", "None", lambda: endpoint(destination=None)),
    (VALUE, "destination", "'/xxx", lambda: endpoint(destination="/" + "x" * 256)),
    (VALUE, "s3_input_mode", "'FastFile'", lambda: endpoint(s3_input_mode="FastFile")),
    (VALUE, "s3_data_distribution_type", "'Sharded'", lambda: endpoint(s3_data_distribution_type="Sharded")),
    (VALUE, "start_time_offset", "'1 hour'", lambda: endpoint(start_time_offset="1 hour")),
    (VALUE, "end_time_offset", "'-PT1H2M3S4567890'", lambda: endpoint(end_time_offset="-PT1H2M3S4567890")),
    (VALUE, "features_attribute", "'fff", lambda: endpoint(features_attribute="f" * 257)),
    (TYPE, "inference_attribute", "0", lambda: endpoint(inference_attribute=0)),
    (TYPE, "probability_attribute", "1", lambda: endpoint(probability_attribute=1)),
    (TYPE, "probability_threshold_attribute", "'0.5'", lambda: endpoint(probability_threshold_attribute="0.5")),
    (TYPE, "probability_threshold_attribute", "True", lambda: endpoint(probability_threshold_attribute=True)),
    (VALUE, "probability_threshold_attribute", "inf", lambda: endpoint(probability_threshold_attribute=INFINITY)),
    (TYPE, "exclude_features_attribute", "0", lambda: endpoint(exclude_features_attribute=0)),
    (VALUE, "data_captured_destination_s3_uri", "'/x'", lambda: batch(data_captured_destination_s3_uri="/x")),
    (
        VALUE,
        "data_captured_destination_s3_uri",
        "'s3://b/xxx",
        lambda: batch(data_captured_destination_s3_uri="s3://b/" + "x" * 506),
    ),
    (TYPE, "dataset_format", "'csv'", lambda: batch(dataset_format="csv")),
    (VALUE, "dataset_format", "{}", lambda: batch(dataset_format={})),
    (VALUE, "dataset_format", "{'csv': ", lambda: batch(dataset_format={"csv": {"header": True}})),
    (VALUE, "dataset_format", "{'Csv': {}, 'Json': {}}", lambda: batch(dataset_format={"Csv": {}, "Json": {}})),
    (VALUE, "dataset_format['Csv']", "{'Line': True}", lambda: batch(dataset_format={"Csv": {"Line": True}})),
    (VALUE, "dataset_format['Parquet']", "True", lambda: batch(dataset_format={"Parquet": True})),
    (TYPE, "dataset_format['Json']['Line']", "1", lambda: batch(dataset_format={"Json": {"Line": 1}})),
    (TYPE, "header", "'yes'", lambda: MonitoringDatasetFormat.csv("yes")),  # type: ignore[arg-type]
    (TYPE, "lines", "None", lambda: MonitoringDatasetFormat.json(None)),  # type: ignore[arg-type]
    (VALUE, "endpoint_input", "None", lambda: watched()),
    (VALUE, "endpoint_input", "''", lambda: watched(endpoint_input="")),
    (VALUE, "endpoint_input", "'e'", lambda: watched(endpoint_input="e", batch_transform_input=batch())),
    (VALUE, "endpoint_input", "'e e'", lambda: watched(endpoint_input="e e")),
    (TYPE, "endpoint_input", "5", lambda: watched(endpoint_input=5)),
    (TYPE, "batch_transform_input", "'b'", lambda: watched(batch_transform_input="b")),
    (
        VALUE,
        "exclude_features_attribute",
        "'0'",
        lambda: watched(endpoint_input=endpoint(exclude_features_attribute="0")),
    ),
    *(
        (
            VALUE,
            name,
            shown,
            lambda name=name, value=value: watched("ModelExplainability", endpoint_input=endpoint(**{name: value})),
        )
        for name, value, shown in (
            ("exclude_features_attribute", "", "''"),
            ("start_time_offset", "-P1D", "'-P1D'"),
            ("end_time_offset", "-PT0H", "'-PT0H'"),
            ("probability_threshold_attribute", 0.5, "0.5"),
        )
    ),
    # ---------------------------------------------------------------- schedules
    (VALUE, "schedule_cron_expression", "'rate(1 hour)'", lambda: schedule("rate(1 hour)")),
    (VALUE, "schedule_cron_expression", "'cron(5 * ? * * *)'", lambda: schedule("cron(5 * ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 24 ? * * *)'", lambda: schedule("cron(0 24 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 0/0 ? * * *)'", lambda: schedule("cron(0 0/0 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'cron(0 0/25 ? * * *)'", lambda: schedule("cron(0 0/25 ? * * *)")),
    (VALUE, "schedule_cron_expression", "'now'", lambda: schedule("now")),
    (TYPE, "schedule_cron_expression", "5", lambda: schedule(5)),
    (VALUE, "data_analysis_start_time", "None", lambda: schedule("NOW", data_analysis_end_time="-PT1H")),
    (VALUE, "data_analysis_end_time", "None", lambda: schedule("NOW", data_analysis_start_time="-PT1H")),
    (VALUE, "data_analysis_start_time", "'1h'", lambda: schedule(data_analysis_start_time="1h")),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT1H1M1S1234567'",
        lambda: schedule(data_analysis_end_time="-PT1H1M1S1234567"),
    ),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT2H'",
        lambda: schedule(data_analysis_start_time="-PT1H", data_analysis_end_time="-PT2H"),
    ),
    (
        VALUE,
        "data_analysis_end_time",
        "'-PT0H'",
        lambda: schedule(data_analysis_start_time="-P1DT1M", data_analysis_end_time="-PT0H"),
    ),
    (VALUE, "max_runtime_in_seconds", "0", lambda: schedule(max_runtime_in_seconds=0)),
    (VALUE, "max_runtime_in_seconds", "86401", lambda: schedule(max_runtime_in_seconds=86401)),
    (TYPE, "max_runtime_in_seconds", "True", lambda: schedule(max_runtime_in_seconds=True)),
    (VALUE, "max_runtime_in_seconds", "1801", lambda: schedule("cron(0 * ? * * *)", max_runtime_in_seconds=1801)),
    (
        VALUE,
        "max_runtime_in_seconds",
        "3601",
        lambda: schedule("cron(0 * ? * * *)", "ModelExplainability", max_runtime_in_seconds=3601),
    ),
    (VALUE, "max_runtime_in_seconds", "7201", lambda: schedule("cron(0 3/2 ? * * *)", max_runtime_in_seconds=7201)),
    # ---------------------------------------------------------------- schedules to be made
    (VALUE, "hour", "24", lambda: CronExpressionGenerator.daily(24)),
    (VALUE, "hour", "-1", lambda: CronExpressionGenerator.daily(-1)),
    (VALUE, "hour", "'24'", lambda: CronExpressionGenerator.daily("24")),
    (VALUE, "hour", "'007'", lambda: CronExpressionGenerator.daily("007")),
    (VALUE, "hour", "'*'", lambda: CronExpressionGenerator.daily("*")),
    (VALUE, "hour", "''", lambda: CronExpressionGenerator.daily("")),
    (TYPE, "hour", "True", lambda: CronExpressionGenerator.daily(True)),
    (TYPE, "hour", "6.0", lambda: CronExpressionGenerator.daily(6.0)),  # type: ignore[arg-type]
    (TYPE, "hour", "None", lambda: CronExpressionGenerator.daily(None)),  # type: ignore[arg-type]
    (
        TYPE,
        "hour",
        "a number that is known at deployment only: make it a string",
        lambda: CronExpressionGenerator.daily(NUMBER),
    ),
    (VALUE, "hour_interval", "0", lambda: CronExpressionGenerator.daily_every_x_hours(0)),
    (VALUE, "hour_interval", "25", lambda: CronExpressionGenerator.daily_every_x_hours(25)),
    (VALUE, "hour_interval", "'00'", lambda: CronExpressionGenerator.daily_every_x_hours("00")),
    (VALUE, "starting_hour", "24", lambda: CronExpressionGenerator.daily_every_x_hours(6, 24)),
    # ---------------------------------------------------------------- variables and tags
    (TYPE, "env", "[]", lambda: settings(env=[])),
    (VALUE, "env key", "'my-var x'", lambda: settings(env={"my-var x": "1"})),
    (VALUE, "env key", "'1st'", lambda: settings(env={"1st": "1"})),
    (VALUE, "env key", "''", lambda: settings(env={"": "1"})),
    (VALUE, "env key", "'AAA", lambda: settings(env={"A" * 257: "1"})),
    (VALUE, "env['A']", "'xxx", lambda: settings(env={"A": "x" * 257})),
    (VALUE, "tags key", "'aws:team'", lambda: settings(tags={"aws:team": "credit"})),
    (VALUE, "tags key", "'AWS:team'", lambda: settings(tags={"AWS:team": "credit"})),
    (VALUE, "tags key", "'team!'", lambda: settings(tags={"team!": "credit"})),
    (VALUE, "tags key", "''", lambda: settings(tags={"": "credit"})),
    (VALUE, "tags key", "'ttt", lambda: settings(tags={"t" * 129: "credit"})),
    (VALUE, "tags['team']", "'a,b'", lambda: settings(tags={"team": "a,b"})),
    (VALUE, "tags['team']", "'two\\nlines'", lambda: settings(tags={"team": "two\nlines"})),
    (VALUE, "tags['team']", "'xxx", lambda: settings(tags={"team": "x" * 257})),
    # ---------------------------------------------------------------- what has a default in the constructors only
    (TYPE, "instance_count", "None", lambda: settings(instance_count=None)),
    (TYPE, "instance_type", "None", lambda: settings(instance_type=None)),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
