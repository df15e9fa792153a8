"""What is refused beside the analysis: constraints, network, inputs and schedules."""

from __future__ import annotations

from typing import Any

from cdk_clarify_monitors import Constraints, CronExpressionGenerator, MonitoringDatasetFormat, NetworkConfig
from tests.config.refusals import INFINITY, TYPE, VALUE, Refusal, check_message, each
from tests.support.monitors.calls import URI, batch, endpoint, schedule, settings, watched

# What CDK's Token.as_number gives.
NUMBER: Any = -1.8881545897087503e289

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- constraints, network
    (TYPE, "'constraints_file_s3_uri' must be given, got None", lambda: Constraints({}, None)),  # type: ignore[arg-type]
    (
        VALUE,
        "'constraints_file_s3_uri' must be the URI of something in S3, got 'c.json': write s3://bucket/key",
        lambda: Constraints.from_s3_uri("c.json"),
    ),
    (
        TYPE,
        (
            "'body_dict['a']' must be something that JSON can express, got {1}: pass a list of them, in a fixed order: "
            "sorted(…)"
        ),
        lambda: Constraints({"a": {1}}, URI),
    ),
    (TYPE, "'body_dict' must be a dict, got []", lambda: Constraints([], URI)),  # type: ignore[arg-type]
    (TYPE, "'enable_network_isolation' must be True or False, got 'yes'", lambda: NetworkConfig("yes")),  # type: ignore[arg-type]
    (
        VALUE,
        "'security_group_ids' must be given with 'subnets', got None: SageMaker takes both or none",
        lambda: NetworkConfig(subnets=["subnet-1"]),
    ),
    (
        VALUE,
        "'subnets' must be given with 'security_group_ids', got None: SageMaker takes both or none",
        lambda: NetworkConfig(security_group_ids=["sg-1"]),
    ),
    (
        VALUE,
        "'subnets' must have at least one item, got []",
        lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[]),
    ),
    (
        VALUE,
        "'subnets[0]' must be the id of a subnet, subnet-…, got 'sg-1'",
        lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=["sg-1"]),
    ),
    (
        VALUE,
        "'security_group_ids[0]' must be the id of a security group, sg-…, got 'x'",
        lambda: NetworkConfig(security_group_ids=["x"], subnets=["subnet-1"]),
    ),
    (
        VALUE,
        (
            "'security_group_ids' must have at most 5 items, got ['sg-0', 'sg-1', 'sg-2', 'sg-3', 'sg-4', "
            "'sg-5']: it has 6"
        ),
        lambda: NetworkConfig(security_group_ids=[f"sg-{i}" for i in range(6)], subnets=["subnet-1"]),
    ),
    (
        VALUE,
        (
            "'subnets' must have at most 16 items, got ['subnet-0', 'subnet-1', 'subnet-2', 'subnet-3', "
            "'subnet-4', 'subnet-5', 'subnet-6', 'subnet-7', 'subnet-8', 'subnet-9', 'subnet-10', "
            "'subnet-11', 'subnet-12', 'subnet-13', 'subnet-14', 'subnet-15', …: it has 17"
        ),
        lambda: NetworkConfig(security_group_ids=["sg-1"], subnets=[f"subnet-{i}" for i in range(17)]),
    ),
    (
        TYPE,
        "'encrypt_inter_container_traffic' must be True or False, got 1",
        lambda: NetworkConfig(encrypt_inter_container_traffic=1),  # type: ignore[arg-type]
    ),
    # ---------------------------------------------------------------- inputs
    (
        VALUE,
        "'endpoint_name' must be letters, digits and hyphens, no hyphen first or last, got 'my endpoint'",
        lambda: endpoint(endpoint_name="my endpoint"),
    ),
    (TYPE, "'destination' must be given, got None", lambda: endpoint(destination=None)),
    (
        VALUE,
        f"'destination' must have at most 256 characters, got '/{'x' * 197}…: it has 257",
        lambda: endpoint(destination="/" + "x" * 256),
    ),
    (
        VALUE,
        "'s3_input_mode' must be one of 'File', 'Pipe', got 'FastFile'",
        lambda: endpoint(s3_input_mode="FastFile"),
    ),
    (
        VALUE,
        "'s3_data_distribution_type' must be one of 'FullyReplicated', 'ShardedByS3Key', got 'Sharded'",
        lambda: endpoint(s3_data_distribution_type="Sharded"),
    ),
    (
        VALUE,
        "'start_time_offset' must be a duration in ISO 8601 such as -PT1H, got '1 hour'",
        lambda: endpoint(start_time_offset="1 hour"),
    ),
    (
        VALUE,
        "'end_time_offset' must have at most 15 characters, got '-PT1H2M3S4567890': it has 16",
        lambda: endpoint(end_time_offset="-PT1H2M3S4567890"),
    ),
    (
        VALUE,
        f"'features_attribute' must have at most 256 characters, got '{'f' * 198}…: it has 257",
        lambda: endpoint(features_attribute="f" * 257),
    ),
    (TYPE, "'inference_attribute' must be a string, got 0: write '0'", lambda: endpoint(inference_attribute=0)),
    (TYPE, "'probability_attribute' must be a string, got 1: write '1'", lambda: endpoint(probability_attribute=1)),
    (
        TYPE,
        "'probability_threshold_attribute' must be a number, got '0.5'",
        lambda: endpoint(probability_threshold_attribute="0.5"),
    ),
    (
        TYPE,
        "'probability_threshold_attribute' must be a number, got True",
        lambda: endpoint(probability_threshold_attribute=True),
    ),
    (
        VALUE,
        "'probability_threshold_attribute' must be a finite number, got inf: JSON knows neither NaN nor Infinity",
        lambda: endpoint(probability_threshold_attribute=INFINITY),
    ),
    (
        TYPE,
        "'exclude_features_attribute' must be a string, got 0: write '0'",
        lambda: endpoint(exclude_features_attribute=0),
    ),
    (
        VALUE,
        "'data_captured_destination_s3_uri' must be the URI of something in S3, got '/x': write s3://bucket/key",
        lambda: batch(data_captured_destination_s3_uri="/x"),
    ),
    (
        VALUE,
        f"'data_captured_destination_s3_uri' must have at most 512 characters, got 's3://b/{'x' * 191}…: it has 513",
        lambda: batch(data_captured_destination_s3_uri="s3://b/" + "x" * 506),
    ),
    (
        TYPE,
        "'dataset_format' must be a dict, got 'csv': make one with MonitoringDatasetFormat",
        lambda: batch(dataset_format="csv"),
    ),
    (
        VALUE,
        (
            "'dataset_format' must have exactly one of the keys Csv, Json and Parquet, got {}: make one "
            "with MonitoringDatasetFormat"
        ),
        lambda: batch(dataset_format={}),
    ),
    (
        VALUE,
        (
            "'dataset_format' must have exactly one of the keys Csv, Json and Parquet, got {'csv': "
            "{'header': True}}: make one with MonitoringDatasetFormat"
        ),
        lambda: batch(dataset_format={"csv": {"header": True}}),
    ),
    (
        VALUE,
        (
            "'dataset_format' must have exactly one of the keys Csv, Json and Parquet, got {'Csv': {}, "
            "'Json': {}}: make one with MonitoringDatasetFormat"
        ),
        lambda: batch(dataset_format={"Csv": {}, "Json": {}}),
    ),
    (
        VALUE,
        "'dataset_format['Csv']' must be a dict with no key but 'Header', got {'Line': True}",
        lambda: batch(dataset_format={"Csv": {"Line": True}}),
    ),
    (
        VALUE,
        "'dataset_format['Parquet']' must be a dict with no keys, got True",
        lambda: batch(dataset_format={"Parquet": True}),
    ),
    (
        TYPE,
        "'dataset_format['Json']['Line']' must be True or False, got 1",
        lambda: batch(dataset_format={"Json": {"Line": 1}}),
    ),
    (TYPE, "'header' must be True or False, got 'yes'", lambda: MonitoringDatasetFormat.csv("yes")),  # type: ignore[arg-type]
    (TYPE, "'lines' must be True or False, got None", lambda: MonitoringDatasetFormat.json(None)),  # type: ignore[arg-type]
    (
        VALUE,
        "'endpoint_input' must be given, got None: give exactly one of the two ('batch_transform_input' is None)",
        lambda: watched(),
    ),
    (
        VALUE,
        "'endpoint_input' must be given, got '': give exactly one of the two ('batch_transform_input' is None)",
        lambda: watched(endpoint_input=""),
    ),
    (
        VALUE,
        (
            "'endpoint_input' must be left out with 'batch_transform_input', got 'e': give exactly one of "
            "the two ('batch_transform_input' is "
            "BatchTransformInput(data_captured_destination_s3_uri='s3://bucket/data.csv', "
            "destination='/opt/x', dataset_format={'Parquet': {}}, s3_input_mode='File', "
            "s3_data_distribution_type='FullyReplicated', s…)"
        ),
        lambda: watched(endpoint_input="e", batch_transform_input=batch()),
    ),
    (
        VALUE,
        "'endpoint_input' must be letters, digits and hyphens, no hyphen first or last, got 'e e'",
        lambda: watched(endpoint_input="e e"),
    ),
    (
        TYPE,
        "'endpoint_input' must be the endpoint's name or an EndpointInput, got 5",
        lambda: watched(endpoint_input=5),
    ),
    (
        TYPE,
        "'batch_transform_input' must be a BatchTransformInput, got 'b': make one with BatchTransformInput(…)",
        lambda: watched(batch_transform_input="b"),
    ),
    (
        VALUE,
        (
            "'exclude_features_attribute' must be left out: CloudFormation's "
            "AWS::SageMaker::ModelBiasJobDefinition has no property for it, got '0'"
        ),
        lambda: watched(endpoint_input=endpoint(exclude_features_attribute="0")),
    ),
    *(
        (
            VALUE,
            f"'{name}' must be left out: CloudFormation's AWS::SageMaker::ModelExplainabilityJobDefinition "
            f"has no property for it, got {shown}",
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
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'rate(1 hour)': "
            "SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 and N "
            "1-24, and NOW"
        ),
        lambda: schedule("rate(1 hour)"),
    ),
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'cron(5 * ? * * "
            "*)': SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 and "
            "N 1-24, and NOW"
        ),
        lambda: schedule("cron(5 * ? * * *)"),
    ),
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'cron(0 24 ? * * "
            "*)': SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 and "
            "N 1-24, and NOW"
        ),
        lambda: schedule("cron(0 24 ? * * *)"),
    ),
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'cron(0 0/0 ? * "
            "* *)': SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 "
            "and N 1-24, and NOW"
        ),
        lambda: schedule("cron(0 0/0 ? * * *)"),
    ),
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'cron(0 0/25 ? * "
            "* *)': SageMaker takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 "
            "and N 1-24, and NOW"
        ),
        lambda: schedule("cron(0 0/25 ? * * *)"),
    ),
    (
        VALUE,
        (
            "'schedule_cron_expression' must be a schedule of CronExpressionGenerator, got 'now': SageMaker "
            "takes cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) with H 0-23 and N 1-24, and NOW"
        ),
        lambda: schedule("now"),
    ),
    (TYPE, "'schedule_cron_expression' must be a string, got 5: write '5'", lambda: schedule(5)),
    (
        VALUE,
        (
            "'data_analysis_start_time' must be given with the schedule 'NOW', got None: give both, such as "
            "-PT2H and -PT1H"
        ),
        lambda: schedule("NOW", data_analysis_end_time="-PT1H"),
    ),
    (
        VALUE,
        (
            "'data_analysis_end_time' must be given with the schedule 'NOW', got None: give both, such as "
            "-PT2H and -PT1H"
        ),
        lambda: schedule("NOW", data_analysis_start_time="-PT1H"),
    ),
    (
        VALUE,
        "'data_analysis_start_time' must be a duration in ISO 8601 such as -PT1H, got '1h'",
        lambda: schedule(data_analysis_start_time="1h"),
    ),
    (
        VALUE,
        "'data_analysis_end_time' must have at most 15 characters, got '-PT1H1M1S1234567': it has 16",
        lambda: schedule(data_analysis_end_time="-PT1H1M1S1234567"),
    ),
    (
        VALUE,
        "'data_analysis_end_time' must not be before data_analysis_start_time '-PT1H', got '-PT2H'",
        lambda: schedule(data_analysis_start_time="-PT1H", data_analysis_end_time="-PT2H"),
    ),
    (
        VALUE,
        "'data_analysis_end_time' must be at most 24 hours after data_analysis_start_time '-P1DT1M', got '-PT0H'",
        lambda: schedule(data_analysis_start_time="-P1DT1M", data_analysis_end_time="-PT0H"),
    ),
    (VALUE, "'max_runtime_in_seconds' must be at least 1, got 0", lambda: schedule(max_runtime_in_seconds=0)),
    (
        VALUE,
        "'max_runtime_in_seconds' must be at most 86400, got 86401",
        lambda: schedule(max_runtime_in_seconds=86401),
    ),
    (TYPE, "'max_runtime_in_seconds' must be an integer, got True", lambda: schedule(max_runtime_in_seconds=True)),
    (
        VALUE,
        (
            "'max_runtime_in_seconds' must be at most 1800 with cron(0 * ? * * *), got 1801: SageMaker does "
            "not let an execution run into the next one"
        ),
        lambda: schedule("cron(0 * ? * * *)", max_runtime_in_seconds=1801),
    ),
    (
        VALUE,
        (
            "'max_runtime_in_seconds' must be at most 3600 with cron(0 * ? * * *), got 3601: SageMaker does "
            "not let an execution run into the next one"
        ),
        lambda: schedule("cron(0 * ? * * *)", "ModelExplainability", max_runtime_in_seconds=3601),
    ),
    (
        VALUE,
        (
            "'max_runtime_in_seconds' must be at most 7200 with cron(0 3/2 ? * * *), got 7201: SageMaker "
            "does not let an execution run into the next one"
        ),
        lambda: schedule("cron(0 3/2 ? * * *)", max_runtime_in_seconds=7201),
    ),
    # ---------------------------------------------------------------- schedules to be made
    (VALUE, "'hour' must be at most 23, got 24", lambda: CronExpressionGenerator.daily(24)),
    (VALUE, "'hour' must be at least 0, got -1", lambda: CronExpressionGenerator.daily(-1)),
    (VALUE, "'hour' must be a number from 0 to 23, got '24'", lambda: CronExpressionGenerator.daily("24")),
    (VALUE, "'hour' must be a number from 0 to 23, got '007'", lambda: CronExpressionGenerator.daily("007")),
    (VALUE, "'hour' must be a number from 0 to 23, got '*'", lambda: CronExpressionGenerator.daily("*")),
    (VALUE, "'hour' must be a number from 0 to 23, got ''", lambda: CronExpressionGenerator.daily("")),
    (TYPE, "'hour' must be an integer, got True", lambda: CronExpressionGenerator.daily(True)),
    (TYPE, "'hour' must be an integer, got 6.0: write 6", lambda: CronExpressionGenerator.daily(6.0)),  # type: ignore[arg-type]
    (TYPE, "'hour' must be an integer, got None", lambda: CronExpressionGenerator.daily(None)),  # type: ignore[arg-type]
    (
        TYPE,
        (
            "'hour' must be an integer or a string, got a number that is known at deployment only: make it "
            "a string with cdk.Token.as_string"
        ),
        lambda: CronExpressionGenerator.daily(NUMBER),
    ),
    (VALUE, "'hour_interval' must be at least 1, got 0", lambda: CronExpressionGenerator.daily_every_x_hours(0)),
    (VALUE, "'hour_interval' must be at most 24, got 25", lambda: CronExpressionGenerator.daily_every_x_hours(25)),
    (
        VALUE,
        "'hour_interval' must be a number from 1 to 24, got '00'",
        lambda: CronExpressionGenerator.daily_every_x_hours("00"),
    ),
    (VALUE, "'starting_hour' must be at most 23, got 24", lambda: CronExpressionGenerator.daily_every_x_hours(6, 24)),
    # ---------------------------------------------------------------- variables and tags
    (
        TYPE,
        "'env' must be a mapping of strings to strings, got []: write env={'key': 'value'}",
        lambda: settings(env=[]),
    ),
    (
        VALUE,
        "'env key' must be letters, digits and underscores, no digit first, got 'my-var x'",
        lambda: settings(env={"my-var x": "1"}),
    ),
    (
        VALUE,
        "'env key' must be letters, digits and underscores, no digit first, got '1st'",
        lambda: settings(env={"1st": "1"}),
    ),
    (VALUE, "'env key' must not be empty, got ''", lambda: settings(env={"": "1"})),
    (
        VALUE,
        f"'env key' must have at most 256 characters, got '{'A' * 198}…: it has 257",
        lambda: settings(env={"A" * 257: "1"}),
    ),
    (
        VALUE,
        f"'env['A']' must have at most 256 characters, got '{'x' * 198}…: it has 257",
        lambda: settings(env={"A": "x" * 257}),
    ),
    (
        VALUE,
        "'tags key' must be letters, digits, spaces and _.:/=+-@, without aws: at the start, got 'aws:team'",
        lambda: settings(tags={"aws:team": "credit"}),
    ),
    (
        VALUE,
        "'tags key' must be letters, digits, spaces and _.:/=+-@, without aws: at the start, got 'AWS:team'",
        lambda: settings(tags={"AWS:team": "credit"}),
    ),
    (
        VALUE,
        "'tags key' must be letters, digits, spaces and _.:/=+-@, without aws: at the start, got 'team!'",
        lambda: settings(tags={"team!": "credit"}),
    ),
    (VALUE, "'tags key' must not be empty, got ''", lambda: settings(tags={"": "credit"})),
    (
        VALUE,
        f"'tags key' must have at most 128 characters, got '{'t' * 129}': it has 129",
        lambda: settings(tags={"t" * 129: "credit"}),
    ),
    (
        VALUE,
        "'tags['team']' must be letters, digits, spaces and _.:/=+-@, got 'a,b'",
        lambda: settings(tags={"team": "a,b"}),
    ),
    (
        VALUE,
        "'tags['team']' must be letters, digits, spaces and _.:/=+-@, got 'two\\nlines'",
        lambda: settings(tags={"team": "two\nlines"}),
    ),
    (
        VALUE,
        f"'tags['team']' must have at most 256 characters, got '{'x' * 198}…: it has 257",
        lambda: settings(tags={"team": "x" * 257}),
    ),
    # ---------------------------------------------------------------- what has a default in the constructors only
    (TYPE, "'instance_count' must be given, got None", lambda: settings(instance_count=None)),
    (TYPE, "'instance_type' must be given, got None", lambda: settings(instance_type=None)),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
