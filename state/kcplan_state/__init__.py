"""kcplan_state: the files that kcplan keeps beside the state.

    file        the state itself: `kcplan.state.json`, and the one before as `.backup`
    lock        `.lock`: who is working on it right now
    journal     `.journal`: what a running apply is about to do and has done
    digests     what a secret looked like, without the secret

`document` and `records` say how values stand in those files, `step_journal` how the steps of a
plan become records and are remembered from them, `migrations` how older state files are read,
`disk` how a file is written so that a crash or a full disk never leaves half of one. A state file
that is a symbolic link stays one: everything happens at the file it points to.
"""
