"""The command line and the private cluster: the only package that imports all the others."""
