"""A baseline: the configs of a Clarify monitor in S3, and the processing job that suggests its constraints.

Where to start: `handler.py` calls `custom_resource.py`, and that one of three modules.

    on_event       Create, Update    takeover.py      takes the claim, chooses the job
    is_complete    Create, Update    deployment.py    starts the job, waits for it, answers
    is_complete    Delete            removal.py       stops the jobs, removes their files if asked to

* claims.py says which of several requests may act: what the three modules do follows from there.
* request.py and properties.py read what CloudFormation says; identity.py, baselining_job.py, work.py: what follows.
* constraints.py puts the user's own limits in place of suggested constraints.
* jobs.py, schedules.py and storage.py are the few things done with SageMaker and S3; errors.py says what errors mean.

The other custom resource, schedule_guard.py, has nothing to do with baselines: it waits until schedules can be deleted.

The folder is imported as `cdk_clarify_monitors_lambda.clarify_baseline` in the project and as `clarify_baseline`
on Lambda. Its modules import each other relatively, so they do not notice.
"""
