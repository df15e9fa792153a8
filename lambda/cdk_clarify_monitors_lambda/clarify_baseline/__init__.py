"""The custom resources: baselines of Clarify monitors, and a guard for schedules that are to be deleted.

`handler.py` calls custom_resource.py or schedule_guard.py. Each package imports only those below it:

* lifecycle: decisions over time. A Create or an Update is taken on, waited for, and a Delete carried out.
* aws: calls of S3 and SageMaker, retries, and what their errors mean.
* model: plain data and rules. model/claim.py says which of several requests may act; lifecycle follows from there.

The folder is imported as `cdk_clarify_monitors_lambda.clarify_baseline` in the project and as `clarify_baseline`
on Lambda. Its modules import each other relatively, so they do not notice.
"""
