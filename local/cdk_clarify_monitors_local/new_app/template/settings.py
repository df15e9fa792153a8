"""What is yours: names in your AWS account, and your training data. Change these first."""

from pathlib import Path

STACK_NAME = "LoanMonitors"

#: The endpoint that is monitored, and the SageMaker model behind it.
ENDPOINT = "loans-endpoint"
MODEL = "loans"

#: Where the endpoint captures requests and answers: `DestinationS3Uri` of its data capture.
DATA_CAPTURE = "s3://loans-data/captured"

#: Where the true labels arrive; README.md says in which form.
GROUND_TRUTH = "s3://loans-data/ground-truth"

#: The data that the model was trained on, with a header row. The columns but the label are what the endpoint is sent.
TRAINING_DATA = Path(__file__).parent / "data" / "train.csv"
LABEL = "approved"
