"""What a notebook or a script uses of darklat; `import darklat` has the names."""
