"""Jobs for Slurm: the profile of a cluster, the script, and what the queue says."""
