"""A web page in a real browser gets nothing from the embedded AWS, whatever it tries."""

from __future__ import annotations

import json
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.browser import BROWSER, OPTIONS

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome (on Debian: apt-get install chromium)"),
]

#: Each attempt resolves to what the page could see of an answer; all run against every server.
PAGE = """
<!doctype html>
<title>Harmless</title>
<script>
const text = { "Content-Type": "text/plain" };
const post = (url, body, more) => fetch(url, { method: "POST", mode: "no-cors", headers: text, body, ...more });
const seen = async (response) => response.type === "opaque" ? "nothing" : "answer " + (await response.text());
const shown = (tag, url) => new Promise((resolve) => {
  const element = document.createElement(tag);
  element.onload = () => resolve("loaded");
  element.onerror = () => resolve("nothing");
  element.src = url;
  document.documentElement.append(element);
});
const attempts = {
  "deploys a function": (aws) => post(aws.url + "/2015-03-31/functions", JSON.stringify(aws.intruder)).then(seen),
  "makes a bucket by a form": async (aws) => {
    const form = new FormData();
    form.append("key", "intruder");
    form.append("file", "intruder");
    return seen(await post(aws.url + "/" + aws.bucket, form, { headers: {} }));
  },
  "names a model": (aws) => post(aws.url + "/_clarify_local/models", '{"loans": "/tmp/intruder"}').then(seen),
  "reads the health": (aws) => fetch(aws.url + "/_ministack/health").then(seen),
  "reads the buckets": (aws) => fetch(aws.url + "/").then(seen),
  "uses a key that leaked": (aws) => fetch(aws.url + "/", { headers: { Authorization: aws.authorization } }).then(seen),
  "uses a URL that leaked": (aws) => fetch(aws.presigned).then(seen),
  "uses a token that leaked": (aws) => fetch(aws.url + "/_ministack/health", {
    headers: { "X-Clarify-Local-Token": aws.token } }).then(seen),
  "writes by a URL that leaked": (aws) => fetch(aws.upload, { method: "PUT", body: "intruder" }).then(seen),
  "loads a script": (aws) => shown("script", aws.url + "/?Action=ListUsers&Version=2010-05-08"),
  "loads a picture": (aws) => shown("img", aws.url + "/" + aws.bucket + "/picture.svg"),
  "opens a web socket": (aws) => new Promise((resolve) => {
    const socket = new WebSocket(aws.url.replace("http", "ws") + "/_aws/execute-api/12345678/stage");
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("nothing");
  }),
  "sends a beacon": async (aws) => {
    navigator.sendBeacon(aws.url + "/_ministack/reset", "");
    return "nothing";
  },
  "empties the account": (aws) => post(aws.url + "/_ministack/reset", "").then(seen),
  "ends it": (aws) => post(aws.url + "/_clarify_local/stop", "").then(seen),
};
(async () => {
  const found = {};
  for (const aws of SERVERS) {
    for (const [name, attempt] of Object.entries(attempts)) {
      found[name + " of " + aws.url] = await attempt(aws).catch(() => "nothing");
    }
  }
  found["reads a site that is open to all"] = await fetch(OPEN).then(seen);
  await fetch("/found", { method: "POST", body: JSON.stringify(found) });
})();
</script>
"""


class Site:
    """A web site with one page, which tells what it has seen."""

    def __init__(self, page: str) -> None:
        self.found: Queue[dict[str, str]] = Queue()
        found = self.found

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(page.encode())

            def do_POST(self) -> None:
                found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer(b"")

            def answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    """The command that begins every run of the browser."""
    assert BROWSER is not None
    return [
        BROWSER,
        *OPTIONS,
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",  # other browsers lack them
        "--ignore-certificate-errors",
        f"--user-data-dir={tmp_path / 'browser'}",
    ]


@pytest.fixture
def servers(embedded_aws: EmbeddedAws, strict_aws: EmbeddedAws) -> list[EmbeddedAws]:
    """One without and one with IAM enforcement, each with a bucket that it would miss."""
    return [embedded_aws, strict_aws]


def plant(aws: EmbeddedAws, bucket: str) -> dict[str, Any]:
    """Make what a page could be after, and return what it knows, more than it could."""
    s3, key = aws.client("s3"), aws.environment["AWS_ACCESS_KEY_ID"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    s3.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    s3.put_object(Bucket=bucket, Key="picture.svg", Body=picture, ContentType="image/svg+xml")
    credential = f"{key}/20260101/{aws.region}/s3/aws4_request"
    return {
        "url": aws.endpoint_url,
        "bucket": bucket,
        "token": aws.state["account"]["token"],
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
        "presigned": s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "secret"}),
        "upload": s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "intruder"}),
        "intruder": {"FunctionName": bucket, "Runtime": "python3.12", "Role": f"arn:aws:iam::{aws.account}:role/x"},
    }


def test_a_page_gets_nothing_and_changes_nothing(servers: list[EmbeddedAws], browser: list[str]) -> None:
    bucket = f"web-page-{uuid4().hex[:8]}"
    planted = [plant(aws, bucket) for aws in servers]
    open_site = Site("open")
    site = Site(PAGE.replace("SERVERS", json.dumps(planted)).replace("OPEN", json.dumps(open_site.url)))
    process = subprocess.Popen(
        [*browser, "--remote-debugging-port=0", site.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found = site.found.get(timeout=120)
    finally:
        process.kill()
        process.wait()
        site.close()
        open_site.close()

    assert found.pop("reads a site that is open to all") == "answer open"  # so it is not the browser that refuses
    assert len(found) == 2 * 15
    assert {name: outcome for name, outcome in found.items() if outcome != "nothing"} == {}
    for aws in servers:
        objects = aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
        assert [entry["Key"] for entry in objects] == ["picture.svg", "secret"]
        functions = aws.client("lambda").list_functions()["Functions"]
        assert bucket not in [function["FunctionName"] for function in functions]


def test_a_rebound_name_shows_nothing(servers: list[EmbeddedAws], browser: list[str]) -> None:
    for aws in servers:
        url = urlsplit(aws.endpoint_url)
        command = [*browser, "--host-resolver-rules=MAP evil.example 127.0.0.1", "--dump-dom"]

        page = subprocess.run(
            [*command, f"{url.scheme}://evil.example:{url.port}/_ministack/health"],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout

        assert "answers to 127.0.0.1 and localhost only" in page
        assert "services" not in page
