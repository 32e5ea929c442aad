"""What people say to the assistant and what it answers: the hand-written phrases and the grammar that expands them."""
