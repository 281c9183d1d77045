# Removes the npm that was replaced. Variables: those of places.sh.
is_of_another || rm -rf "$staging"
