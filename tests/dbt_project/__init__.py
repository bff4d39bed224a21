"""A package, so that its fixtures end when its tests do and not when all do."""
