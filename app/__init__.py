"""The hotline: everything but the telephone lines and the understanding of texts."""

import gc

# Importing makes hundreds of thousands of objects that stay. Looking for garbage after every seven hundred, as Python
# does by itself, takes a tenth of each process's start.
gc.set_threshold(50_000, 20, 50)
