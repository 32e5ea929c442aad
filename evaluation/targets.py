"""What the minis should reach."""

SUCCESS = 90.0
"""Percent of edits."""
STYLES = 90.0
"""Percent of styles on photographs."""
PRESERVED_DB, DETAIL_DB = 28.0, 20.0
PERPLEXITY = 1.30
KIND, INSTRUCTION = 97.0, 95.0
"""Percent of turns of the right kind; percent of edits with the right instruction."""
STRANGERS, PHOTOGRAPHS = 95.0, 80.0
"""Percent of held-out turns answered right: about drawn scenes, about captions of photographs."""
QUESTIONS = 1.2
"""Mean questions where one is enough."""
CONVERSATION = 75.0
"""Percent of conversations of four vague wishes."""
