"""The peers: other servers that do the same work on the same tables, each in a folder of its own.

Their code is ours. What they lack beside the program (access, audit of reads, encryption) stands beside their figures.
"""
