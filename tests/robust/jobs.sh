# Job control: a shell on a terminal stops a recording and goes on with it, as it would with
# the program itself; the trace replays. Scripts are in the language of lib/ptydrive.c.

# drive NAME: plays stdin, in which RUN stands for a command that runs the job; natively and
# recorded the conversation must go as written.
drive()
{
    scratch
    cat >script
    [ -c /dev/ptmx ] || skip "no pseudo-terminals"
    local shell=(env -i PATH="$PATH" HOME="$PWD" TERM=vt100 'PS1=> ' bash --norc --noprofile --noediting -i)
    sed "s|RUN|$GUESTS/job_terminal|" script >native.script
    sed "s|RUN|$RR_LIKE record -o $1.zst -- $GUESTS/job_terminal|" script >record.script
    for kind in native record; do
        "$PTYDRIVE" -t 60 "$kind.script" "${shell[@]}" >"$kind.out" 2>"$kind.err" || {
            tail -c 1500 "$kind.out" | cat -v
            cat "$kind.err"
            fail "$kind: the conversation did not go as written"
        }
    done
    "$RR_LIKE" replay -a "$1.zst" >replay.out 2>replay.err || {
        fail "replay: $(cat replay.err)"
    }
}

replayed() # text
{
    grep -qF -- "$1" replay.out || fail "not replayed: $1: $(cat replay.out)"
}

# Ctrl-Z, fg, bg, and a read in the background, which stops the job too.
robust_job_reads()
{
    drive reads <<'END'
expect > 
send RUN lines\n
expect reading
send one\n
expect got one
quiet 200
send \x1a
expect Stopped
send jobs\n
expect Stopped
send fg\n
quiet 300
send two\n
expect got two
quiet 200
send \x1a
expect Stopped
send bg\n
quiet 500
send jobs\n
expect Stopped
send fg\n
quiet 300
send three\n
expect got three
send end\n
quiet 300
send echo status is $?\n
expect status is 7
send exit 0\n
END
    replayed "got three"
}

# An editor handles the stop itself: the terminal's modes are the shell's while it is away.
robust_job_editor()
{
    drive editor <<'END'
expect > 
send RUN editor\n
expect editing
send a
expect <a 0>
send \x1a
expect Stopped
send stty -a\n
expect  icanon
quiet 200
send fg\n
quiet 300
send b
expect <b 2>
quiet 200
send \x1a
expect Stopped
send fg\n
quiet 300
send c
expect <c 4>
send q
expect <q 4>
quiet 300
send stty -a\n
expect  icanon
send exit 0\n
END
    replayed "<c 4>"
}

robust_job_computes()
{
    drive computes <<'END'
expect > 
send RUN compute\n
expect computing
quiet 300
send \x1a
expect Stopped
send fg\n
quiet 300
send \x1a
expect Stopped
send bg\n
quiet 200
send wait\n
expect computed
quiet 200
send exit 0\n
END
    replayed "computed"
}
