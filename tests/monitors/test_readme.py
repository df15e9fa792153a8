"""The README's example runs as it stands there, and its links lead somewhere."""

import re

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from tests.monitors.builders import ROOT

README = (ROOT / "README.md").read_text()
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_example_makes_both_monitors(monkeypatch, tmp_path):
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    names = {}
    exec(compile(EXAMPLE, "README.md", "exec"), names)  # noqa: S102  it is ours
    assert isinstance(names["app"], App)
    template = Template.from_stack(names["stack"])
    for kind in ("ModelBias", "ModelExplainability"):
        template.resource_count_is(f"AWS::SageMaker::{kind}JobDefinition", 1)
    template.resource_count_is("Custom::ClarifyBaseline", 2)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?://)([^)#]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
