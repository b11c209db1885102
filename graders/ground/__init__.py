"""Ground floor: run one file in a limited process, and the format in which it answers."""
