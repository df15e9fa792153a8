"""The custom resources: baselines of Clarify monitors, and a guard for schedules that are to be deleted.

Each package imports only those below it. model/claim.py says which of several requests may act; the rest follows.

* lifecycle: decisions over time, for Create and Update, while waiting, and for Delete.
* aws: calls of S3 and SageMaker, what their errors mean, and for how long they are retried.
* model: plain data and rules.

On Lambda this package is `clarify_baseline`, elsewhere `cdk_clarify_monitors_lambda.clarify_baseline`.
"""
