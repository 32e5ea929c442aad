"""Dialogues that a language model writes after hand-written seeds (self-instruct), checked before they are kept."""
