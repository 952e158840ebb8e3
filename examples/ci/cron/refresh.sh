#!/bin/sh
# For a machine with the state on its own disk: a line of cron, and a mail when there is drift.
#
#   17 5 * * *  /etc/kcplan/refresh.sh /etc/kcplan/shop
#
# cron sends what a job prints to MAILTO: this one prints nothing while there is no drift. The log-in
# is in the folder's file `refresh.env` (mode 0600), a line for each variable.
set -eu
cd "${1:?the folder with kcplan.toml is missing}"
set -a
. ./refresh.env
set +a
code=0
said=$(kcplan refresh --detailed-exitcode 2>&1) || code=$?
if [ "$code" -ne 0 ]; then
    printf '%s\n' "$said"
    exit "$code"
fi
