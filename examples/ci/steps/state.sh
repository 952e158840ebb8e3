#!/bin/sh
# The state between two runs: on a branch of its own, which nobody else writes and nobody forces.
#
#   state.sh begin    makes the branch, once
#   state.sh fetch    puts the state into its folder, before kcplan runs
#   state.sh push     pushes what kcplan left there, always, also after a failure
#
# KCPLAN_STATE_BRANCH is the branch, KCPLAN_STATE_FOLDER the folder, KCPLAN_PUSH_WAIT the seconds
# between two attempts to push.
set -eu
branch=${KCPLAN_STATE_BRANCH:-kcplan-state}
folder=${KCPLAN_STATE_FOLDER:-.kcplan-state}
tracked=refs/remotes/origin/$branch

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# Whether the branch is there. A remote that does not answer is not one without the branch: with an
# empty state kcplan would not know what it created.
is_there() {
    code=0
    git ls-remote --exit-code --heads origin "refs/heads/$branch" >/dev/null || code=$?
    case $code in
        0) return 0 ;;
        2) return 1 ;;
        *) fail "The repository does not answer, so nobody knows the state. Run this again." ;;
    esac
}

# What is of one machine, or was cut short, is no part of the state.
of_state() {
    "$@" -- . ':!*.lock' ':!*.look' ':!*.server' ':!*.tmp'
}

# What an earlier run could not push is all that there is of it.
refuse_unpushed() {
    if [ -n "$(of_state git -C "$folder" status --porcelain)" ] ||
        ! git merge-base --is-ancestor "$(git -C "$folder" rev-parse HEAD)" "$tracked"; then
        fail "$folder has what was never pushed. Run state.sh push, or move the folder away."
    fi
}

begin() {
    if is_there; then fail "The branch $branch exists. Nothing is changed."; fi
    empty=$(git hash-object -t tree -w /dev/null)
    first=$(git -c user.name=kcplan -c user.email=kcplan@localhost commit-tree "$empty" -m Begin)
    git push --quiet origin "$first:refs/heads/$branch"
    echo "The branch $branch is there. Protect it: only this pipeline may push to it."
}

fetch() {
    is_there || fail "There is no branch $branch. Before the very first run: state.sh begin. If there \
was one, somebody removed it: bring it back, or kcplan forgets what it created."
    git fetch --quiet origin "+refs/heads/$branch:$tracked"
    if [ -e "$folder" ]; then
        [ -e "$folder/.git" ] || fail "$folder is in the way: it is not what this script made."
        refuse_unpushed
        git worktree remove --force "$folder"
    fi
    git worktree prune
    git worktree add --quiet --detach "$folder" "$tracked"
}

push() {
    [ -e "$folder/.git" ] || fail "There is no folder $folder: run state.sh fetch first."
    cd "$folder"
    for journal in *.journal; do
        if [ -e "$journal" ] && ! head -n 1 "$journal" | grep -q '"encryption"'; then
            fail "The journal is not encrypted, and holds secrets: nothing is pushed. Set \
KCPLAN_JOURNAL_KEY for apply and recover. $PWD/$journal is all that can take back what was done."
        fi
    done
    of_state git add --all
    if ! git diff --cached --quiet; then
        git -c user.name=kcplan -c user.email=kcplan@localhost commit --quiet \
            -m "The state after ${KCPLAN_RUN:-a run}"
    elif [ "$(git rev-parse HEAD)" = "$(git rev-parse "$tracked")" ]; then
        echo "The state is as it was."
        return
    fi
    for _ in 1 2 3; do
        if git push --quiet origin "HEAD:refs/heads/$branch"; then
            git update-ref "$tracked" HEAD
            echo "The state is pushed."
            return
        fi
        sleep "${KCPLAN_PUSH_WAIT:-10}"
    done
    fail "The state was not pushed. Keep the files in $PWD: without them the next run does not know \
what this one did."
}

case ${1:-} in
    begin | fetch | push) "$1" ;;
    *) fail "usage: state.sh begin|fetch|push" ;;
esac
