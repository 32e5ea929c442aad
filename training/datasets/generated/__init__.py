"""Edit triples painted by a text-to-image model: edited captions, two pictures from one seed, and a filter by CLIP."""
