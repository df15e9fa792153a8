"""An account of AWS for tests: the judge's fake, whose answers botocore's models check, and what monitors run on."""

from __future__ import annotations

import copy
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from fake_ops import FakeOps, Refuse

REGION, ACCOUNT = "us-west-2", "123456789012"
JSON = "application/x-amz-json-1.1"
HOUR = datetime(2024, 5, 2, 3, tzinfo=UTC)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/SageMakerRole"


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class Account(FakeOps):
    """Two monitors, an endpoint that captures, and buckets."""

    def __init__(self) -> None:
        super().__init__({}, REGION, ACCOUNT)
        self.aws.update(schedules={}, job_definitions={"ModelBias": {}, "ModelExplainability": {}}, executions={})
        self.aws.update(processing_jobs={}, tags={}, alerts={}, alert_history=[], log_streams={}, failures=[])
        self.stacks: dict[str, str] = {}
        self.denied_by_role: set[str] = set()
        self.roles = {ROLE}
        self.endpoints: dict[str, dict[str, Any]] = {"credit-endpoint": _endpoint("credit-endpoint")}
        self.capture_modes = ["Input", "Output"]
        self.add_monitor("credit", "ModelBias")
        self.add_monitor("shap", "ModelExplainability")

    # What there is

    def add_monitor(self, name: str, kind: str, **schedule: Any) -> dict[str, Any]:
        """A monitor; returns its definition, to be changed in place."""
        self.aws["schedules"][name] = {
            "desc": {
                "MonitoringScheduleArn": self.arn("monitoring-schedule", name),
                "MonitoringScheduleName": name,
                "MonitoringScheduleStatus": "Scheduled",
                "MonitoringType": kind,
                "CreationTime": "2024-05-01T08:00:00Z",
                "LastModifiedTime": "2024-05-01T08:05:00Z",
                "MonitoringScheduleConfig": {
                    "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
                    "MonitoringJobDefinitionName": f"{name[:59]}-def",
                    "MonitoringType": kind,
                },
                **schedule,
            }
        }
        job_input: dict[str, Any] = {
            "EndpointInput": {
                "EndpointName": "credit-endpoint",
                "LocalPath": "/opt/ml/processing/input/endpoint",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "InferenceAttribute": "0",
                "StartTimeOffset": "-PT1H",
                "EndTimeOffset": "-PT0H",
            }
        }
        if kind == "ModelBias":
            job_input["GroundTruthS3Input"] = {"S3Uri": "s3://data/labels"}
        definition = {
            f"{kind}AppSpecification": {
                "ImageUri": "306415355426.dkr.ecr.us-west-2.amazonaws.com/sagemaker-clarify-processing:1.0",
                "ConfigUri": "s3://monitor/config.json",
                "Environment": {"publish_cloudwatch_metrics": "Enabled", "STAGE": "prod"},
            },
            f"{kind}BaselineConfig": {"ConstraintsResource": {"S3Uri": f"s3://monitor/{kind}.json"}},
            f"{kind}JobInput": job_input,
            f"{kind}JobOutputConfig": {
                "MonitoringOutputs": [
                    {
                        "S3Output": {
                            "S3Uri": "s3://monitor/results",
                            "LocalPath": "/opt/ml/processing/output",
                            "S3UploadMode": "Continuous",
                        }
                    }
                ],
                "KmsKeyId": KEY,
            },
            "JobResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
            },
            "RoleArn": ROLE,
            "CreationTime": "2024-05-01T08:00:00Z",
        }
        self.aws["job_definitions"][kind][f"{name[:59]}-def"] = definition
        self.aws["tags"][self.arn("monitoring-schedule", name)] = [{"Key": "team", "Value": "risk"}]
        self.put_json("s3://monitor/ModelBias.json", {"post_training_bias_metrics": {"label": "y", "facets": {}}})
        self.put_json("s3://monitor/ModelExplainability.json", {"explanations": {"kernel_shap": {}}})
        return definition

    def add_execution(
        self,
        schedule: str,
        scheduled: datetime,
        status: str = "Completed",
        *,
        reason: str | None = None,
        job: dict[str, Any] | list[dict[str, Any]] | None = None,
        with_job: bool = True,
    ) -> str | None:
        """An execution; returns its job's name."""
        name = f"model-bias-monitoring-{scheduled:%Y%m%d%H%M}-0a1b2c3d" if with_job else None
        self.aws["executions"].setdefault(schedule, []).append(
            {
                "MonitoringScheduleName": schedule,
                "ScheduledTime": text(scheduled),
                "CreationTime": text(scheduled + timedelta(minutes=2)),
                "LastModifiedTime": text(scheduled + timedelta(minutes=12)),
                "MonitoringExecutionStatus": status,
                "EndpointName": "credit-endpoint",
                "MonitoringJobDefinitionName": f"{schedule}-def",
                **({"FailureReason": reason} if reason else {}),
                **({"ProcessingJobArn": self.arn("processing-job", name)} if name else {}),
            }
        )
        if name:
            own = {"Failed": "Failed", "Stopped": "Stopped", "InProgress": "InProgress"}.get(status, "Completed")
            states = job if isinstance(job, list) else [job or {"ProcessingJobStatus": own}]
            self.aws["processing_jobs"][name] = [self._job(name, scheduled, state) for state in states]
        return name

    def _job(self, name: str, scheduled: datetime, state: dict[str, Any]) -> dict[str, Any]:
        place = f"s3://monitor/results/credit-endpoint/credit/{scheduled:%Y/%m/%d/%H}"
        output = {"S3Uri": place, "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "Continuous"}
        return {
            "ProcessingJobName": name,
            "ProcessingJobArn": self.arn("processing-job", name),
            "CreationTime": text(scheduled),
            "AppSpecification": {"ImageUri": "image"},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
            },
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "result", "S3Output": output}]},
            "ProcessingJobStatus": "Completed",
            **state,
        }

    def put(self, uri: str, content: str) -> None:
        self.objects[uri] = {"text": content}

    def put_json(self, uri: str, document: Any) -> None:
        self.put(uri, json.dumps(document))

    def put_captured(self, hour: datetime, event_id: str = "e", inference_id: str | None = None) -> None:
        metadata = {"eventId": event_id, **({"inferenceId": inference_id} if inference_id else {})}
        record = json.dumps({"captureData": {}, "eventMetadata": metadata, "eventVersion": "0"})
        self.put(f"s3://data/capture/credit-endpoint/AllTraffic/{hour:%Y/%m/%d/%H}/31-46-585-{event_id}.jsonl", record)

    def put_label(self, hour: datetime, event_id: str) -> None:
        record = {"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": event_id}}
        self.put(f"s3://data/labels/{hour:%Y/%m/%d/%H}/{event_id}.jsonl", json.dumps(record))

    def deny(self, operation: str, **when: Any) -> None:
        error = {"Code": "AccessDeniedException", "Message": f"User: u is not authorized to perform: {operation}"}
        self.refuse(operation, error, **when)

    def refuse(self, operation: str, error: dict[str, Any], *, nth: Any = "all", **when: Any) -> None:
        self.aws["failures"].append({"operation": operation, "nth": nth, "when": when, "error": error})

    # What was done

    def changes(self, *, after: int = 0) -> list[str]:
        """The names of the operations sent that change something."""
        verbs = ("Create", "Update", "Delete", "Start", "Stop", "Put")
        sent = [call["operation"] for call in self.calls[after:] if call["sent"] and not call.get("retry")]
        return [operation for operation in sent if operation.startswith(verbs)]

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of an operation, each time that it was sent."""
        return [copy.deepcopy(call["params"]) for call in self.calls if call["operation"] == operation and call["sent"]]

    # Services that the judge's fake lacks

    def _sagemaker(self, op: str, p: dict[str, Any]) -> Any:
        if op == "DescribeEndpoint":
            if p["EndpointName"] not in self.endpoints:
                raise Refuse("ValidationException", f'Could not find endpoint "{p["EndpointName"]}".')
            return 200, JSON, self.endpoints[p["EndpointName"]]
        if op == "DescribeEndpointConfig":
            capture = {
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://data/capture",
                "CaptureOptions": [{"CaptureMode": mode} for mode in self.capture_modes],
            }
            return (
                200,
                JSON,
                {
                    "EndpointConfigName": p["EndpointConfigName"],
                    "EndpointConfigArn": self.arn("endpoint-config", p["EndpointConfigName"]),
                    "ProductionVariants": [{"VariantName": "AllTraffic"}],
                    "CreationTime": "2024-05-01T08:00:00Z",
                    "DataCaptureConfig": capture,
                },
            )
        if op == "CreateMonitoringSchedule":
            config = p["MonitoringScheduleConfig"]
            self.add_monitor(p["MonitoringScheduleName"], config["MonitoringType"])
            del self.aws["job_definitions"][config["MonitoringType"]][f"{p['MonitoringScheduleName'][:59]}-def"]
            description = self.aws["schedules"][p["MonitoringScheduleName"]]
            description["desc"]["MonitoringScheduleConfig"] = config
            description["queue"] = ["Pending", "Scheduled"]
            return 200, JSON, {"MonitoringScheduleArn": description["desc"]["MonitoringScheduleArn"]}
        return super()._sagemaker(op, p)

    def _s3(self, op: str, p: dict[str, Any]) -> Any:
        if op != "ListObjectsV2":
            return super()._s3(op, p)
        start = f"s3://{p['Bucket']}/"
        keys = sorted(uri.removeprefix(start) for uri in self.objects if uri.startswith(start + p.get("Prefix", "")))
        folders: set[str] = set()
        if delimiter := p.get("Delimiter"):
            folders = {key[: key.index(delimiter, len(p["Prefix"])) + 1] for key in keys}
            keys = []
        size = self.aws.get("page_size", {}).get(op, 1000)
        first = int(p.get("ContinuationToken", "0"))
        more = first + size < len(keys)
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><Size>1</Size>"
            "</Contents>"
            for key in keys[first : first + size]
        )
        prefixes = "".join(f"<CommonPrefixes><Prefix>{each}</Prefix></CommonPrefixes>" for each in sorted(folders))
        token = f"<NextContinuationToken>{first + size}</NextContinuationToken>" if more else ""
        body = (
            f'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{entries}{prefixes}'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}</ListBucketResult>"
        )
        return 200, "application/xml", body.encode()

    def _cloudformation(self, op: str, p: dict[str, Any]) -> Any:
        stack = self.stacks.get(p["PhysicalResourceId"])
        if stack is None:
            raise Refuse("ValidationError", f"Stack for {p['PhysicalResourceId']} does not exist")
        body = (
            '<DescribeStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
            f"<DescribeStackResourcesResult><StackResources><member><StackName>{stack}</StackName>"
            f"<LogicalResourceId>S</LogicalResourceId><PhysicalResourceId>{p['PhysicalResourceId']}"
            "</PhysicalResourceId><ResourceType>AWS::SageMaker::MonitoringSchedule</ResourceType>"
            "<Timestamp>2024-01-01T00:00:00Z</Timestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
            "</StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>"
        )
        return 200, "text/xml", body.encode()

    def _iam(self, op: str, p: dict[str, Any]) -> Any:
        if op != "SimulatePrincipalPolicy":
            return super()._iam(op, p)
        if p["PolicySourceArn"] not in self.roles:
            raise Refuse("NoSuchEntity", "no such role", 404)
        decision = "implicitDeny" if p["ActionNames"][0] in self.denied_by_role else "allowed"
        body = (
            '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            "<SimulatePrincipalPolicyResult><EvaluationResults><member>"
            f"<EvalActionName>{p['ActionNames'][0]}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
            "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        )
        return 200, "text/xml", body.encode()

    def _params(self, params: Any, model: Any, **more: Any) -> None:
        with self._lock:
            super()._params(params, model, **more)
            self.calls[-1]["thread"] = threading.get_ident()

    def _send(self, request: Any, event_name: str, **more: Any) -> Any:
        operation = event_name.rpartition(".")[2]
        with self._lock:
            # The fake takes the last call for what it answers: with several threads, that of this one.
            own = next(
                call
                for call in reversed(self.calls)
                if call["operation"] == operation and call.get("thread") == threading.get_ident()
            )
            if own["sent"]:
                own = {**copy.deepcopy(own), "retry": True, "sent": False}
                own.pop("error", None)
            else:
                self.calls[:] = [call for call in self.calls if call is not own]
            self.calls.append(own)
            answer = super()._send(request, event_name, **more)
        if event_name.startswith("before-send.cloudformation") and answer.status_code >= 400:
            # The fake speaks JSON to all services that it does not know to speak XML.
            error = json.loads(answer.raw.read())
            body = f"<ErrorResponse><Error><Code>{error['__type']}</Code><Message>{escape(error['message'])}</Message>"
            answer.raw._b = f"{body}</Error></ErrorResponse>".encode()
            answer.headers["content-length"] = str(len(answer.raw._b))
        assert operation
        return answer


def _endpoint(name: str) -> dict[str, Any]:
    return {
        "EndpointName": name,
        "EndpointArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{name}",
        "EndpointConfigName": f"{name}-config",
        "EndpointStatus": "InService",
        "CreationTime": "2024-05-01T08:00:00Z",
        "LastModifiedTime": "2024-05-01T08:00:00Z",
        "ProductionVariants": [{"VariantName": "AllTraffic"}],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": 100,
            "DestinationS3Uri": "s3://data/capture",
            "KmsKeyId": "",
        },
    }
