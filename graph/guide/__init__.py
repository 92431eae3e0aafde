"""The API's guide: a story in operations, lived by a test on a real server, and printed with what it was answered."""
