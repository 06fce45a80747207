# What app/run and tests/run have in common: installs what is missing, configures, builds.
# Sourced by bash from the repository's top folder.

# Another python3 or meson may stand earlier in the path; ours are Debian's.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH

say () { printf 'gradboard: %s\n' "$*" >&2; }

# packages_in SECTION…: the names that `packages` lists in these sections
packages_in () {
  local line section='' wanted=" $* "
  while read -r line; do
    case $line in
      ''|'#'*) ;;
      '['*) section=${line//[\[\]]/} ;;
      *) [[ $wanted == *" $section "* ]] && printf '%s\n' "$line" ;;
    esac
  done < packages
  return 0
}

# install_packages SECTION…: installs those that are missing; does nothing, quickly, when all are there
install_packages () {
  local wanted missing=() name state
  declare -A have=()
  mapfile -t wanted < <(packages_in "$@")
  while read -r name state; do
    [[ $state == installed ]] && have[$name]=1
  done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null)
  for name in "${wanted[@]}"; do
    [[ ${have[$name]:-} ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  local root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "these packages are missing: ${missing[*]}"
      say "run this as root, or install sudo, and start again:"
      say "  apt-get update && apt-get install -y ${missing[*]}"
      exit 1
    fi
    root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  if ! "${root[@]}" apt-get update >&2 \
     || ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
          apt-get install -y --no-install-recommends "${missing[@]}" >&2; then
    say "apt-get did not install them all; the lines above say why"
    exit 1
  fi
}

# configure_and_build FOLDER [meson option…]: the options count only when the folder is new
configure_and_build () {
  local folder=$1
  shift
  if [[ ! -f $folder/build.ninja ]]; then
    say "configuring into $folder/"
    meson setup "$folder" "$@" >&2 || { say "configuring failed"; exit 1; }
  fi
  if ! ninja -C "$folder" --quiet >&2; then
    say "building failed; the lines above say where"
    exit 1
  fi
}
