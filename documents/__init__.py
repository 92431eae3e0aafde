"""Papers that leave the house: typeset, and signed so that anybody can tell whether one was changed."""
