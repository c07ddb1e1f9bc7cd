#!/bin/bash
# Prints the Python the project uses: Debian's own when it is new enough, else the first on PATH that is.
for candidate in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$candidate"
        exit
    fi
done
echo "Mobility needs Python 3.11 or newer: apt-get install python3" >&2
exit 1
