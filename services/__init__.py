"""The use-cases, one verb a module: load, decide, save. The only place where a transaction opens."""
