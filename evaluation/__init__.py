"""The measures of the paper and ours, and the report they make."""
