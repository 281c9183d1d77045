# shellcheck shell=bash
# The cached Debian roots that all hosts share read-only: 13 (trixie), or 12 (bookworm) for hosts that ask for it.

IMAGE_RECIPE=1   # raise it when anything in this file changes what the image holds
IMAGE_PACKAGES=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,openssh-server,sudo,curl,ca-certificates,xz-utils,iproute2,procps,less

extra_certificates() { find /usr/local/share/ca-certificates -name '*.crt' -type f 2>/dev/null | sort; }

# suite_of SYSTEM: Debian's name of it.
suite_of() {
  case $1 in
    debian-13) echo trixie ;;
    debian-12) echo bookworm ;;
    *) die "no system $1: debian-12 or debian-13" ;;
  esac
}

# image_path [SUITE]: named by what goes into it: another recipe, or another authority to trust, is another image.
image_path() {
  local certificates
  certificates=$(extra_certificates | xargs -r cat | sha256sum | cut -c1-8)
  echo "$STATE/images/${1:-trixie}-$IMAGE_RECIPE-$certificates"
}

# "deb URI SUITE COMPONENT" lines of plain Debian trixie, from apt itself: it knows both file formats and every file. Another suite lies at the same mirror.
debian_sources() {
  if [ -n "${BUOY_TESTBED_MIRROR:-}" ]; then
    echo "deb $BUOY_TESTBED_MIRROR $1 main"
    return
  fi
  if [ "$1" != trixie ]; then
    debian_sources trixie | awk -v suite="$1" '$3 == "trixie" { print $1, $2, suite, $4 }'
    return
  fi
  # shellcheck disable=SC2016 # these are apt's own placeholders
  apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)' 'Created-By: Packages' | sort -u |
    awk -F'|' '$1 ~ /^https?:/ && $4 == "main" {
      suite = $3 ~ /^trixie/ ? $3 : $2
      if (suite ~ /^trixie(-updates|-security)?$/) print "deb", $1, suite, "main"
    }'
}

# ensure_image [SUITE]
ensure_image() {
  local suite=${1:-trixie}
  [ -e "$(image_path "$suite").ok" ] && return 0
  lock build
  [ -e "$(image_path "$suite").ok" ] || build_image "$suite"
  unlock build
}

build_image() {
  local suite=$1 image partial sources started=$SECONDS
  image=$(image_path "$suite")
  partial=$image.partial
  sources=$(debian_sources "$suite")
  [ -n "$sources" ] || die "this machine's apt has no Debian trixie source: set BUOY_TESTBED_MIRROR"
  mkdir -p "$STATE/images"
  # what a killed build left, with what it had mounted there
  unmount_below "$STATE/images"
  rm -rf --one-file-system "$STATE"/images/*.partial "$image"
  log "building the Debian image $suite (about 40 s) …"
  if ! mmdebstrap --quiet --variant=minbase --include="$IMAGE_PACKAGES" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$partial" - <<<"$sources" 2>"$STATE/image.log"; then
    tail -5 "$STATE/image.log" >&2
    die "the image could not be built; the log is $STATE/image.log"
  fi
  configure_image "$partial" 2>>"$STATE/image.log" || die "the image could not be set up; the log is $STATE/image.log"
  mv "$partial" "$image"
  : >"$image.ok"
  log "Debian image ready after $((SECONDS - started)) s, $(du -sh "$image" | cut -f1)"
  prune_cache
}

configure_image() {
  local image=$1 certificate unit
  chroot "$image" useradd --create-home --uid "$DEPLOY_UID" --shell /bin/bash deploy
  echo "deploy:$DEPLOY_PASSWORD" | chroot "$image" chpasswd
  mkdir -p "$image/var/lib/systemd/linger"
  : >"$image/var/lib/systemd/linger/deploy"
  # a journal on disk is split by user, and only then `journalctl --user` shows a user his own
  mkdir -p "$image/var/log/journal" "$image/etc/systemd/journald.conf.d"
  printf '[Journal]\nStorage=persistent\nSystemMaxUse=64M\n' >"$image/etc/systemd/journald.conf.d/testbed.conf"
  # a test machine may sit behind a proxy that inspects TLS: trust what it trusts
  while read -r certificate; do cp "$certificate" "$image/usr/local/share/ca-certificates/"; done < <(extra_certificates)
  if [ -n "$(extra_certificates)" ]; then
    chroot "$image" update-ca-certificates >/dev/null
    echo 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' >>"$image/etc/environment"
  fi
  for unit in systemd-networkd.service systemd-resolved.service systemd-networkd-wait-online.service console-getty.service getty@tty1.service; do
    ln -sf /dev/null "$image/etc/systemd/system/$unit"
  done
  rm -f "$image"/etc/ssh/ssh_host_* "$image/etc/resolv.conf" "$image/etc/machine-id" "$image/var/lib/dbus/machine-id"
  rm -rf "$image"/var/cache/apt/*.bin "$image"/var/lib/apt/lists/*
  touch "$image/etc/.updated" "$image/var/.updated"   # else each first boot rebuilds caches, 0.2 s
}

# Deletes images and layers of older recipes that no host uses.
prune_cache() {
  local kept directory
  kept=$(cat "$HOSTS"/*/lower 2>/dev/null | tr ':' '\n' || true)
  for directory in "$STATE"/images/*/ "$STATE"/layers/*/; do
    directory=${directory%/}
    if [ ! -d "$directory" ] || [ "$directory" = "$(image_path)" ] || [ "$directory" = "$(image_path bookworm)" ] || [[ $directory = *@"$(layer_recipe)" ]]; then continue; fi
    if grep -qxF "$directory" <<<"$kept"; then continue; fi
    rm -f "$directory.ok"
    rm -rf --one-file-system "$directory"
  done
}
