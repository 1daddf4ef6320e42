"""Circuit elements without memory: resistors and diodes. One model a file."""
