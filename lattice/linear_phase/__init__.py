"""The time before the fields feel each other, solved mode by mode."""
