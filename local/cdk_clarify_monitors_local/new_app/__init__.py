"""A new CDK app with both monitors, made of the app in `template`."""
