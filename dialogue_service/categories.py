"""What the things of captions are, have and do: the words that people use for them instead of their names.

`CATEGORIES` maps each word to every thing that it can mean: `animal`, `wings`, `purrs`, `brolly`. Where only one of
them is in the picture, that one is meant (`dialogue_service/pointing.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

_BIRDS = (
    "bird rooster hen hawk owl duck goose pigeon seagull gull parrot swan chicken crow raven eagle robin sparrow "
    "peacock flamingo penguin ostrich turkey finch stork heron pelican dove magpie"
)
_BEASTS = (
    "cat dog horse cow sheep elephant bear zebra giraffe goat lion tiger rabbit kitten puppy monkey pig deer fox wolf "
    "pony lamb calf mouse squirrel donkey bull camel kangaroo hamster bulldog poodle"
)
_SWIMMERS = "fish dolphin shark whale goldfish trout salmon"
_ANIMALS = f"{_BIRDS} {_BEASTS} {_SWIMMERS} frog turtle crocodile lizard snake crab bee butterfly"
_PETS = "cat dog fish rabbit kitten puppy parrot hamster goldfish"
_ROLLING = (
    "car bus truck bike bicycle motorcycle motorbike van taxi cab tractor scooter lorry tram wagon jeep suv limousine "
    "ambulance moped train"
)
_BOATS = "boat ship sailboat canoe yacht ferry kayak dinghy rowboat vessel raft"
_PLANES = "plane airplane aeroplane jet helicopter aircraft"
_VEHICLES = f"{_ROLLING} {_BOATS} {_PLANES}"
_FLOWERS = "flower rose tulip sunflower daisy lily daffodil orchid poppy"
_TREES = "tree palm oak pine willow birch"
_PLANTS = f"{_FLOWERS} {_TREES} bush cactus plant fern grass hedge"
_BUILDINGS = (
    "house church tower barn castle skyscraper shed hut building cottage lighthouse temple station cabin hotel motel "
    "bakery school windmill"
)
_FRUIT = "banana bananas apple apples orange oranges lemon lemons strawberry strawberries pear pears grapes melon"
_VEGETABLES = "broccoli carrot carrots lettuce tomato tomatoes potato potatoes pepper peppers cabbage pumpkin"
_FOOD = (
    f"{_FRUIT} {_VEGETABLES} pizza cake sandwich burger hamburger donut doughnut salad bread soup meat rice pasta "
    "cookie cheese fries hotdog pie toast bagel muffin pancakes noodles sushi"
)
_MALE, _FEMALE = "man boy guy gentleman father groom businessman", "woman girl lady mother bride"
_PEOPLE = (
    f"{_MALE} {_FEMALE} child kid person baby player skier surfer snowboarder skateboarder farmer chef worker rider "
    "skater toddler baker fisherman policeman cyclist"
)
_CLOTHES = (
    "shirt jacket coat dress skirt sweater jumper trousers pants jeans shorts suit raincoat hoodie vest scarf gloves "
    "tie blouse apron uniform wetsuit"
)
_HATS = "hat cap helmet beanie crown bonnet"
_SEATS = "chair sofa couch bench stool armchair"

_TABLE: tuple[tuple[str, str], ...] = (
    # what they are
    ("animal creature critter beast", _ANIMALS),
    ("bird birdie fowl", _BIRDS),
    ("pet", _PETS),
    ("mammal", _BEASTS),
    ("vehicle transport", _VEHICLES),
    ("aircraft", _PLANES),
    ("plant vegetation", _PLANTS),
    ("building dwelling architecture edifice", _BUILDINGS),
    ("home residence cottage villa bungalow cabin hut mansion", "house cottage hut cabin"),
    ("food meal snack", _FOOD),
    ("fruit", _FRUIT),
    ("vegetable veggie", _VEGETABLES),
    ("furniture", f"{_SEATS} table bed desk shelf cupboard dresser wardrobe"),
    ("seat", _SEATS),
    ("person human", _PEOPLE),
    ("man guy bloke fellow chap gent gentleman dude", _MALE),
    ("woman lady", _FEMALE),
    ("kid child youngster", "boy girl child kid toddler baby"),
    ("lad", "boy man"),
    ("lass", "girl woman"),
    ("infant", "baby toddler"),
    ("toy plaything", "ball balloon kite doll teddy frisbee"),
    ("round circular spherical sphere orb globe", "ball balloon orange clock wheel"),
    ("living alive organism", f"{_ANIMALS} {_PLANTS} {_PEOPLE}"),
    ("clothes clothing garment outfit", _CLOTHES),
    ("headgear headwear hat", _HATS),
    ("cloth textile drapery", "curtain curtains fabric towel blanket tablecloth flag"),
    # other names
    ("kitty moggy tabby puss pussycat feline tomcat", "cat kitten"),
    ("pooch doggy doggie hound pup mutt canine", "dog puppy bulldog poodle"),
    ("bunny", "rabbit"),
    ("foal mare stallion", "horse pony"),
    ("automobile auto motorcar motor saloon sedan", "car taxi"),
    ("ship vessel yacht dinghy sailboat", _BOATS),
    ("brolly parasol sunshade", "umbrella"),
    ("blossom bloom bouquet", _FLOWERS),
    ("oak pine fir conifer", _TREES),
    ("football soccerball beachball", "ball"),
    ("bike cycle", "bicycle bike motorcycle motorbike"),
    ("plane airplane aeroplane jet", _PLANES),
    ("truck lorry", "truck lorry"),
    ("locomotive", "train"),
    ("couch sofa settee", "couch sofa"),
    ("tv telly television screen", "tv television screen monitor"),
    ("laptop computer pc", "laptop computer"),
    ("fridge", "refrigerator fridge"),
    ("mobile cellphone", "phone cellphone"),
    ("specs spectacles", "glasses sunglasses"),
    ("trousers pants", "trousers pants jeans"),
    ("jumper sweater pullover", "jumper sweater"),
    ("trainers sneakers footwear", "shoes trainers sneakers boots"),
    ("lead", "leash"),
    ("rucksack", "backpack"),
    ("doughnut donut", "donut doughnut"),
    # what they have
    ("wing wings winged feather feathers feathered feathery beak plumage", _BIRDS),
    ("nest nests", _BIRDS),
    ("egg eggs", f"{_BIRDS} {_SWIMMERS}"),
    ("eyes breathe breathes breathing", f"{_ANIMALS} {_PEOPLE}"),
    ("legs", f"{_BIRDS} {_BEASTS} {_PEOPLE}"),
    ("scratches scratch", "cat kitten"),
    ("handle", "umbrella cup mug pan bucket"),
    ("door windows", f"{_BUILDINGS} car bus train van taxi"),
    ("whisker whiskers paw paws fur furry furball fluffy claws", _BEASTS),
    ("hoof hooves mane", "horse cow zebra goat pony donkey deer"),
    ("tail", _ANIMALS),
    ("fin fins gill gills finned scaly", _SWIMMERS),
    ("wheel wheels tyre tyres tire tires", _ROLLING),
    ("engine motor headlights bonnet windscreen windshield exhaust bumper", f"{_ROLLING} {_BOATS}"),
    ("sail sails mast hull keel rudder anchor", _BOATS),
    ("petal petals", _FLOWERS),
    ("stem stalk", _FLOWERS),
    ("leaf leaves leafy branch branches trunk twigs", f"{_TREES} bush"),
    ("roof chimney rooms bricks walls windowed", _BUILDINGS),
    ("string", "balloon kite"),
    ("helium", "balloon"),
    ("points pointy spiky pointed", "star cactus"),
    # what they do, and what is done with them
    ("fly flies flying flyer airborne", f"{_BIRDS} {_PLANES} balloon kite bee butterfly"),
    ("sing sings singing chirp chirps chirping tweet tweets tweeting twitters warbles", _BIRDS),
    ("meow meows meowing miaow miaows purr purrs purring mews", "cat kitten"),
    ("bark barks barking woof", "dog puppy bulldog poodle"),
    ("moo moos mooing", "cow calf bull"),
    ("swim swims swimming swimmer", f"{_SWIMMERS} duck swan"),
    ("floats floating", f"{_BOATS} balloon duck"),
    ("sailing seafaring", _BOATS),
    ("drive drives driving driver park parked", _ROLLING),
    ("rolls", f"ball {_ROLLING}"),
    ("bounce bounces bouncy bouncing kick kicked", "ball basketball football"),
    ("pop pops burst bursts inflated inflatable", "balloon"),
    ("twinkle twinkles twinkling twinkly shines sparkles celestial heavenly", "star"),
    ("grows growing blooms blooming", _PLANTS),
    ("inhabited lives live", _BUILDINGS),
)
_DRAWN: tuple[tuple[str, str], ...] = (
    ("house cottage hut cabin villa bungalow mansion farmhouse chalet shack home building castle barn", "house"),
    ("oak pine fir willow birch maple conifer spruce beech palm", "tree"),
    ("automobile auto motorcar sedan hatchback saloon limousine limo jeep taxi cab convertible suv", "car"),
    (f"{_BOATS} gondola schooner steamer", "boat"),
    ("football soccerball beachball basketball", "ball"),
    (f"{_FLOWERS} blossom bloom carnation geranium marigold", "flower"),
    ("kitten kitty moggy tabby pussycat tomcat feline", "cat"),
    ("birdie sparrow robin finch swallow gull seagull pigeon dove budgie songbird parrot canary crow", "bird"),
    ("trout salmon herring cod mackerel goldfish carp tuna", "fish"),
    ("brolly parasol sunshade", "umbrella"),
)


def _by_word(table: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for words, things in table:
        for word in words.split():
            found[word].update(things.split())
    return {word: frozenset(things) for word, things in found.items()}


CATEGORIES: dict[str, frozenset[str]] = _by_word(_TABLE)
"""A word, and the things of captions that it can mean."""
KIND_DRAWN: dict[str, str] = {word: kind for words, kind in _DRAWN for word in words.split() if word != kind}
"""Another name of a thing, and the kind that the scene world draws for it."""
