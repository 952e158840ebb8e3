#!/usr/bin/env bash
# Shows kcplan at work on a real Keycloak, which it starts and ends itself. PAUSE=1 waits for Enter
# between the parts.
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

# On a terminal, headings are bold, and the best moment stands out.
bold='' loud='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' loud=$'\033[1;30;43m' plain=$'\033[0m'
fi

# Print the heading of a part, and some sentences about it. With PAUSE=1, wait between parts.
parts=0
part() {
    printf '\n'
    if [ -n "${PAUSE:-}" ] && [ "$((parts++))" -gt 0 ]; then
        read -r -p 'Press Enter to go on. ' _ || true
    fi
    printf '%s=== %s ===%s\n' "$bold" "$1" "$plain"
    shift
    printf '%s\n' "$@"
}

# Print what nobody should miss.
found() {
    printf '\n%s >>> %s <<< %s\n' "$loud" "$1" "$plain"
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

part 'A throw-away Keycloak' 'It starts on a free port.'
run 0 kcplan sandbox up --port 0
show 'eval "$(kcplan sandbox env)"'
eval "$(kcplan sandbox env)"

cp -R "$here"/realms "$here"/*.toml "$here"/by_hand.py "$work"
cd "$work"
STOREFRONT_SECRET=$(random)
ORDERS_SECRET=$(random)
export STOREFRONT_SECRET ORDERS_SECRET

part '1. Plan' \
    'The file realms/shop.toml describes a realm in which a service exchanges tokens. The plan' \
    'shows what would be created; nothing changes yet. kcplan adds what the exchange needs, and' \
    'takes secrets from the environment. They are never shown.'
run 0 kcplan plan --out reviewed.kcplan

part '2. Apply' 'It executes exactly the plan that was reviewed.'
run 0 kcplan apply reviewed.kcplan

part '3. Proof' \
    'A second plan has nothing to do. And the exchange works: verify performs it, and checks that' \
    'Keycloak refuses all others.'
run 0 kcplan plan --detailed-exitcode
run 0 kcplan verify --deny

part '4. A change by hand' 'Somebody changes two things in the console.'
run 0 python by_hand.py

part '5. Drift' 'The nightly refresh finds both. Exit code 2 means that there is drift.'
run 2 kcplan refresh --detailed-exitcode
found 'kcplan found it: the service account of orders is realm-admin.'

part '6. Repair' 'The next apply brings Keycloak back to what the files say.'
run 0 kcplan apply --auto-approve
run 0 kcplan refresh --detailed-exitcode

part '7. A risky pull request' \
    'A colleague adds a client for reports, with more rights than it needs. The plan says so first,' \
    'and can stop the pipeline.'
run 0 cp reports.toml realms
run 1 kcplan plan --fail-on danger
run 0 rm realms/reports.toml

part '8. A failure half way' \
    'Another adds a role and a client, and Keycloak refuses the client. kcplan rolls back what it' \
    'did until then. That is exit code 3.'
run 0 cp mistake.toml realms
run 3 kcplan apply --auto-approve
run 0 rm realms/mistake.toml
run 0 kcplan plan --detailed-exitcode

part '9. Destroy' 'It deletes what kcplan created. What existed before would stay.'
run 0 kcplan destroy --auto-approve

part 'That is all' 'The sandbox stops now.'
