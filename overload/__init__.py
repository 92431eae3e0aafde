"""Ten times as much as a server can do, and what becomes of everybody: who is answered, who is told to come back."""
