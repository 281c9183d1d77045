# Shared by the updates beside it, after find-openclaw.sh and installer.sh: nothing runs that another account could have put there. Exit code 57.

# expect_owned FILE…: the places are words that the server has said before, so each script sees for itself whose they are.
expect_owned() {
  find_owner_of_command "$@" && [ -z "$run_as" ] || stop 57 'Another account owns part of OpenClaw, so nothing of it is run.'
}

# there FILE: what there is of it. Amid a swap, some files are away, and the folder above is there.
there() {
  file=$1
  until [ -e "$file" ]; do file=$(dirname "$file"); done
  printf '%s\n' "$file"
}
# expect_unshared FOLDER…: what an update will look for there does not exist yet, and nobody else may make it.
expect_unshared() {
  for unshared in "$@"; do
    ! is_shared "$unshared" || stop 57 "Other accounts may write to $unshared, so Buoy keeps nothing there."
  done
}
