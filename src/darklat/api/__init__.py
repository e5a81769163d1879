"""The part of darklat for notebooks and scripts; `import darklat` has the names."""
