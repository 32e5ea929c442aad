"""Servers that people build around diffusers' pipeline today, each a process of its own, each as its makers advise."""
