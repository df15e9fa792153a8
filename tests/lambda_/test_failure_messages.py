"""What the deployment says of a job that failed: both of SageMaker's texts, each cut to what there is room for."""

from __future__ import annotations

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.aws.processing_jobs import JobRecord


@pytest.mark.parametrize(
    ("failure_reason", "exit_message"),
    [("r" * 1024, "m" * 1024), ("r" * 1024, "m" * 20), ("r" * 20, "m" * 1024), ("r " * 512, "m\n" * 512), ("r", "m")],
)
def test_neither_reason_nor_exit_message_is_pushed_out(failure_reason: str, exit_message: str) -> None:
    name = "x" * 63
    reason = str(JobRecord(name, "Failed", failure_reason, exit_message).failure())

    head, _, details = reason.partition(f" The baselining job {name} has the status Failed. ")
    said, _, message = head.partition(" ExitMessage: ")
    assert details == f"Logs: log group /aws/sagemaker/ProcessingJobs, log streams {name}/."
    for text, told in ((failure_reason, said), (exit_message, message)):
        whole = " ".join(text.split())
        assert told == whole or (told.endswith("…") and whole.startswith(told[:-1]) and len(told) > 300)
    # What one does not need is left to the other.
    assert len(reason) == 980 or head == " ".join(f"{failure_reason} ExitMessage: {exit_message}".split())


def test_one_reason_has_all_the_room() -> None:
    alone = str(JobRecord("x", "Failed", "r" * 1024, "").failure())
    assert len(alone) == 980
    assert "ExitMessage" not in alone
    assert str(JobRecord("x", "Failed", "", "m" * 10).failure()).startswith(
        "ExitMessage: mmmmmmmmmm The baselining job x"
    )
    assert str(JobRecord("x", "Stopped", "", "").failure()).startswith("SageMaker gives no reason; ")
