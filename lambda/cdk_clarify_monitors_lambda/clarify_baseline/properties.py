"""Import path for code outside the functions."""

from .model.properties import Properties as Properties
