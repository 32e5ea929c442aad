"""What everybody knows to have a colour: `mud` is brown, `a lemon` yellow. For "paint it like a lemon"."""

from __future__ import annotations

_OF_A_COLOUR = {
    "red": (
        "blood tomato tomatoes cherry cherries strawberry strawberries raspberry ketchup brick bricks ruby rubies "
        "lipstick postbox ladybird ladybug chilli lobster poppy poppies santa cranberry crimson scarlet vermilion "
        "burgundy maroon cardinal paprika beetroot devil"
    ),
    "orange": (
        "carrot carrots pumpkin pumpkins basketball tangerine apricot marmalade mandarin clementine satsuma goldfish "
        "tiger fox amber ginger papaya rust rusty"
    ),
    "yellow": (
        "lemon lemons banana bananas butter canary daffodil custard mustard chick sweetcorn corn sunflower yolk "
        "buttercup cheese dandelion pineapple straw honey gold golden blonde blond taxi sunshine"
    ),
    "green": (
        "frog spinach cucumber pea peas lime limes broccoli crocodile moss mossy emerald emeralds cactus lettuce kiwi "
        "clover ivy grasshopper seaweed gherkin pickle parsley avocado lawn olive olives jade mint shamrock cabbage "
        "leprechaun lizard khaki"
    ),
    "blue": (
        "denim jeans blueberry blueberries ocean cornflower cornflowers sapphire sapphires bluebell bluebells smurf "
        "lagoon navy azure cobalt indigo ultramarine turquoise teal cyan"
    ),
    "purple": (
        "aubergine eggplant grape grapes lavender plum plums violet violets lilac amethyst heather mauve blackcurrant "
        "fig wisteria iris magenta royalty"
    ),
    "pink": (
        "flamingo bubblegum piglet piglets pig candyfloss marshmallow marshmallows prawn shrimp peony ham salmon "
        "barbie rosy fuchsia blush tongue blossom"
    ),
    "brown": (
        "mud muddy chocolate coffee bark cocoa chestnut chestnuts gravy toast soil conker cinnamon walnut wood wooden "
        "hedgehog gingerbread earth coconut acorn cigar nutmeg tan beige hazel mahogany caramel dirt toffee"
    ),
    "black": (
        "coal liquorice licorice soot ink tar crow raven ebony panther charcoal tuxedo asphalt tarmac onyx obsidian "
        "blackboard midnight"
    ),
    "white": (
        "milk milky chalk cloud clouds paper swan flour sugar salt ghost ivory porcelain lily dove igloo snowman "
        "snowmen pearl pearls marble bone bones mayonnaise cream snowflake cotton bride chalky vanilla"
    ),
}
_AT_NEED = {
    "red": "rose roses apple fire wine",
    "orange": "sunset flame flames",
    "yellow": "sun sand",
    "green": "grass leaf leaves meadow forest tree trees",
    "blue": "sky sea water rain",
    "brown": "bear desert",
    "black": "night darkness space",
    "white": "snow",
}

COLOURED: dict[str, str] = {thing: colour for colour, things in _OF_A_COLOUR.items() for thing in things.split()}
"""A thing, and its colour."""
COLOURED_IF_COMPARED: dict[str, str] = {
    thing: colour for colour, things in _AT_NEED.items() for thing in things.split()
}
"""Things that may be meant for themselves: only a word of comparison, "like the sky", makes a colour of them."""
