"""Conversations as files: exported with their pictures, and imported again."""
