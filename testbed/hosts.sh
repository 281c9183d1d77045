#!/usr/bin/env bash
# Disposable Linux servers on this machine, for end-to-end tests and the demo: Debian with systemd, sshd, own IP and disk.
set -euo pipefail

usage() {
  cat <<'TEXT'
hosts.sh: real Linux servers on this machine (systemd-nspawn). Needs root on a Debian-like Linux.

  supported                      exit 0, or one line that says why hosts cannot run here
  deps                           install the packages that are missing (root on a Debian-like), else list them and exit 3
  image                          build the cached Debian root once
  network                        make the bridge that the hosts hang on; up makes it too
  layer LAYER                    build a cached layer once: openclaw-VERSION, e.g. openclaw-2026.9.6
  up NAME [OPTIONS]              make and boot a host, print its JSON (again: boots it when it is stopped)
  acquire NAME [OPTIONS]         like up, but ends every fault left on it, and makes it anew when it is stopped or has other options
      --layer LAYER              start from a layer            --disk MIB   own disk of that size (512 or more)
      --mem MIB                  memory limit                  --no-internet
      --system debian-12         instead of debian-13        --no-systemd  process 1 only starts sshd
      --no-sudo                  deploy is no sudoer           --password-sudo  deploy needs a password for sudo
      --no-renames               a folder of image or layer can only be copied, as in many containers
      --wait-gateway             return when OpenClaw's gateway is ready
  info NAME | list               JSON of one host | of all, one a line
  stop | start | reboot NAME     orderly shutdown (disk kept) | boot again | reboot
  poweroff NAME                  pull the plug (disk kept)
  wait-gateway NAME [SECONDS]    until the gateway is ready
  exec NAME [--user USER] CMD…   run inside, as root or USER, without ssh
  save NAME LAYER                what a stopped host added to its disk becomes a layer
  down NAME | down-all           stop and delete
  clean                          down-all, and remove what killed runs left; keeps the cached image and layers
  fault NAME FAULT [VALUE]       cut|restore  refuse|unrefuse  rate KBIT|unrate  freeze|thaw  fill|unfill  kill-connections
                                 ssh-stop|ssh-start  gateway-stop|gateway-start  break-config|mend-config
                                 new-host-key|restore-host-key  none (ends them all)

Settings: BUOY_TESTBED_DIR (/var/tmp/buoy-testbed, on a real disk), BUOY_TESTBED_NETWORK (10.77.0, a /24), BUOY_TESTBED_PREFIX
(buoytb, starts the name of each interface and namespace), BUOY_TESTBED_MIRROR (a Debian mirror, else the one of this machine's apt).
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in common support image network cgroup disk boot gateway layer lifecycle info faults clean; do
  # shellcheck source=/dev/null
  source "$here/hosts/$part.sh"
done

NOT_RUNNING=255   # of exec, like ssh: it was not the command that failed

main() {
  local command=${1:-help}
  shift || true
  case $command in
    help | -h | --help) usage ;;
    supported) supported ;;
    deps) install_dependencies ;;
    image) require_support; ensure_image ;;
    network) require_support; lock hosts; ensure_network ;;
    layer) require_support; ensure_layer "${1:?layer name}" ;;
    up | acquire) require_support; "${command}_host" "$@" ;;
    info) require_host "${1:-}"; info_json "$1" ;;
    list) for_each_host info_json ;;
    stop | start | poweroff | reboot) require_host "${1:-}"; lock_host "$1"; "${command}_host" "$1" ;;
    wait-gateway) require_host "${1:-}"; wait_gateway "$@" ;;
    exec) (require_running "${1:-}") || exit "$NOT_RUNNING"; exec_in_host "$@" ;;
    save) require_host "${1:-}"; save_layer "$@" ;;
    down) check_name "${1:-}"; lock_host "$1"; down_host "$1" ;;
    down-all) for_each_host down_host_locked ;;
    clean) clean ;;
    fault) require_host "${1:-}"; lock_host "$1"; fault "$@" ;;
    run-supervisor) supervise "$1" ;;
    *) usage >&2; exit 2 ;;
  esac
}

# one line, so that bash never reads on in a file that was edited while a host ran
main "$@"; exit
