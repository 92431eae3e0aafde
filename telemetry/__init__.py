"""What a process tells of itself: figures, traces, which request a line of the log belongs to. It knows no domain."""
