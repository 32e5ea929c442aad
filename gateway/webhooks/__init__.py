"""Webhooks: `python -m gateway.webhooks` tells receivers of the ends of edits."""
