"""Side-by-side measurements that anyone can repeat; a timing is quoted as a ratio within one run."""
