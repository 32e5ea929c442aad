"""The shapes that cross a border: HTTP bodies, records read back from storage, messages between services."""
