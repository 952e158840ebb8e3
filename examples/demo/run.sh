#!/usr/bin/env bash
# Shows kcplan at work on a real Keycloak, which it starts and ends itself.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../.venv/bin:$PATH
work=$(mktemp -d)
# A sandbox that you have is left alone: this one keeps its records in the demo's own folder.
export XDG_STATE_HOME=$work/state

finish() {
    status=$?
    trap - EXIT
    trap '' INT TERM
    printf '\n'
    kcplan sandbox down || status=1
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Print some sentences.
say() {
    printf '\n'
    printf '%s\n' "$@"
}

# Print a command.
show() {
    printf '\n$ %s\n' "$*"
}

# Print a command, run it, and see that it ends with the expected exit code.
run() {
    local expected=$1 code=0
    shift
    show "$*"
    "$@" || code=$?
    if [ "$code" -ne "$expected" ]; then
        printf 'The demo expected exit code %s, and got %s.\n' "$expected" "$code" >&2
        exit 1
    fi
}

random() {
    python -c 'import secrets; print(secrets.token_urlsafe(24))'
}

say 'First, start a throw-away Keycloak on a free port.'
run 0 kcplan sandbox up --port 0
show 'eval "$(kcplan sandbox env)"'
eval "$(kcplan sandbox env)"

cp -R "$here/kcplan.toml" "$here/realms" "$here/mistake.toml" "$here/by_hand.py" "$work"
cd "$work"
STOREFRONT_SECRET=$(random)
ORDERS_SECRET=$(random)
export STOREFRONT_SECRET ORDERS_SECRET

say '1. The file realms/shop.toml describes a realm in which a service exchanges tokens.' \
    '   The plan shows what would be created. Nothing changes yet. kcplan adds what the' \
    '   exchange needs; you do not have to write it. Secrets come from the environment and' \
    '   are never shown.'
run 0 kcplan plan --out reviewed.kcplan

say '2. Apply executes exactly the plan that was reviewed.'
run 0 kcplan apply reviewed.kcplan

say '3. A second plan has nothing to do. And the exchange works: verify performs it, and checks' \
    '   that Keycloak refuses all others.'
run 0 kcplan plan --detailed-exitcode
run 0 kcplan verify --deny

say '4. Somebody changes two things in the console.'
run 0 python by_hand.py

say '5. The nightly refresh finds both. Exit code 2 means that there is drift.'
run 2 kcplan refresh --detailed-exitcode

say '6. The next apply brings Keycloak back to what the files say.'
run 0 kcplan apply --auto-approve
run 0 kcplan refresh --detailed-exitcode

say '7. A colleague adds a role and a client, and Keycloak refuses the client. kcplan rolls back' \
    '   what it did until then. That is exit code 3.'
run 0 cp mistake.toml realms
run 3 kcplan apply --auto-approve
run 0 rm realms/mistake.toml
run 0 kcplan plan --detailed-exitcode

say '8. Destroy deletes what kcplan created. What existed before would stay.'
run 0 kcplan destroy --auto-approve

say 'That is all. The sandbox stops now.'
