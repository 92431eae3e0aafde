"""The one place for who, what and where: nothing else in the project decides what somebody may see."""
