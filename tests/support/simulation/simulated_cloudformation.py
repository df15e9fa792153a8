"""CloudFormation's way with one custom resource, and the provider framework of CDK in between, in virtual time.

The framework is a model of `aws-cdk-lib/custom-resources/lib/provider-framework/runtime`: what it merges into the
events, which Deletes it swallows, that it answers a time-out without asking anybody.
"""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_clarify_monitors_lambda.clarify_baseline.custom_resource import CustomResource
from tests.support.simulation.simulated_aws import STOPPING_SECONDS, SimulatedAws, split

CREATE_FAILED = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED"
QUERY_INTERVAL = 10
STACK_ID = "arn:aws:cloudformation:us-west-2:123456789012:stack/Stack/0a1b2c3d"
RESPONSE_URL = "https://cloudformation.example/response?X-Amz-Signature=secret"

Properties = dict[str, Any]


@dataclass
class Response:
    status: str
    physical_resource_id: str
    data: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def is_success(self) -> bool:
        return self.status == "SUCCESS"


class Framework:
    """CDK's provider framework with its waiter state machine."""

    def __init__(self, aws: SimulatedAws, total_timeout: float = 3600) -> None:
        self.aws, self._total_timeout = aws, total_timeout
        self.responses: dict[str, Response] = {}
        self.start_execution_fails = False
        self.at_work: set[str] = set()
        self.handlers = CustomResource(
            sagemaker=aws.client("sagemaker"), s3=aws.client("s3"), clock=aws.world.time, sleep=aws.world.sleep
        )

    def on_event(self, event: Mapping[str, Any]) -> None:
        if self._swallows(event):
            return
        self.at_work.add(event["RequestId"])
        try:
            result = _json(self.handlers.on_event(_json({**event, "ResponseURL": RESPONSE_URL})))
            if event["RequestType"] == "Delete" and result["PhysicalResourceId"] != event["PhysicalResourceId"]:
                raise ValueError("DELETE: cannot change the physical resource ID")
            if self.start_execution_fails:
                raise ConnectionError("StartExecution")
        except Exception as error:
            self._submit(event, "FAILED", {"PhysicalResourceId": CREATE_FAILED, **event}, reason=str(error))
            return
        finally:
            self.at_work.discard(event["RequestId"])
        merged = {**event, **result}
        self._poll_after(0, merged, self.aws.world.now + self._total_timeout)

    def _swallows(self, event: Mapping[str, Any]) -> bool:
        swallows: bool = event["RequestType"] == "Delete" and event["PhysicalResourceId"] == CREATE_FAILED
        if swallows:
            self._submit(event, "SUCCESS", event)
        return swallows

    def _poll_after(self, seconds: float, event: Mapping[str, Any], deadline: float) -> None:
        self.aws.world.after(seconds, lambda: self._poll(event, deadline))

    def _poll(self, event: Mapping[str, Any], deadline: float) -> None:
        try:
            result = _json(self.handlers.is_complete(_json({**event, "ResponseURL": RESPONSE_URL})))
            if result.get("Data") and not result["IsComplete"]:
                raise ValueError('"Data" is not allowed if "IsComplete" is "False"')
        except Exception as error:
            self._submit(event, "FAILED", event, reason=str(error))
            return
        if result["IsComplete"]:
            self._submit(event, "SUCCESS", {**event, "Data": result.get("Data", {})})
        elif self.aws.world.now >= deadline:
            self._submit(event, "FAILED", event, reason="Operation timed out")
        else:
            self._poll_after(QUERY_INTERVAL, event, deadline)

    def _submit(self, event: Mapping[str, Any], status: str, answer: Mapping[str, Any], reason: str = "") -> None:
        response = Response(status, answer["PhysicalResourceId"], dict(answer.get("Data", {})), reason)
        self.responses.setdefault(event["RequestId"], response)  # CloudFormation takes the first one
        whole = {
            "Status": status,
            "Reason": status,
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
            "PhysicalResourceId": response.physical_resource_id,
            "Data": response.data,
        }
        if len(json.dumps(whole)) > 4096:
            self.aws.violations.append("the answer is longer than CloudFormation takes")


@dataclass
class Disturbance:
    """What goes wrong around the custom resource during one operation of the stack."""

    fails_after: float | None = None
    """Seconds until another resource fails: CloudFormation does not wait for the answer."""
    fails_at_last: bool = False
    """Another resource fails after this one was a success."""
    duplicate_after: float | None = None
    """Seconds until the event is delivered once more."""
    rolls_back_under_new_id: bool = False
    service_timeout: float = 3600.0


