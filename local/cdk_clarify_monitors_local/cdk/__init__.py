"""What is known of an app that the `cdk` command synthesizes and deploys."""
