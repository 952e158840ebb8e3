#!/bin/sh
# The state between two runs: on a branch of its own, which nobody else writes and nobody forces.
#
#   state.sh begin    makes the branch, once
#   state.sh fetch    puts the state into its folder, before kcplan runs
#   state.sh push     pushes what kcplan left there, always, also after a failure
#
# KCPLAN_STATE_BRANCH is the branch, KCPLAN_STATE_FOLDER the folder.
set -eu
branch=${KCPLAN_STATE_BRANCH:-kcplan-state}
folder=${KCPLAN_STATE_FOLDER:-.kcplan-state}

fail() {
    echo "$1" >&2
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

remove_folder() {
    if [ -e "$folder" ]; then
        git worktree remove --force "$folder"
    fi
    git worktree prune
}

begin() {
    if is_there; then fail "The branch $branch exists. Nothing is changed."; fi
    empty=$(git hash-object -t tree -w /dev/null)
    first=$(new_commit "$empty" "Begin")
    git push --quiet origin "$first:refs/heads/$branch"
    echo "The branch $branch is there. Protect it: only this pipeline may push to it."
}

new_commit() {
    git -c user.name=kcplan -c user.email=kcplan@localhost commit-tree "$1" -m "$2"
}

fetch() {
    is_there || fail "There is no branch $branch. Before the very first run: state.sh begin. If there \
was one, somebody removed it: bring it back, or kcplan forgets what it created."
    remove_folder
    git fetch --quiet --depth 1 origin "+refs/heads/$branch:refs/remotes/origin/$branch"
    git worktree add --quiet --detach "$folder" "refs/remotes/origin/$branch"
}

push() {
    [ -d "$folder" ] || fail "There is no folder $folder: run state.sh fetch first."
    cd "$folder"
    for journal in *.journal; do
        if [ -e "$journal" ] && ! head -n 1 "$journal" | grep -q '"encryption"'; then
            fail "The journal is not encrypted, and holds secrets: it is not pushed. Set \
KCPLAN_JOURNAL_KEY for apply and recover. $PWD/$journal is all that can take back what was done."
        fi
    done
    git add --all -- . ':!*.lock' ':!*.look' ':!*.server'
    if git diff --cached --quiet; then
        echo "The state is as it was."
        return
    fi
    git -c user.name=kcplan -c user.email=kcplan@localhost commit --quiet \
        -m "The state after ${KCPLAN_RUN:-a run}"
    git push --quiet origin "HEAD:refs/heads/$branch" || fail "The state was not pushed. Keep the \
files in $PWD: without them the next run does not know what this one did."
    echo "The state is pushed."
}

case ${1:-} in
    begin | fetch | push) "$1" ;;
    *) fail "usage: state.sh begin|fetch|push" ;;
esac
