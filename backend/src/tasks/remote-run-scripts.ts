// The shell side of remote runs. Plain POSIX sh with the tools that busybox has too; Linux's /proc tells processes apart.
// Each script is one function called on its last line: a script that arrives cut off does nothing.

/** Days after which a run that was not removed is swept. */
const LEFTOVER_DAYS = 7;

/** Prints start time (ticks since boot) and group of process $1 when it lives; a number alone may be another process by now. */
const identify = `
identify() {
  [ -r "/proc/$1/stat" ] || return 1
  read -r line < "/proc/$1/stat" || return 1
  set -- \${line##*) }
  [ "$1" != Z ] && [ "$1" != X ] || return 1
  shift 2
  group=$1
  shift 17
  echo "$1 $group $(cat /proc/sys/kernel/random/boot_id)"
}`;

/** Runs beside the run's files, detached. The directory \`claim\` is made by exactly one, whatever is started twice. */
const wrapper = `
run() {
  cd "$1" || exit 1
  mkdir claim 2>/dev/null || exit 0
  trap : TERM HUP INT
  echo "$$ $(identify $$)" > pid.new && mv pid.new pid
  (
    trap - TERM HUP INT
    # Open, but no longer on the disk; the script reads it before anything else.
    if [ -f secrets ]; then exec 9< secrets; rm -f secrets; fi
    script=$PWD/script
    cd "$HOME" || exit 1
    exec /bin/sh "$script"
  ) >> output 2>&1 < /dev/null
  echo "$?" > exit.new && mv exit.new exit
  rm -f secrets
}
${identify}
run "$1"
`;

/** As variables of the shell alone: the environment of a process is for others to read. */
const readSecrets = '. /proc/self/fd/9\nexec 9<&-\n';

/** $1: name of the run. Safe to repeat. Prints "started". */
export function startScript({ script, secrets }: { script: string; secrets: string | null }): string {
  return `
${identify}
start() {
  set -eu
  umask 077
  runs=$HOME/.buoy/runs
  mkdir -p "$runs"
  chmod 700 "$HOME/.buoy" "$runs"
  find "$runs" -mindepth 1 -maxdepth 1 -type d ! -name "$1" -mtime +${LEFTOVER_DAYS} -exec rm -rf {} + 2>/dev/null || true
  run=$runs/$1
  mkdir -p "$run"
  cd "$run"
  if [ ! -d claim ]; then
    put script <<${hereDocument(secrets === null ? script : `${readSecrets}${script}`)}
    put wrapper <<${hereDocument(wrapper)}
    ${secrets === null ? '' : `put secrets <<${hereDocument(secrets)}`}
    [ -e output ] || : > output
    # sshd starts each command as a session of its own, so without setsid the group is still the run's alone.
    session=
    if command -v setsid >/dev/null 2>&1; then session=setsid; fi
    (trap '' HUP; exec $session /bin/sh "$run/wrapper" "$run") >/dev/null 2>&1 </dev/null &
  fi
  echo started
}
# What an earlier start has written stays: the first one counts.
put() { [ -e "$1" ] || { cat > "$1.$$" && mv "$1.$$" "$1"; }; }
start "$1"
`;
}

/**
 * $1: name of the run, $2: byte offset, $3: most bytes of output. Prints one line
 * \`buoy-run STATE EXIT SIZE ENCODING\`, then that part of the output in base64 or hex.
 * STATE: absent, waiting (not claimed yet), claimed (no process known yet), alive, gone, other-boot; claimed-full and gone-full where what it wrote of
 * itself found no room.
 */
export const pollScript = `
${identify}
poll() {
  cd "$HOME/.buoy/runs/$1" 2>/dev/null || { echo 'buoy-run absent - 0 none'; return; }
  state=waiting
  [ ! -d claim ] || state=claimed
  if [ -f pid ]; then
    read -r pid start group boot < pid
    state=gone
    if [ "$boot" != "$(cat /proc/sys/kernel/random/boot_id)" ]; then state=other-boot
    elif [ "$(identify "$pid")" = "$start $group $boot" ]; then state=alive; fi
  fi
  code=-
  [ ! -s exit ] || read -r code < exit
  # Named only once it is written.
  case $state in claimed) new=pid.new ;; gone) new=exit.new ;; *) new= ;; esac
  if [ -n "$new" ] && [ -f "$new" ] && [ ! -s "$new" ]; then state=$state-full; fi
  size=0
  [ ! -f output ] || size=$(($(wc -c < output)))
  encoding=hex
  if command -v base64 >/dev/null 2>&1; then encoding=base64; fi
  echo "buoy-run $state $code $size $encoding"
  [ "$size" -gt "$2" ] || return 0
  tail -c "+$(($2 + 1))" output | head -c "$3" | if [ $encoding = base64 ]; then base64; else od -An -v -tx1; fi
}
poll "$1" "$2" "$3"
`;

/**
 * $1: name of the run, $2: seconds between the polite and the hard signal to its process group. A run that has not begun will not
 * begin. Its script, which may have keys in it, is removed in any case. Prints "ended", or "alive" where something of it still runs.
 */
export const cancelScript = `
${identify}
# Where process 1 reaps nothing, those that have ended stay as zombies, which signals still reach.
group_lives() {
  kill -s 0 -- "-$1" 2>/dev/null && cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | grep -q "^[^ZXx] [0-9]* $1 "
}
cancel() {
  # Also of one that the server has not seen: its start may still be under way.
  (umask 077; mkdir -p "$HOME/.buoy/runs/$1") 2>/dev/null
  cd "$HOME/.buoy/runs/$1" 2>/dev/null || { echo ended; return; }
  if mkdir claim 2>/dev/null; then rm -f secrets script; echo 143 > exit; echo ended; return; fi
  tries=0
  until [ -f pid ] || [ "$tries" -ge 20 ]; do sleep 0.1 2>/dev/null || sleep 1; tries=$((tries + 1)); done
  if [ -f pid ]; then
    read -r pid start group boot < pid
    kill_at=$(($(date +%s) + $2))
    ours=
    if [ "$(identify "$pid")" = "$start $group $boot" ]; then ours=1; kill -s TERM -- "-$group" 2>/dev/null; fi
    # The shell may be gone before what it started.
    while [ -n "$ours" ] && group_lives "$group"; do
      late=$(($(date +%s) - kill_at))
      [ "$late" -lt 0 ] || kill -s KILL -- "-$group" 2>/dev/null
      [ "$late" -lt 5 ] || { rm -f secrets script; echo alive; return; }
      sleep 0.2 2>/dev/null || sleep 1
    done
  fi
  [ -f exit ] || echo 137 > exit
  rm -f secrets script
  echo ended
}
cancel "$1" "$2"
`;

/** $1: name of the run. Removes its directory. Prints "removed". */
export const removeScript = `
remove() { rm -rf "$HOME/.buoy/runs/$1" && echo removed; }
remove "$1"
`;

/** A here-document with a closing line that \`content\` does not have; nothing in it is expanded. */
function hereDocument(content: string): string {
  let end = 'BUOY_END';
  while (content.includes(end)) end += '_';
  return `'${end}'\n${content.endsWith('\n') ? content : `${content}\n`}${end}`;
}
