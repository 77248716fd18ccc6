"""Judges names with rapidfuzz: OSA of every pair, cut off at two edits. Arguments: WATCHES NAMES, a name a line each.

Prints names a second of processor time, one worker.
"""

import sys
import time

import numpy
from rapidfuzz import process
from rapidfuzz.distance import OSA


def lines(path):
    with open(path, encoding="ascii") as file:
        return file.read().split()


watches, names = lines(sys.argv[1]), lines(sys.argv[2])
before = time.process_time()
for start in range(0, len(names), 4096):
    process.cdist(
        names[start : start + 4096], watches, scorer=OSA.distance, score_cutoff=2, dtype=numpy.uint8, workers=1
    )
seconds = time.process_time() - before
print(f"rapidfuzz {len(names)} names, {len(watches)} watches, {len(names) / seconds:.0f} names/s")
