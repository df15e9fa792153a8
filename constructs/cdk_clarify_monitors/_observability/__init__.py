"""What tells people of a monitor: its metrics, rules on its jobs, alarms and widgets of a dashboard."""
