"""The embedded AWS answers to its owner only: not to web pages, not to other users of the machine."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk_clarify_monitors_local import EmbeddedAws

pytestmark = pytest.mark.deploy

TOKEN = "X-Clarify-Local-Token"  # noqa: S105 (a header's name)


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes


def send(aws: EmbeddedAws, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> Answer:
    """Make a request with exactly these headers; without one, Host is as a client sends it."""
    url = urlsplit(aws.endpoint_url)
    connection: http.client.HTTPConnection
    if aws.auth:
        context = ssl.create_default_context(cafile=aws.environment["AWS_CA_BUNDLE"])
        connection = http.client.HTTPSConnection(str(url.hostname), url.port, timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=60)
    try:
        connection.request(method, path, body or None, {"Content-Type": "text/plain", **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def signed_by(key: str, service: str = "s3") -> dict[str, str]:
    """The header of a request that a key has signed, as far as the key goes."""
    credential = f"{key}/20260101/eu-west-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"}


def own_key(aws: EmbeddedAws) -> str:
    return aws.environment["AWS_ACCESS_KEY_ID"]


def own_token(aws: EmbeddedAws) -> str:
    return str(aws.state["account"]["token"])


@pytest.fixture(params=["embedded_aws", "strict_aws"], ids=["without IAM", "with IAM"])
def server(request: pytest.FixtureRequest) -> EmbeddedAws:
    """One that enforces IAM, and one that does not."""
    aws: EmbeddedAws = request.getfixturevalue(request.param)
    return aws


# Keys

REQUESTS = {
    "a function's code": ("POST", "/2015-03-31/functions", '{"FunctionName": "intruder"}'),
    "a call of a function": ("POST", "/2015-03-31/functions/any/invocations", "{}"),
    "the list of buckets": ("GET", "/", ""),
    "an object": ("GET", "/bucket/key", ""),
    "an upload": ("PUT", "/bucket/key", "x" * 300_000),
    "a form": ("POST", "/bucket", "key=value"),
    "a query": ("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15"),
    "a query in the URL": ("GET", "/?Action=ListUsers&Version=2010-05-08", ""),
    "a function's URL": ("GET", "/_aws/lambda-url/abc/", ""),
    "an API": ("GET", "/_aws/execute-api/12345678/stage/", ""),
    "a role's credentials": ("GET", "/latest/meta-data/iam/security-credentials/", ""),
    "a container's credentials": ("GET", "/v2/credentials/", ""),
    "a user pool": ("GET", "/eu-west-1_abc/.well-known/jwks.json", ""),
}
ADMIN_REQUESTS = {
    "MiniStack's health": ("GET", "/_ministack/health", ""),
    "health under another name": ("GET", "/health", ""),
    "health under a third name": ("GET", "/_localstack/health", ""),
    "a reset": ("POST", "/_ministack/reset", ""),
    "MiniStack's settings": ("POST", "/_ministack/config", "{}"),
    "messages": ("GET", "/_ministack/sqs/messages", ""),
    "a function's code for download": ("GET", "/_ministack/lambda-code/any", ""),
    "a model": ("POST", "/_clarify_local/models", '{"loans": "/tmp/intruder.joblib"}'),
    "faults": ("POST", "/_clarify_local/faults", "{}"),
    "the end of faults": ("DELETE", "/_clarify_local/faults", ""),
    "the end": ("POST", "/_clarify_local/stop", ""),
    "what there is not": ("GET", "/_clarify_local/nothing", ""),
    "a percent sign in the path": ("POST", "/%5fministack/reset", ""),
}


def test_nobody_comes_in_without_a_key(server: EmbeddedAws) -> None:
    for name, request in {**REQUESTS, **ADMIN_REQUESTS}.items():
        method, path, body = request
        assert send(server, method, path, body=body).status in (400, 401, 403), name
    for target in ("SageMaker.ListProcessingJobs", "AWSStepFunctions.ListStateMachines", "TrentService.ListKeys"):
        assert send(server, "POST", "/", {"X-Amz-Target": target}, "{}").status in (400, 401, 403), target


def test_keys_that_can_be_guessed_open_nothing(server: EmbeddedAws) -> None:
    key = own_key(server)
    guesses = [
        "test",
        "",
        server.account,
        "000000000000",
        "AKIAIOSFODNN7EXAMPLE",
        key.lower(),
        key[:-1],
        key + "0",
        "*",
    ]
    for guess in guesses:
        assert send(server, "GET", "/", signed_by(guess)).status == 403, guess
        query = f"/?X-Amz-Credential={guess}%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
        assert send(server, "GET", query).status == 403, guess
        assert send(server, "GET", "/", {"Authorization": f"AWS {guess}:signature"}).status == 403, guess
        assert send(server, "GET", f"/?AWSAccessKeyId={guess}").status == 403, guess


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("iam", "list_users", "InvalidClientTokenId"),
        ("cloudformation", "list_stacks", "InvalidClientTokenId"),
        ("sagemaker", "list_processing_jobs", "UnrecognizedClientException"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
        ("cloudwatch", "list_metrics", "InvalidClientTokenId"),
    ],
)
def test_a_foreign_key_gets_the_error_of_aws(server: EmbeddedAws, service: str, operation: str, code: str) -> None:
    client: Any = boto3.session.Session().client  # its overloads know literal names only
    foreign = client(
        service,
        region_name=server.region,
        endpoint_url=server.endpoint_url,
        verify=server.environment.get("AWS_CA_BUNDLE"),
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}),
    )

    with pytest.raises(ClientError) as raised:
        getattr(foreign, operation)()

    assert raised.value.response["Error"]["Code"] == code


def test_admin_paths_need_the_token(server: EmbeddedAws) -> None:
    token = own_token(server)
    wrong = ["", "0", token[:-1], token + "0", token.swapcase(), own_key(server), "ü"]
    for name, (method, path, body) in ADMIN_REQUESTS.items():
        assert send(server, method, path, signed_by(own_key(server)), body).status == 403, name
        for value in wrong:
            assert send(server, method, path, {TOKEN: value.encode("utf-8").decode("latin-1")}, body).status == 403, (
                name
            )

    assert send(server, "GET", "/_ministack/health", {TOKEN: token}).status == 200
    assert send(server, "GET", "/_clarify_local/nothing", {TOKEN: token}).status == 404


def test_keys_of_users_and_sessions_open_aws(server: EmbeddedAws) -> None:
    iam, name = server.client("iam"), f"user-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    session = server.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="test")["Credentials"]
    as_role: Any = boto3.session.Session().client  # its overloads know literal names only
    sts = as_role(
        "sts",
        region_name=server.region,
        endpoint_url=server.endpoint_url,
        verify=server.environment.get("AWS_CA_BUNDLE"),
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )

    assert f":assumed-role/{name}/test" in sts.get_caller_identity()["Arn"]
    if not server.auth:  # IAM asks for more than the key
        assert send(server, "GET", "/", signed_by(key)).status == 200
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert b"InvalidAccessKeyId" in send(server, "GET", "/", signed_by(key)).body


def test_presigned_urls_open_what_they_are_for(server: EmbeddedAws) -> None:
    s3, bucket = server.client("s3"), f"presigned-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": server.region})
    parameters = {"Bucket": bucket, "Key": "report.html"}
    put, get = (s3.generate_presigned_url(operation, parameters) for operation in ("put_object", "get_object"))

    def path(url: str) -> str:
        return url.removeprefix(server.endpoint_url)

    assert send(server, "PUT", path(put), {"Content-Type": ""}, "<p>fair</p>").status == 200
    assert send(server, "GET", path(get), {"Content-Type": ""}).body == b"<p>fair</p>"
    assert send(server, "GET", path(get).replace(own_key(server), "AKIAIOSFODNN7EXAMPLE")).status == 403


# Names and web pages


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "evil.127.0.0.1:{port}",
        "bucket.s3.127.0.0.1:{port}",
        "localhost.evil.example",
        "evil.localhost:{port}",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "127.0.0.1@evil.example",
        "evil.example/127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:{port}, evil.example",
        "",
    ],
)
def test_foreign_names_are_refused(server: EmbeddedAws, host: str) -> None:
    foreign = host.format(port=urlsplit(server.endpoint_url).port)

    answer = send(server, "GET", "/", {"Host": foreign, **signed_by(own_key(server)), TOKEN: own_token(server)})

    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "localhost", "127.0.0.1"])
def test_names_of_its_own_are_served(server: EmbeddedAws, host: str) -> None:
    own = host.format(port=urlsplit(server.endpoint_url).port)

    assert send(server, "GET", "/_ministack/health", {"Host": own, TOKEN: own_token(server)}).status == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "http://localhost:3000", "{endpoint}", "file://", "chrome-extension://abc"],
)
def test_web_pages_are_refused(server: EmbeddedAws, origin: str) -> None:
    headers = {"Origin": origin.format(endpoint=server.endpoint_url), TOKEN: own_token(server)}
    preflight = {"Origin": headers["Origin"], "Access-Control-Request-Method": "PUT"}

    answers = [
        send(server, "GET", "/_ministack/health", headers),
        send(server, "POST", "/2015-03-31/functions", {**headers, **signed_by(own_key(server), "lambda")}, "{}"),
        send(server, "OPTIONS", "/bucket/key", preflight),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)


def test_no_answer_is_for_web_pages(server: EmbeddedAws) -> None:
    s3, bucket = server.client("s3"), f"cors-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": server.region})
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    key, token = signed_by(own_key(server)), {TOKEN: own_token(server)}

    answers = [
        send(server, "GET", f"/{bucket}", {**key, "Origin": "http://evil.example"}),
        send(server, "OPTIONS", f"/{bucket}/key", {**key, "Access-Control-Request-Method": "PUT"}),
        send(server, "OPTIONS", "/", token),
        send(server, "GET", "/", key),
        send(server, "GET", "/_ministack/health", token),
        send(
            server,
            "POST",
            "/",
            {"X-Amz-Target": "SageMaker.ListProcessingJobs", **signed_by(own_key(server), "sagemaker")},
            "{}",
        ),
    ]

    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)


def test_web_sockets_are_refused(server: EmbeddedAws) -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }

    for path in ("/", "/_aws/execute-api/12345678/stage"):
        assert send(server, "GET", path, handshake).status == 403
        assert send(server, "GET", path, {**handshake, "Origin": "http://evil.example"}).status == 403


# What works in the account

FUNCTION = """
import json, os, urllib.request
def handler(event, context):
    import boto3
    found = {"caller": boto3.client("sts").get_caller_identity()["Arn"], "url": event["ResponseURL"]}
    found |= {name: os.environ.get(name, "") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    found["environment"] = json.dumps(dict(os.environ))
    body = json.dumps({**{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        "PhysicalResourceId": "found", "Status": "SUCCESS", "Data": {} if event["RequestType"] == "Delete" else {
            **{name: found[name] for name in ("caller", "url", "AWS_ACCESS_KEY_ID")},
            "leaked": [w for w in event["ResourceProperties"]["Secrets"].split(",") if w in found["environment"]]}})
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body.encode(), method="PUT"))
"""


def template(secrets: list[str]) -> str:
    role = {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    }
    function = {
        "Code": {"ZipFile": FUNCTION},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.12",
        "Timeout": 60,
    }
    attributes = ("caller", "url", "AWS_ACCESS_KEY_ID", "leaked")
    outputs: dict[str, Any] = {
        name.replace("_", ""): {"Value": {"Fn::GetAtt": ["Custom", name]}} for name in attributes if name != "leaked"
    }
    return json.dumps(
        {
            "Resources": {
                "Role": {"Type": "AWS::IAM::Role", "Properties": role},
                "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
                "Custom": {
                    "Type": "Custom::Caller",
                    "Properties": {
                        "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                        "Secrets": ",".join(secrets),
                    },
                },
                "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            },
            "Outputs": {
                **outputs,
                "leaked": {"Value": {"Fn::Join": [",", {"Fn::GetAtt": ["Custom", "leaked"]}]}},
                "signal": {"Value": {"Ref": "Handle"}},
            },
        }
    )


@pytest.fixture
def outputs(server: EmbeddedAws) -> Iterator[dict[str, str]]:
    """The outputs of a stack with a function that answers for a custom resource."""
    cloudformation, name = server.client("cloudformation"), f"caller-{uuid4().hex[:8]}"
    secrets = [own_token(server), server.environment["AWS_SECRET_ACCESS_KEY"], own_key(server)]
    cloudformation.create_stack(StackName=name, TemplateBody=template(secrets), Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.2})
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    yield {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    cloudformation.delete_stack(StackName=name)


def test_functions_have_keys_of_their_own(server: EmbeddedAws, outputs: dict[str, str]) -> None:
    assert re.fullmatch(r"ASIA[0-9A-F]{16}", outputs["AWSACCESSKEYID"])
    assert ":assumed-role/" in outputs["caller"]
    assert outputs["leaked"] == ""

    def path(url: str) -> str:
        return url.removeprefix(server.endpoint_url)

    answer, signal = path(outputs["url"]), path(outputs["signal"])
    assert send(server, "PUT", answer, body="{}").status == 200  # late, and of no effect
    assert send(server, "PUT", answer, {"Origin": "http://evil.example"}, "{}").status == 403
    assert send(server, "GET", answer).status == 403
    for url in (answer, signal):
        guess = f"{url.rpartition('/')[0]}/{uuid4()}"
        assert send(server, "PUT", guess, {"Content-Type": ""}, "{}").status == 403
    done = json.dumps({"Status": "SUCCESS", "UniqueId": "1", "Data": "", "Reason": ""})
    assert send(server, "PUT", signal, {"Content-Type": ""}, done).status == 200


def test_the_secret_of_a_user_counts_where_iam_is_enforced(strict_aws: EmbeddedAws) -> None:
    iam, name = strict_aws.client("iam"), f"user-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    client: Any = boto3.session.Session().client  # its overloads know literal names only
    s3 = client(
        "s3",
        region_name=strict_aws.region,
        endpoint_url=strict_aws.endpoint_url,
        verify=strict_aws.environment["AWS_CA_BUNDLE"],
        aws_access_key_id=iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"],
        aws_secret_access_key="guessed",  # noqa: S106
    )

    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        s3.list_buckets()
