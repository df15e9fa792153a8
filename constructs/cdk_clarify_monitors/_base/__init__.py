"""What a monitor of this app and one of another app have in common: metrics, rules, grants; and their interfaces."""
