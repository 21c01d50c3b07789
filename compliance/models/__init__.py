"""Tables of what establishments keep; one file a noun, the same name in services and web."""
