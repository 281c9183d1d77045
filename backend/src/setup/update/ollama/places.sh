# Where Ollama lies, as its installer puts it. Variables: FROM and TO (its versions), PLACE (/usr/local or /usr), TASK (the update); secret: SUDO_PASSWORD,
# or empty. Behind owned.sh, linger.sh and ollama-version.sh. Exit codes: those of installer.sh and linger.sh, 50 something could not be moved, 55 another
# update is at work, 57 another account owns what would run, 61 it does not answer as it should, 62 its installer failed.
# installer.sh looks first in a folder whose owner is not known yet.
PATH=${PATH#"$root/bin:"}
expect_owned "$(there "$root")"
expect_unshared "$root"
unit=/etc/systemd/system/ollama.service
# It holds the installer, how many models there are, and in the file task whose it is.
staging=$root/.update-ollama
# Of root: what is there now, and the installer that is run. Its mark .complete: all of the former is copied.
kept=$PLACE/lib/ollama.before-update
# Seconds for an Ollama that has just been started to answer.
MAX_SECONDS=60

expect_root() { as_root true || stop 41 'Ollama is updated by root, and sudo was refused.'; }

expect_own() { [ "$(cat "$staging/task" 2>/dev/null)" = "$TASK" ] || stop 55 'Another update has begun on this server, or what this one staged is gone.'; }

# answers_as VERSION
answers_as() {
  ends=$(($(date +%s) + MAX_SECONDS))
  until [ "$(ollama_version)" = "$1" ]; do
    [ "$(date +%s)" -lt "$ends" ] || return 1
    sleep 1
  done
}
