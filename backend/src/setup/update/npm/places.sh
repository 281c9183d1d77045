# Where npm lies. Variables: TO (its new version), NODE_VERSION (the Node whose npm it is), TASK (the update). Behind owned.sh. Exit codes: those of
# installer.sh, 50 something could not be moved, 55 another update is at work, 57 another account owns what would run, 61 it does not answer.
# installer.sh looks first in a folder whose owner is not known yet.
PATH=${PATH#"$root/bin:"}
folder=$root/node-v$NODE_VERSION/lib/node_modules/npm
expect_owned "$(there "$root/bin/node")" "$(there "$folder/package.json")"
expect_unshared "$root" "$root/bin" "$(dirname "$folder")"
PATH=$root/bin:$PATH
NODE=$root/bin/node
# On the same disk, so that a swap is a rename. It holds the new version, then the old one, and in the file task whose it is.
staging=$root/.update-npm

is_of_another() { case $(cat "$staging/task" 2>/dev/null) in '' | "$TASK") return 1 ;; esac; }
