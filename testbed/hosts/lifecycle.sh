# shellcheck shell=bash
# Making, starting, stopping and deleting hosts. The caller holds the host's lock.

option_of() { sed -n "s/^$2=//p" "$HOSTS/$1/options"; }

# Sets wanted_options (one "key=value" a line) and wait_for_gateway from the arguments of up and acquire.
parse_options() {
  local layer='' disk=0 mem=0 internet=yes sudo=nopasswd system=debian-13 init=systemd renames=yes suite
  wait_for_gateway=no
  while [ $# -gt 0 ]; do
    case $1 in
      --layer) layer=${2:?}; shift 2 ;;
      --disk) disk=${2:?}; shift 2 ;;
      --mem) mem=${2:?}; shift 2 ;;
      --no-internet) internet=no; shift ;;
      --no-sudo) sudo=none; shift ;;
      --password-sudo) sudo=password; shift ;;
      --system) system=${2:?}; shift 2 ;;
      --no-systemd) init=none; shift ;;
      --no-renames) renames=no; shift ;;
      --wait-gateway) wait_for_gateway=yes; shift ;;
      *) die "unknown option $1" ;;
    esac
  done
  [[ $disk =~ ^[0-9]+$ && $mem =~ ^[0-9]+$ ]] || die "--disk and --mem are numbers of MiB"
  [ "$disk" = 0 ] || [ "$disk" -ge 512 ] || die "--disk is at least 512 MiB"
  suite=$(suite_of "$system")
  [ -z "$layer" ] || [ "$system" = debian-13 ] || die "layers are of debian-13"
  ensure_image "$suite"
  [ -z "$layer" ] || ensure_layer "$layer"
  wanted_options=$(printf 'layer=%s\ndisk=%s\nmem=%s\ninternet=%s\nsudo=%s\nsystem=%s\ninit=%s\nrenames=%s\nlower=%s' \
    "$layer" "$disk" "$mem" "$internet" "$sudo" "$system" "$init" "$renames" "${layer:+$(layer_path "$layer"):}$(image_path "$suite")")
}

up_host() {
  local name=${1:-} wanted_options wait_for_gateway
  check_name "$name"
  shift
  parse_options "$@"
  lock_host "$name"
  if host_exists "$name"; then
    [ "$(cat "$HOSTS/$name/options")" = "$wanted_options" ] || die "$name exists with other options or of an older image: 'down $name' first, or 'acquire'"
  else
    make_host "$name" "$wanted_options"
  fi
  start_host "$name"
}

acquire_host() {
  local name=${1:-} wanted_options wait_for_gateway
  check_name "$name"
  shift
  parse_options "$@"
  lock_host "$name"
  if host_exists "$name" && host_runs "$name" && [ "$(cat "$HOSTS/$name/options")" = "$wanted_options" ] && (fault "$name" none); then
    :
  else
    down_host "$name"
    make_host "$name" "$wanted_options"
  fi
  start_host "$name"
}

make_host() {
  local name=$1 directory=$HOSTS/$1
  down_host "$name"
  lock hosts
  mkdir -p "$directory"
  allocate_number >"$directory/number"
  unlock hosts
  echo "$2" >"$directory/options"
  option_of "$name" lower >"$directory/lower"
  make_disk "$name"
  mount_root "$name"
  prepare_root "$name"
  ! grep -qsF "$BUILD_TOKEN" "$(config_of "$name")" || personalize_openclaw "$name"
  : >"$directory/made.ok"
}

# Boots unless it runs; prints the JSON.
start_host() {
  if [ "${wait_for_gateway:-no}" = yes ] && ! { host_runs "$1" && gateway_ready "$1"; }; then
    take_gateway_slot
    boot_host "$1"
    wait_gateway "$1"
    unlock "$gateway_slot"
  else
    boot_host "$1"
  fi
  info_json "$1"
}
stop_host() { shut_down_host "$1"; }
poweroff_host() { end_host "$1"; }

reboot_host() {
  local before
  require_running "$1"
  ! cgroup_is "$1" frozen 1 || die "$1 is frozen: thaw it first"
  if [ "$(option_of "$1" init)" = none ]; then
    end_host "$1"
    boot_host "$1"
    return
  fi
  before=$(leader_of "$1")
  timeout 30 bash "$here/hosts.sh" exec "$1" systemctl reboot || true
  until_true "$STOP_SECONDS" leader_changed "$1" "$before" || die "$1 did not go down for its reboot within $STOP_SECONDS s"
  until_true "$BOOT_SECONDS" has_booted "$1" || die "$1 did not come back within $BOOT_SECONDS s; see $HOSTS/$1/console.log"
}
leader_changed() { local now; now=$(leader_of "$1") && [ "$now" != "$2" ]; }

down_host() {
  local directory=$HOSTS/$1
  [ -d "$directory" ] || return 0
  end_host "$1"
  unmount_root "$1"
  [ ! -e "$directory/number" ] || remove_namespace "$1"
  rm -rf --one-file-system "$directory"
}
down_host_locked() { lock_host "$1"; down_host "$1"; unlock "host-$1"; }
