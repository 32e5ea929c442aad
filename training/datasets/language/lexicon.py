"""Words that people use for the world's things and colours, what they compare colours with, and what marks a thing."""

from __future__ import annotations

SYNONYMS = {
    "house": (
        "home", "cottage", "building", "hut", "little house", "bungalow", "villa", "farmhouse", "chalet", "cabin",
        "residence", "shack", "mansion", "place where people live",
    ),
    "tree": (
        "oak", "big plant", "maple", "pine", "pine tree", "fir tree", "oak tree", "apple tree", "birch", "conifer",
        "beech", "willow",
    ),
    "car": (
        "automobile", "motorcar", "auto", "motor", "sedan", "hatchback", "saloon", "family car", "limousine", "jeep",
        "sports car", "four-wheeler", "passenger car",
    ),
    "boat": (
        "ship", "sailing boat", "sailboat", "dinghy", "sailing ship", "little ship", "vessel", "rowing boat",
        "fishing boat", "sailing vessel", "schooner", "yacht",
    ),
    "ball": ("beach ball", "football", "soccer ball", "rubber ball", "bouncy ball", "toy ball", "bouncing ball"),
    "star": ("shooting star", "little star", "twinkling star", "five-pointed star", "shiny star"),
    "flower": (
        "blossom", "bloom", "little flower", "flowering plant", "wildflower", "tulip", "daisy", "carnation",
        "garden flower",
    ),
    "cat": (
        "kitty", "kitten", "pussycat", "pussy cat", "kitty cat", "tomcat", "tabby", "feline", "puss", "moggy",
        "house cat", "mouser", "kittycat",
    ),
    "bird": (
        "birdie", "little bird", "sparrow", "robin", "songbird", "birdy", "seagull", "gull", "pigeon", "finch",
        "swallow", "feathered friend", "feathered creature", "budgie",
    ),
    "balloon": ("hot air balloon", "toy balloon", "party balloon", "helium balloon", "air balloon", "little balloon"),
    "fish": ("fishy", "little fish", "trout", "herring", "cod", "mackerel", "fishie", "swimmer", "finned friend"),
    "umbrella": ("brolly", "parasol", "sunshade", "sun umbrella", "beach umbrella"),
}  # fmt: skip

COLOUR_SYNONYMS = {
    "red": (
        "crimson", "scarlet", "ruby", "ruby red", "cherry red", "blood red", "fire engine red", "pillar box red",
        "vermilion", "brick red", "tomato red", "strawberry red", "cardinal red",
    ),
    "orange": (
        "tangerine", "amber", "pumpkin orange", "apricot", "carrot orange", "mandarin", "clementine orange",
        "fiery orange", "burnt orange",
    ),
    "yellow": (
        "lemon", "golden", "lemon yellow", "canary yellow", "sunshine yellow", "golden yellow", "butter yellow",
        "sunflower yellow", "daffodil yellow", "banana yellow",
    ),
    "green": (
        "emerald", "lime", "lime green", "emerald green", "grass green", "olive green", "bottle green", "leaf green",
        "apple green", "moss green", "mint green", "forest green", "pea green", "jade green",
    ),
    "blue": (
        "navy", "azure", "sky blue", "navy blue", "cobalt", "cobalt blue", "royal blue", "baby blue", "sapphire",
        "midnight blue", "ultramarine", "ocean blue", "cornflower blue", "denim blue",
    ),
    "purple": (
        "violet", "lilac", "lavender", "plum", "mauve", "plum purple", "aubergine", "amethyst", "grape purple",
        "royal purple",
    ),
    "pink": (
        "rose", "rosy", "hot pink", "fuchsia", "bubblegum pink", "rose pink", "candy pink", "baby pink",
        "flamingo pink", "blush pink", "shocking pink",
    ),
    "brown": (
        "chestnut", "chocolate brown", "chocolate", "coffee brown", "tan", "hazel", "mahogany", "nut brown",
        "chestnut brown", "walnut brown", "earthy brown", "caramel brown",
    ),
    "white": (
        "snow white", "ivory", "pure white", "milk white", "milky white", "chalk white", "ivory white", "pearl white",
        "lily white", "snowy white",
    ),
    "black": (
        "jet black", "pitch black", "ebony", "coal black", "raven black", "ink black", "inky black", "midnight black",
        "onyx", "soot black", "ebony black",
    ),
}  # fmt: skip

