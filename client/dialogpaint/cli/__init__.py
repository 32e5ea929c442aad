"""The command `dialogpaint`: one module for each of its larger commands."""
