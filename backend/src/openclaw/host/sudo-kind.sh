# Shared by the scripts beside it, after run-as.sh: what the login may do as root.

# root, passwordless, password (sudo asks for one) or none.
sudo_kind() {
  if [ "$(id -u)" = 0 ]; then echo root; return; fi
  if ! command -v sudo >/dev/null 2>&1; then echo none; return; fi
  if limit 3 sudo -n true >/dev/null 2>&1; then echo passwordless; return; fi
  for group in $(id -Gn); do
    case $group in sudo | wheel | admin) echo password; return ;; esac
  done
  # `-v` tells the two apart without a password: a user without any rule is refused, one with a rule is asked for it.
  case $(limit 3 sudo -n -v 2>&1) in
    *'password is required'*) echo password ;;
    *) echo none ;;
  esac
}
