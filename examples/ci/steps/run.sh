#!/bin/sh
# What a pipeline does with kcplan. The state is in its folder: see state.sh.
#
#   run.sh begin               removes what an earlier run, or a branch, may have left
#   run.sh plan [PATH]...      saves a plan, and writes it as Markdown
#   run.sh recover             takes back what a killed apply left
#   run.sh apply               executes exactly the saved plan
#   run.sh refresh             writes the drift as Markdown, if there is any
#
# KCPLAN_PLAN is the saved plan, KCPLAN_REPORT the Markdown, KCPLAN_FAIL_ON the risk that fails a plan.
set -eu
plan=${KCPLAN_PLAN:-plan.kcplan}
report=${KCPLAN_REPORT:-report.md}
# Each environment has a state of its own.
state=kcplan${KCPLAN_ENV:+.$KCPLAN_ENV}.state.json
KCPLAN_STATE=${KCPLAN_STATE:-${KCPLAN_STATE_FOLDER:-.kcplan-state}/$state}
export KCPLAN_STATE

# For steps that come later: GitHub has a file for it, elsewhere KCPLAN_OUTPUT names one.
tell() {
    printf '%s\n' "$1=$2"
    printf '%s\n' "$1=$2" >>"${GITHUB_OUTPUT:-${KCPLAN_OUTPUT:-/dev/null}}"
}

# A report is posted, whatever becomes of the run: it must be this run's.
begin() {
    rm -rf -- "$plan" "$report"
    printf '## kcplan\n\n**Nothing is known yet.** The log of the job says why.\n' >"$report"
}

# The version that people read, also where there is none.
write_report() {
    if ! "$@" >"$report" 2>"$report.errors"; then cat "$report.errors" >&2; fi
    if [ ! -s "$report" ]; then
        printf '## kcplan\n\n**There is no plan.** The log of the job says why.\n' >"$report"
    fi
    rm -f "$report.errors"
}

make_plan() {
    begin
    code=0
    kcplan plan "$@" --out "$plan" --format "${KCPLAN_FORMAT:-text}" --detailed-exitcode \
        ${KCPLAN_FAIL_ON:+--fail-on "$KCPLAN_FAIL_ON"} || code=$?
    if [ -e "$plan" ]; then
        write_report kcplan show "$plan" --format markdown
    else
        write_report kcplan plan "$@" --format markdown
    fi
    case $code in
        0) tell changes false ;;
        2) tell changes true ;;
        *) exit "$code" ;;
    esac
}

recover() {
    if [ -e "$KCPLAN_STATE.journal" ]; then
        kcplan recover --auto-approve
    else
        echo "No apply was interrupted."
    fi
}

refresh() {
    begin
    code=0
    kcplan refresh --format markdown --detailed-exitcode >"$report" || code=$?
    case $code in
        0) tell drift false ;;
        2) tell drift true ;;
        *) exit "$code" ;;
    esac
}

# Without it the journal of a killed apply is in plain text, and nothing of the run is pushed.
require_key() {
    if [ -z "${KCPLAN_JOURNAL_KEY:-}" ]; then
        echo "KCPLAN_JOURNAL_KEY is not set: a killed apply could not be taken back." >&2
        exit 1
    fi
}

command=${1:-}
shift || true
case $command in
    apply | recover) require_key ;;
esac
case $command in
    begin) begin ;;
    plan) make_plan "$@" ;;
    recover) recover ;;
    apply) kcplan apply "$plan" ;;
    refresh) refresh ;;
    *)
        echo "usage: run.sh begin|plan|recover|apply|refresh" >&2
        exit 1
        ;;
esac