class Stack:
    """A stack with one baseline, and a job definition that uses its answer."""

    def __init__(self, aws: SimulatedAws, framework: Framework | None = None) -> None:
        self.aws, self.framework = aws, framework or Framework(aws)
        self.properties: Properties | None = None
        self.physical_resource_id = ""
        self.data: dict[str, str] = {}
        self.must_roll_back_from: Properties | None = None
        self.failures: list[Response] = []
        self._ids = itertools.count(1)

    # -------------------------------------------------------------- operations: True if the stack is as asked for
    def create(self, properties: Properties, disturbance: Disturbance | None = None) -> bool:
        disturbance = disturbance or Disturbance()
        response = self._request("Create", properties, disturbance)
        if response and response.is_success and not disturbance.fails_at_last:
            self._keep(properties, response)
            return True
        made_up = f"Stack-Baseline-1ABCDEFGH{next(self._ids)}"
        self._delete(properties, response.physical_resource_id if response else made_up)
        return False

    def update(self, properties: Properties, disturbance: Disturbance | None = None) -> bool:
        disturbance = disturbance or Disturbance()
        old, old_id = self._live(), self.physical_resource_id
        response = self._request("Update", properties, disturbance, old, old_id)
        if response and response.is_success and not disturbance.fails_at_last:
            self._keep(properties, response)
            if response.physical_resource_id != old_id:
                self._delete(old, old_id)
            return True
        reported = response.physical_resource_id if response else old_id
        self._roll_back(properties, reported if disturbance.rolls_back_under_new_id else old_id)
        if response and response.physical_resource_id != old_id and not self.must_roll_back_from:
            self._delete(properties, response.physical_resource_id)
        return False

    def continue_rollback(self) -> bool:
        if self.must_roll_back_from is None:
            raise AssertionError("there is nothing to roll back")
        self._roll_back(self.must_roll_back_from, self.physical_resource_id)
        return self.must_roll_back_from is None

    def delete(self, duplicate_after: float | None = None) -> bool:
        properties, physical_resource_id = self._live(), self.physical_resource_id
        self.properties, self.data, self.must_roll_back_from = None, {}, None
        self.aws.protected.clear()
        return self._delete(properties, physical_resource_id, Disturbance(duplicate_after=duplicate_after))

    # -------------------------------------------------------------- steps
    def _live(self) -> Properties:
        if self.properties is None:
            raise AssertionError("there is no stack")
        return self.properties

    def _keep(self, properties: Properties, response: Response) -> None:
        self.properties, self.data = properties, response.data
        self.physical_resource_id, self.must_roll_back_from = response.physical_resource_id, None
        places = [split(uri) for name, uri in response.data.items() if name.endswith("S3Uri")]
        missing = [key for bucket, key in places if (bucket, key) not in self.aws.objects]
        if missing:
            self.aws.violations.append(f"the answer leads nowhere: {missing}")
        self.aws.protected = {place: self.aws.objects.get(place, b"") for place in places}

    def _roll_back(self, from_: Properties, physical_resource_id: str) -> None:
        old = self._live()
        response = self._request("Update", old, Disturbance(), from_, physical_resource_id)
        self.must_roll_back_from = from_
        if response and response.is_success:
            self._keep(old, response)

    def _delete(self, properties: Properties, physical_id: str, disturbance: Disturbance | None = None) -> bool:
        for _ in range(3):  # CloudFormation tries again
            response = self._request("Delete", properties, disturbance or Disturbance(), physical_id=physical_id)
            if response and response.is_success:
                return True
        self.aws.violations.append(f"a Delete has failed: {response}")
        return False

    def _request(
        self,
        kind: str,
        properties: Properties,
        disturbance: Disturbance,
        old: Properties | None = None,
        physical_id: str | None = None,
    ) -> Response | None:
        """Send an event and wait for the answer; None if CloudFormation has stopped waiting."""
        event = self.event(kind, properties, old, physical_id)
        self.send(event)
        if disturbance.duplicate_after is not None:
            self.aws.world.after(disturbance.duplicate_after, lambda: self._deliver_again(event))
        if disturbance.fails_after is not None:
            return self.wait(event, disturbance.fails_after)
        response = self.wait(event, disturbance.service_timeout)
        if response is None:
            self.aws.violations.append(f"no answer to {event['RequestId']} in time")
        return response

    def event(
        self, kind: str, properties: Properties, old: Properties | None = None, physical_id: str | None = None
    ) -> dict[str, Any]:
        """A new event of CloudFormation."""
        return {
            "RequestType": kind,
            "RequestId": f"{kind.lower()}-{next(self._ids):08d}-0000-4000-8000-000000000000",
            "StackId": STACK_ID,
            "LogicalResourceId": "Baseline",
            "ResourceType": "Custom::ClarifyBaseline",
            "ResourceProperties": properties,
            **({"OldResourceProperties": old} if old is not None else {}),
            **({"PhysicalResourceId": physical_id} if physical_id is not None else {}),
        }

    def send(self, event: Mapping[str, Any]) -> None:
        self.aws.world.after(0, lambda: self.framework.on_event(event))

    def wait(self, event: Mapping[str, Any], patience: float = 3600) -> Response | None:
        world, responses, request_id = self.aws.world, self.framework.responses, event["RequestId"]
        world.run_until(world.now + patience, lambda: request_id in responses)
        response = responses.get(request_id)
        if response and not response.is_success:
            self.failures.append(response)
        return response

    def answer_to(self, event: Mapping[str, Any]) -> Response:
        """Send an event and wait for the answer, which has to come."""
        self.send(event)
        response = self.wait(event)
        if response is None:
            raise AssertionError(f"no answer to {event['RequestId']}")
        return response

    def start(self, properties: Properties, seconds: float = 30) -> None:
        """Send a Create and let it go on for a while."""
        self.send(self.event("Create", properties))
        self.aws.world.run_until(self.aws.world.now + seconds)

    def _deliver_again(self, event: Mapping[str, Any]) -> None:
        """Lambda delivers twice within seconds or minutes, not when the resource has been used and deleted since.

        Nor when on_event has failed: that is the one failure after which CloudFormation's Delete never reaches us.
        """
        response = self.framework.responses.get(event["RequestId"])
        is_gone = self.properties is None or event["RequestType"] == "Delete"
        is_history = response and (is_gone if response.is_success else response.physical_resource_id == CREATE_FAILED)
        if event["RequestId"] in self.framework.at_work:
            self.aws.world.after(1, lambda: self._deliver_again(event))
        elif not is_history:
            self.framework.on_event(event)

    def settle(self) -> None:
        """Let every waiter and every stopping job come to its end."""
        self.aws.world.run_until(self.aws.world.now + 2 * 3600 + STOPPING_SECONDS)


