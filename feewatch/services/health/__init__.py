"""Whether the installation is well: what is wrong, how to mend it, and figures to watch it by."""
