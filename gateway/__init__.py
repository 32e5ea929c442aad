"""The public HTTP process: it owns conversations and edits, and never loads a model."""
