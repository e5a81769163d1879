"""The only place with C++/CUDA and the only place with loops over sites."""
