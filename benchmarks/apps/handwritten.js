// handwritten.py in JavaScript, construct by construct.

"use strict";

const fs = require("node:fs");
const path = require("node:path");

const cdk = require("aws-cdk-lib");
const iam = require("aws-cdk-lib/aws-iam");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const s3 = require("aws-cdk-lib/aws-s3");
const sagemaker = require("aws-cdk-lib/aws-sagemaker");
const cr = require("aws-cdk-lib/custom-resources");
const { Construct } = require("constructs");

const HANDLER = path.join(__dirname, "../../lambda/cdk_clarify_monitors_lambda");
const CLARIFY_IMAGE = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0";
const OUTPUT_PATH = "/opt/ml/processing/output";
const ACCOUNT = cdk.Aws.ACCOUNT_ID;
const HERE = `${cdk.Aws.REGION}:${ACCOUNT}`;

class BaselineProvider extends Construct {
  constructor(scope, id, { bucket }) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, "Logs", { retention: logs.RetentionDays.THREE_MONTHS });
    this.role = this.functionRole("HandlerRole", logGroup);
    bucket.grantReadWrite(this.role);
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: [
          "sagemaker:AddTags",
          "sagemaker:CreateProcessingJob",
          "sagemaker:DescribeProcessingJob",
          "sagemaker:StopProcessingJob",
        ],
        resources: [`arn:aws:sagemaker:${HERE}:processing-job/monitors-*`],
      }),
    );
    const code = lambda.Code.fromAsset(HANDLER, { exclude: ["**/__pycache__", "**/*.pyc", "py.typed"] });
    const handler = (functionId, name) =>
      new lambda.Function(this, functionId, {
        code,
        handler: name,
        runtime: lambda.Runtime.PYTHON_3_14,
        timeout: cdk.Duration.minutes(5),
        role: this.role,
        logGroup,
      });
    const provider = new cr.Provider(this, "Framework", {
      onEventHandler: handler("OnEvent", "handler.on_event"),
      isCompleteHandler: handler("IsComplete", "handler.is_complete"),
      queryInterval: cdk.Duration.seconds(10),
      totalTimeout: cdk.Duration.hours(1),
      logGroup,
      frameworkOnEventRole: this.functionRole("FrameworkOnEventRole", logGroup),
      frameworkCompleteAndTimeoutRole: this.functionRole("FrameworkCompleteRole", logGroup),
    });
    this.serviceToken = provider.serviceToken;
  }

  functionRole(id, logGroup) {
    return new iam.Role(this, id, {
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: {
        Logs: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
  }
}

class BiasMonitor extends Construct {
  constructor(scope, id, { provider, bucket, data, modelName, endpointName }) {
    super(scope, id);
    const name = `monitors-${id.toLowerCase()}`;
    const folder = `s3://${bucket.bucketName}/${name}`;
    const role = this.jobRole(bucket, modelName);
    role.grantPassRole(provider.role);
    const roleArn = role.roleArn;

    const analysisConfig = {
      dataset_type: "text/csv",
      headers: ["approved", "age", "income", "debt"],
      label: "approved",
      label_values_or_threshold: [1],
      facet: [{ name_or_index: "age", value_or_threshold: [40] }],
      probability_threshold: 0.8,
      methods: {
        report: { name: "report", title: "Analysis Report" },
        pre_training_bias: { methods: "all" },
        post_training_bias: { methods: "all" },
      },
      predictor: { model_name: modelName, instance_type: "ml.m5.large", initial_instance_count: 1 },
    };
    const output = { S3Uri: `${folder}/baselining`, LocalPath: OUTPUT_PATH, S3UploadMode: "EndOfJob" };
    const dataset = {
      S3Uri: `${data}/train.csv`,
      LocalPath: "/opt/ml/processing/input/data",
      S3DataType: "S3Prefix",
      S3InputMode: "File",
    };
    const baseline = new cdk.CustomResource(this, "Baseline", {
      resourceType: "Custom::ClarifyBaseline",
      serviceToken: provider.serviceToken,
      properties: {
        Baseline: cdk.Stack.of(this).toJsonString({
          Version: 1,
          Name: name,
          NamePrefix: name,
          Monitoring: { Location: `${folder}/analysis-config`, AnalysisConfig: analysisConfig },
          Baselining: {
            AnalysisConfig: analysisConfig,
            ConfigLocation: `${folder}/baselining`,
            TimeoutSeconds: 3300,
            ProcessingJob: {
              AppSpecification: { ImageUri: CLARIFY_IMAGE },
              RoleArn: roleArn,
              ProcessingInputs: [{ InputName: "dataset", S3Input: dataset }],
              ProcessingOutputConfig: { Outputs: [{ OutputName: "analysis_result", S3Output: output }] },
              ProcessingResources: {
                ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 30 },
              },
            },
          },
        }),
      },
    });
    const definition = new sagemaker.CfnModelBiasJobDefinition(this, "JobDefinition", {
      modelBiasAppSpecification: {
        imageUri: CLARIFY_IMAGE,
        configUri: baseline.getAttString("AnalysisConfigS3Uri"),
        environment: { publish_cloudwatch_metrics: "Enabled" },
      },
      modelBiasBaselineConfig: { constraintsResource: { s3Uri: baseline.getAttString("ConstraintsS3Uri") } },
      modelBiasJobInput: {
        endpointInput: {
          endpointName,
          localPath: "/opt/ml/processing/input/endpoint",
          s3InputMode: "File",
          s3DataDistributionType: "FullyReplicated",
          probabilityThresholdAttribute: 0.8,
        },
        groundTruthS3Input: { s3Uri: `${data}/ground-truth` },
      },
      modelBiasJobOutputConfig: {
        monitoringOutputs: [
          { s3Output: { localPath: OUTPUT_PATH, s3Uri: `${folder}/results`, s3UploadMode: "Continuous" } },
        ],
      },
      jobResources: { clusterConfig: { instanceCount: 1, instanceType: "ml.m5.xlarge", volumeSizeInGb: 30 } },
      roleArn,
    });
    this.scheduleName = name;
    this.schedule = new sagemaker.CfnMonitoringSchedule(this, "Schedule", {
      monitoringScheduleName: name,
      monitoringScheduleConfig: {
        monitoringJobDefinitionName: cdk.Fn.select(1, cdk.Fn.split("/", definition.attrJobDefinitionArn)),
        monitoringType: "ModelBias",
        scheduleConfig: { scheduleExpression: "cron(0 0 ? * * *)" },
      },
    });
  }

  jobRole(bucket, modelName) {
    const bucketArn = bucket.bucketArn;
    return new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("sagemaker.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
      }),
      inlinePolicies: {
        ClarifyJobs: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
              resources: [bucketArn, `${bucketArn}/*`, "arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"],
            }),
            new iam.PolicyStatement({
              actions: ["sagemaker:DescribeModel"],
              resources: [`arn:aws:sagemaker:${HERE}:model/${modelName}`],
            }),
            new iam.PolicyStatement({
              actions: [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
              ],
              resources: [
                `arn:aws:sagemaker:${HERE}:endpoint/sm-clarify-*`,
                `arn:aws:sagemaker:${HERE}:endpoint-config/sm-clarify-*`,
              ],
            }),
            new iam.PolicyStatement({
              actions: ["cloudwatch:PutMetricData"],
              resources: ["*"],
              conditions: {
                StringEquals: {
                  "cloudwatch:namespace": [
                    "/aws/sagemaker/ProcessingJobs",
                    "aws/sagemaker/Endpoints/bias-metrics",
                  ],
                },
              },
            }),
            new iam.PolicyStatement({
              actions: [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
              ],
              resources: [`arn:aws:logs:${HERE}:log-group:/aws/sagemaker/ProcessingJobs*`],
            }),
            new iam.PolicyStatement({
              actions: [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetAuthorizationToken",
                "ecr:GetDownloadUrlForLayer",
              ],
              resources: ["*"],
            }),
          ],
        }),
      },
    });
  }
}

