"""What the monitors are made of: Python writes down what it has decided, JavaScript makes the constructs."""