LIKENESSES = {
    "red": (
        "a ripe tomato", "blood", "a fire engine", "a cherry", "a strawberry", "a postbox", "a ladybird", "ketchup",
        "rubies", "a raspberry", "a brick", "lipstick", "a chilli", "a cranberry", "a lobster", "a stop sign",
        "holly berries", "a phone box", "a poppy", "santa's coat", "a toadstool",
    ),
    "orange": (
        "a carrot", "a pumpkin", "a basketball", "a tangerine", "an apricot", "a traffic cone", "a goldfish",
        "marmalade", "a mandarin", "a tiger", "a life jacket", "a fox", "a satsuma", "sweet potatoes", "a persimmon",
        "a clownfish", "glowing embers", "a halloween lantern", "a clementine", "mango flesh", "a kumquat",
    ),
    "yellow": (
        "butter", "the sun", "a lemon", "a canary", "a banana", "a daffodil", "custard", "mustard", "a chick",
        "sweetcorn", "a sunflower", "egg yolk", "a rubber duck", "a new york taxi", "a buttercup", "cheese",
        "a dandelion", "pineapple", "straw", "a post-it note",
    ),
    "green": (
        "grass", "a frog", "spinach", "a cucumber", "peas", "a lime", "broccoli", "a crocodile", "moss", "an emerald",
        "a cactus", "lettuce", "kiwi fruit", "a four-leaf clover", "ivy", "a grasshopper", "seaweed", "a gherkin",
        "a pickle", "parsley", "avocado", "fresh leaves", "a golf course",
    ),
    "blue": (
        "the sea", "the sky", "denim", "jeans", "a blueberry", "the ocean", "cornflowers", "sapphires",
        "forget-me-nots", "a swimming pool", "a summer sky", "a smurf", "bluebells",
        "the mediterranean", "a kingfisher", "deep water",
        "a mountain lake", "lapis lazuli", "a clear lagoon", "the deep sea", "cobalt glass", "a tropical lagoon",
    ),
    "purple": (
        "an aubergine", "grapes", "lavender", "a plum", "violets", "lilac", "blackcurrant juice", "an amethyst",
        "a wizard's cloak", "beetroot", "heather", "an emperor's robe", "a bishop's robe", "an eggplant",
        "grape juice", "wisteria", "crocuses", "a fig", "elderberries", "blackberry jam",
    ),
    "pink": (
        "a flamingo", "bubblegum", "a piglet", "candyfloss", "cotton candy", "strawberry ice cream", "a pig",
        "cherry blossom", "ballet shoes", "rosy cheeks", "a marshmallow", "a prawn", "barbie's dress",
        "a peony", "ham", "the inside of a grapefruit", "a pencil eraser", "raspberry yoghurt", "salmon", "a tongue",
    ),
    "brown": (
        "mud", "chocolate", "coffee", "bark", "a teddy bear", "cocoa", "a chestnut", "gravy", "toast", "soil",
        "a bear", "a conker", "cinnamon", "a walnut", "wood", "leather boots", "a hedgehog", "gingerbread", "earth",
        "a coconut", "an acorn", "a cigar", "tea", "peanut butter", "a loaf of bread",
    ),
    "black": (
        "coal", "midnight", "liquorice", "soot", "ink", "a raven", "tar", "a crow", "ebony", "a panther", "tyres",
        "a witch's hat", "a chimney sweep", "charcoal", "a bowler hat", "a piano", "a mole", "a tuxedo", "asphalt",
        "a blackboard", "outer space",
    ),
    "white": (
        "milk", "chalk", "clouds", "fresh snow", "paper", "a polar bear", "a swan", "flour", "sugar", "a wedding dress",
        "salt", "cotton wool", "a ghost", "ivory", "porcelain", "a lily", "a dove", "whipped cream", "a sheet",
        "an igloo", "a snowman", "rice", "a pearl", "marble",
    ),
}  # fmt: skip
"""What everybody knows to have a colour, as it stands behind `the colour of`."""

