# shellcheck shell=bash
# The disk of a host: an overlay over image and layer, on this machine's disk or on a file system of the size that was asked for.

root_of() { echo "$HOSTS/$1/root"; }

# Makes what mount_root needs; the caller has written the options. Sizes in MiB.
make_disk() {
  local directory=$HOSTS/$1 mebibytes
  mkdir -p "$directory/root" "$directory/disk"
  mebibytes=$(option_of "$1" disk)
  if [ "$mebibytes" -gt 0 ]; then
    truncate -s "${mebibytes}M" "$directory/disk.img"
    mkfs.ext4 -q -m 0 -O ^has_journal "$directory/disk.img"
  fi
}

mount_root() {
  local directory=$HOSTS/$1 redirect=on
  mountpoint -q "$directory/root" && return 0
  if [ -e "$directory/disk.img" ] && ! mountpoint -q "$directory/disk"; then mount -o loop "$directory/disk.img" "$directory/disk"; fi
  mkdir -p "$directory/disk/upper" "$directory/disk/work"
  # Else a folder of image or layer could not be renamed, as it can on the disk of a server.
  [ "$(option_of "$1" renames)" = yes ] || redirect=off
  mount -t overlay "$PREFIX-$1" "$directory/root" \
    -o "lowerdir=$(cat "$directory/lower"),upperdir=$directory/disk/upper,workdir=$directory/disk/work,redirect_dir=$redirect"
}

unmount_root() {
  local directory=$HOSTS/$1 mount
  for mount in "$directory/root" "$directory/disk"; do
    while mountpoint -q "$mount" 2>/dev/null; do umount -l "$mount" || break; done
  done
}

# Writes the host's own settings before its first boot.
prepare_root() {
  local name=$1 directory=$HOSTS/$1 root kind
  root=$(root_of "$name")
  ssh-keygen -q -t ed25519 -N '' -C "testbed-$name" -f "$directory/id_ed25519" <<<y >/dev/null
  echo "$name" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "$(address_of "$name")" "$name" >"$root/etc/hosts"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  rm -f "$root"/etc/ssh/ssh_host_*
  for kind in ed25519 ecdsa; do
    ssh-keygen -q -t "$kind" -N '' -C "root@$name" -f "$root/etc/ssh/ssh_host_${kind}_key"
  done
  # sshd refuses, for a while, an address that failed to log in often; all tests come from this one address, and many of
  # them fail on purpose: only this address is exempt (the sshd of Debian 12 does not)
  [ "$(option_of "$name" system)" = debian-12 ] || printf 'PerSourcePenaltyExemptList %s.1\n' "$NETWORK" >"$root/etc/ssh/sshd_config.d/testbed.conf"
  case $(option_of "$name" sudo) in
    nopasswd) echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' ;;
    password) echo 'deploy ALL=(ALL:ALL) ALL' ;;
  esac >"$root/etc/sudoers.d/deploy"
  chmod 440 "$root/etc/sudoers.d/deploy"
  allow_key "$directory/id_ed25519.pub" "$root/root" 0
  allow_key "$directory/id_ed25519.pub" "$root/home/deploy" "$DEPLOY_UID"
}

# allow_key PUBLIC_KEY HOME UID
allow_key() {
  install -d -m 700 -o "$3" -g "$3" "$2/.ssh"
  install -m 600 -o "$3" -g "$3" "$1" "$2/.ssh/authorized_keys"
}
