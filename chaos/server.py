"""`python -m chaos.server serve ...`: the khaibao command with a fault built in, which CHAOS_PLANT names.

Nothing of the program knows of this module: what it serves with is patched from outside, before it starts.
"""

import os

from chaos.planted import plant
from cli import main

if __name__ == "__main__":
    for name in filter(None, os.environ.pop("CHAOS_PLANT", "").split(",")):
        plant(name)
    main()
