"""What an endpoint captures and what labels it gets, as SageMaker writes them."""
