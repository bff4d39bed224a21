"""Reference data that Tradewind brings itself, written as files that are loaded like any other."""
