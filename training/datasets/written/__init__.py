"""Whole dialogues written by hand, for what no grammar of phrases says; `reading` makes training dialogues of them."""
