# shellcheck shell=bash
# One cgroup v2 group per host, to freeze, to kill and to find all of its processes; the memory limit needs a memory controller.

cgroup_root() {
  local directory
  for directory in /sys/fs/cgroup/unified /sys/fs/cgroup; do
    if [ -e "$directory/cgroup.controllers" ]; then
      echo "$directory"
      return
    fi
  done
}
cgroup_of() { echo "$(cgroup_root)/$PREFIX/$1"; }
memory_v1_of() { echo "/sys/fs/cgroup/memory/$PREFIX/$1"; }

# Moves process PID, and so what it starts, into the group of host NAME.
join_cgroup() {
  local pid=$1 name=$2 group mebibytes
  group=$(cgroup_of "$name")
  mkdir -p "$group"
  mebibytes=$(option_of "$name" mem)
  if [ "$mebibytes" -gt 0 ]; then
    if [ -d /sys/fs/cgroup/memory ]; then
      mkdir -p "$(memory_v1_of "$name")"
      echo $((mebibytes * 1048576)) >"$(memory_v1_of "$name")/memory.limit_in_bytes"
      echo "$pid" >"$(memory_v1_of "$name")/cgroup.procs"
    else
      echo +memory >"$(cgroup_root)/cgroup.subtree_control"
      echo +memory >"$(cgroup_root)/$PREFIX/cgroup.subtree_control"
      echo $((mebibytes * 1048576)) >"$group/memory.max"
    fi
  fi
  echo "$pid" >"$group/cgroup.procs"
}

cgroup_event() { awk -v key="$2" '$1 == key { print $2 }' "$(cgroup_of "$1")/cgroup.events" 2>/dev/null; }
cgroup_is() { [ "$(cgroup_event "$1" "$2")" = "$3" ]; }
freeze_cgroup() { echo 1 >"$(cgroup_of "$1")/cgroup.freeze"; until_true 10 cgroup_is "$1" frozen 1; }
thaw_cgroup() { [ ! -e "$(cgroup_of "$1")/cgroup.freeze" ] || echo 0 >"$(cgroup_of "$1")/cgroup.freeze"; }
cgroup_is_empty() { [ "$(cgroup_event "$1" populated)" != 1 ]; }

# Ends every process of the host, also the frozen ones and those of a killed run. The group goes too: the kernel counts the kills
# of a group, and kills what is started from a group with one count into a group with another (CLONE_INTO_CGROUP, seen on 6.18).
kill_cgroup() {
  if [ -d "$(cgroup_of "$1")" ]; then
    thaw_cgroup "$1"
    echo 1 >"$(cgroup_of "$1")/cgroup.kill"
    until_true 30 cgroup_is_empty "$1" || die "processes of $1 do not end: $(cgroup_of "$1")/cgroup.procs"
    until_true 10 remove_cgroup "$1" || die "cannot remove $(cgroup_of "$1")"
  fi
  rmdir "$(memory_v1_of "$1")" 2>/dev/null || true
}
remove_cgroup() {
  find "$(cgroup_of "$1")" -depth -type d -exec rmdir {} + 2>/dev/null
  [ ! -d "$(cgroup_of "$1")" ]
}
