"""A run's life: start, resume, loop, progress, status, sweeps, jobs."""
