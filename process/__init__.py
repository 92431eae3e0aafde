"""What every process of an installation is made of: its parts, what it does again and again, its log, its health."""
