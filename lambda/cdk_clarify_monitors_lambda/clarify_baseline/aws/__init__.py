"""What is done with S3 and SageMaker, and what their errors mean."""
