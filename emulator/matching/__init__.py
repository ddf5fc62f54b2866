"""Questions about a journal: which exchanges are meant, how near others come, in which order they were held.

filters    what an exchange must be like, from a wish written as JSON
misses     the exchanges that come nearest where too few are like it
sequence   whether a conversation went step by step as it should
"""

from emulator.matching.filters import BadFilter, Condition, Filter, read
from emulator.matching.misses import Miss, Misses
from emulator.matching.sequence import Break, Sequence, Step

__all__ = ["BadFilter", "Break", "Condition", "Filter", "Miss", "Misses", "Sequence", "Step", "read"]
