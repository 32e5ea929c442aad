"""What the common things of captions are: `animal`, `vehicle`, `plant` and so on."""

from __future__ import annotations

_ANIMALS = frozenset((
    "cat", "dog", "bird", "fish", "horse", "cow", "sheep", "elephant", "bear", "zebra", "giraffe", "rooster", "hen",
    "hawk", "owl", "duck", "goose", "goat", "lion", "tiger", "rabbit", "kitten", "puppy", "pigeon", "seagull", "parrot",
    "monkey", "pig", "deer", "fox", "wolf", "frog", "turtle", "swan", "pony", "lamb", "calf", "mouse", "dolphin",
))  # fmt: skip
_PETS = frozenset(("cat", "dog", "fish", "rabbit", "kitten", "puppy", "parrot", "hamster"))
_VEHICLES = frozenset((
    "car", "boat", "bus", "truck", "train", "plane", "airplane", "bike", "bicycle", "motorcycle", "motorbike", "van",
    "taxi", "ship", "tractor", "scooter", "jet", "lorry", "tram", "helicopter", "sailboat", "canoe", "wagon",
))  # fmt: skip
_PLANTS = frozenset((
    "tree", "flower", "bush", "rose", "cactus", "tulip", "plant", "palm", "fern", "grass", "sunflower",
))  # fmt: skip
_BUILDINGS = frozenset((
    "house", "church", "tower", "barn", "castle", "skyscraper", "shed", "hut", "building", "cottage", "lighthouse",
    "temple", "station", "cabin",
))  # fmt: skip
_FOOD = frozenset((
    "pizza", "cake", "banana", "bananas", "apple", "apples", "sandwich", "burger", "donut", "salad", "broccoli",
    "bread", "soup", "orange", "oranges", "carrot", "carrots", "meat", "rice", "pasta", "cookie", "cheese",
))  # fmt: skip
_FURNITURE = frozenset(("chair", "table", "sofa", "couch", "bed", "desk", "bench", "shelf", "stool", "cupboard"))
_PEOPLE = frozenset(
    ("man", "woman", "boy", "girl", "child", "person", "baby", "player", "lady", "guy", "skier", "surfer")
)
_TOYS = frozenset(("ball", "balloon", "kite", "doll", "teddy", "frisbee"))

CATEGORIES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("animal", "creature", "critter", "beast"), _ANIMALS),
    "pet": _PETS,
    "vehicle": _VEHICLES,
    "transport": _VEHICLES,
    "plant": _PLANTS,
    **dict.fromkeys(("building", "dwelling", "architecture"), _BUILDINGS),
    "food": _FOOD,
    "furniture": _FURNITURE,
    "person": _PEOPLE,
    **dict.fromkeys(("toy", "plaything"), _TOYS),
    "round": frozenset(("ball", "balloon", "orange", "clock", "wheel")),
    **dict.fromkeys(("living", "alive"), _ANIMALS | _PLANTS | _PEOPLE),
}
"""A word for many things, and those of them that captions name."""