const app = new cdk.App();
const stack = new cdk.Stack(app, "Monitors");
const bucket = new s3.Bucket(stack, "Bucket", {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  encryption: s3.BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: cdk.RemovalPolicy.RETAIN,
});
const provider = new BaselineProvider(stack, "BaselineProvider", { bucket });
const monitors = Array.from(
  { length: Number(process.argv[2]) },
  (_, number) =>
    new BiasMonitor(stack, `Monitor${number}`, {
      provider,
      bucket,
      data: `s3://my-bucket/loans-${number}`,
      modelName: `loans-${number}`,
      endpointName: `loans-endpoint-${number}`,
    }),
);
const guard = new cdk.CustomResource(stack, "ScheduleGuard", {
  resourceType: "Custom::ClarifyScheduleGuard",
  serviceToken: provider.serviceToken,
  properties: { Schedules: monitors.map((monitor) => monitor.scheduleName) },
});
guard.node.addDependency(...monitors.map((monitor) => monitor.schedule));
app.synth();
// As the kernel counts it, not as it hands it on: that includes the process which started this one.
const status = fs.existsSync("/proc/self/status") ? fs.readFileSync("/proc/self/status", "utf8") : "";
console.log(JSON.stringify({ peak_memory_kib: Number(status.match(/VmHWM:\s+(\d+)/)?.[1]) || null }));
