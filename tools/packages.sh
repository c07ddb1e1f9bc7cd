#!/bin/bash
# Makes sure that the named Debian packages are there: installs what is missing when root, else says the line to run.
# "a|b" is satisfied by either; a is installed when both are missing.
set -euo pipefail

command -v dpkg-query >/dev/null || exit 0  # not a Debian: the tests say themselves what they miss
missing=()
for names in "$@"; do
    installed=$(dpkg-query --show --showformat='${db:Status-Abbrev}\n' ${names//|/ } 2>/dev/null) || true
    grep -q '^.i' <<<"$installed" || missing+=("${names%%|*}")
done
((${#missing[@]})) || exit 0

if [ "$(id -u)" != 0 ]; then
    printf '\nThese Debian packages are missing. Please run this line, then try again:\n\n' >&2
    printf '    sudo apt-get update && sudo apt-get install --no-install-recommends %s\n\n' "${missing[*]}" >&2
    exit 1
fi
install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}
echo "Installing ${missing[*]} ..."
if ! install "${missing[@]}" >/dev/null 2>&1; then  # most often: the package lists are absent or old
    apt-get update -qq
    install "${missing[@]}"
fi