def document(**changes: Any) -> dict[str, Any]:
    """A document in the form that the constructs write; changes are {"path/to/member": value}, None removes it."""
    value: dict[str, Any] = {
        "Version": 1,
        "Name": "Stack-Monitor-1A2B3C4D",
        "Monitoring": {"Location": "s3://monitor/config/", "AnalysisConfig": {"label": "target", "methods": {}}},
        "Baselining": {
            "AnalysisConfig": {"dataset_type": "text/csv", "label": "target", "headers": ["é", "target"]},
            "ConfigLocation": "s3://monitor/baselining-config",
            "ProcessingJob": {
                "RoleArn": "arn:aws:iam::123456789012:role/job",
                "AppSpecification": {"ImageUri": "123.dkr.ecr.us-west-2.amazonaws.com/clarify:1.0"},
                "ProcessingResources": {
                    "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
                },
                "ProcessingInputs": [
                    {
                        "InputName": "dataset",
                        "S3Input": {
                            "S3Uri": "s3://data/train/",
                            "LocalPath": "/opt/ml/processing/input/data",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "analysis_result",
                            "S3Output": {
                                "S3Uri": "s3://monitor/baseline/",
                                "LocalPath": "/opt/ml/processing/output",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
            },
            "TimeoutSeconds": 3300,
        },
    }
    for path, change in changes.items():
        *parents, last = path.split("/")
        place = value
        for name in parents:
            place = place[name]
        if change is None:
            place.pop(last, None)
        else:
            place[last] = change
    if len(value.get("Name", "")) > 39:
        value.setdefault("NamePrefix", value["Name"][:39].rstrip("-"))
    return value


def properties(doc: Mapping[str, Any] | None = None, **more: Any) -> Properties:
    """The properties of a custom resource the way CloudFormation hands them over."""
    return {"ServiceToken": "arn:aws:lambda:us-west-2:123456789012:function:provider", "ServiceTimeout": "3600",
            "Baseline": json.dumps(document() if doc is None else doc), **more}  # fmt: skip


def variant(number: int, **changes: Any) -> Properties:
    """Properties with other inputs for each number."""
    config = {"dataset_type": "text/csv", "label": "target", "variant": number}
    return properties(document(**{"Baselining/AnalysisConfig": config, **changes}))


def expected_constraints(of: Properties) -> dict[str, Any]:
    """What the simulated job computes from these properties."""
    baselining = json.loads(of["Baseline"])["Baselining"]
    job = baselining["ProcessingJob"]
    del job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return {"config": baselining["AnalysisConfig"], "job": job}


def _json(value: Any) -> Any:
    """What is left of a value on its way through Lambda."""
    return json.loads(json.dumps(value))
