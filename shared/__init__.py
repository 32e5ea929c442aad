"""The contracts that every process agrees on: schemas, errors, settings, storage, broker; no torch here."""