LIKE_NAMES = {
    "red": (
        "tomato", "cherry", "blood", "strawberry", "ketchup", "brick", "ruby", "lipstick", "raspberry", "fire engine",
    ),
    "orange": (
        "carrot", "pumpkin", "tangerine", "apricot", "marmalade", "mandarin", "clementine", "satsuma", "goldfish",
    ),
    "yellow": ("lemon", "butter", "banana", "canary", "mustard", "custard", "sun", "daffodil", "sunflower"),
    "green": ("grass", "frog", "spinach", "pea", "lime", "cucumber", "moss", "lettuce", "leaf", "emerald", "pickle"),
    "blue": ("sky", "sea", "denim", "ocean", "sapphire", "blueberry", "cornflower", "bluebell", "swimming pool"),
    "purple": ("aubergine", "grape", "plum", "lavender", "violet", "amethyst", "lilac", "heather"),
    "pink": ("flamingo", "bubblegum", "piglet", "candyfloss", "marshmallow", "rose", "cherry blossom", "peony"),
    "brown": ("chocolate", "coffee", "mud", "chestnut", "bark", "cocoa", "cinnamon", "earth", "wood", "walnut"),
    "black": ("coal", "liquorice", "soot", "raven", "ink", "tar", "ebony", "midnight", "charcoal"),
    "white": ("milk", "chalk", "snow", "cloud", "paper", "flour", "swan", "pearl", "ivory", "cotton wool"),
}  # fmt: skip
"""What stands before `-coloured`."""

FEATURES = {
    "with wings": ("bird",),
    "with feathers": ("bird",),
    "with a beak": ("bird",),
    "that sings": ("bird",),
    "that tweets": ("bird",),
    "that chirps": ("bird",),
    "that builds nests": ("bird",),
    "that flies": ("bird", "balloon"),
    "with wheels": ("car",),
    "with four wheels": ("car",),
    "with headlights": ("car",),
    "with an engine": ("car", "boat"),
    "you drive": ("car",),
    "you can drive": ("car",),
    "that needs petrol": ("car", "boat"),
    "with petals": ("flower",),
    "that smells nice": ("flower",),
    "you put in a vase": ("flower",),
    "with a roof": ("house", "car"),
    "with a chimney": ("house",),
    "with walls": ("house",),
    "people live in": ("house",),
    "you can live in": ("house",),
    "with a door": ("house", "car"),
    "with windows": ("house", "car"),
    "with fins": ("fish",),
    "with gills": ("fish",),
    "with scales": ("fish",),
    "that lives under water": ("fish",),
    "that swims": ("fish",),
    "with whiskers": ("cat",),
    "with fur": ("cat",),
    "with paws": ("cat",),
    "that meows": ("cat",),
    "that purrs": ("cat",),
    "that catches mice": ("cat",),
    "with a tail": ("cat", "bird", "fish"),
    "with legs": ("cat", "bird"),
    "with eyes": ("cat", "bird", "fish"),
    "that is alive": ("cat", "bird", "fish", "tree", "flower"),
    "that breathes": ("cat", "bird", "fish", "tree", "flower"),
    "with sails": ("boat",),
    "with a sail": ("boat",),
    "with a mast": ("boat",),
    "that sails": ("boat",),
    "you can sail in": ("boat",),
    "that floats": ("boat", "balloon"),
    "with leaves": ("tree", "flower"),
    "with branches": ("tree",),
    "with a trunk": ("tree",),
    "with roots": ("tree", "flower"),
    "that bounces": ("ball",),
    "you can kick": ("ball",),
    "you play football with": ("ball",),
    "that rolls": ("ball",),
    "with points": ("star",),
    "with five points": ("star",),
    "that twinkles": ("star",),
    "that shines": ("star",),
    "on a string": ("balloon",),
    "filled with air": ("balloon", "ball"),
    "that can pop": ("balloon",),
    "that keeps the rain off": ("umbrella", "house"),
    "you open in the rain": ("umbrella",),
    "you carry when it rains": ("umbrella",),
    "that is round": ("ball", "balloon"),
}
"""What may stand behind `the one`, and every thing of the world that it could mean."""
