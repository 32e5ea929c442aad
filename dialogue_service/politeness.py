"""What people put around a short request without meaning anything by it, as patterns of lower-case text."""

BEFORE = (
    r"(?:(?:no+|nope|nah|oops|hm+|ok|okay|oh|ah|well|sorry|wait|please|pls|actually|just|now|then|hey|um+|"
    r"can you|could you|would you|can we|could we|i want to|i'd like to|let's|let us|"
    r"i don't like (?:it|that|this))\W+)*"
)
AFTER = r"(?:\W+(?:please|pls|thanks|thank you|again|now|then|though|better|x+))*"


def plain(text: str) -> str:
    """Return the text as these patterns expect it."""
    return text.lower().replace("’", "'")
