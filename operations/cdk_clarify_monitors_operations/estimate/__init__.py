"""What the monitors of a cloud assembly will use, told before they are deployed."""
