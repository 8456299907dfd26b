# The command line's promises: exit codes, trace names, running side by side, replay on
# a bare system.

expect() # status command...
{
    local want=$1 status
    shift
    timeout 30 "$@" >out 2>err </dev/null
    status=$?
    [ $status = "$want" ] || fail "status $status instead of $want: $*"
}

robust_exit_codes()
{
    scratch
    echo '#!/bin/sh' >noexec
    expect 127 "$RR_LIKE" record -o t -- ./missing
    grep -q missing err || fail "the missing program is not named"
    expect 127 "$RR_LIKE" record -o t -- no-such-program-anywhere
    expect 126 "$RR_LIKE" record -o t -- ./noexec
    expect 126 "$RR_LIKE" record -o t -- "$work"
    expect 64 "$RR_LIKE" replay --no-such-option
    expect 66 "$RR_LIKE" replay -a missing
    expect 0 "$RR_LIKE" --help
    expect 0 "$RR_LIKE" --version
    expect 7 "$RR_LIKE" record -o t -- sh -c 'exit 7'
    expect 134 "$RR_LIKE" record -o t -- sh -c 'kill -ABRT $$'
    expect 0 "$RR_LIKE" replay -a t
}

robust_trace_names()
{
    scratch
    export RR_LIKE_TRACE_DIR=$work/traces
    expect 0 "$RR_LIKE" record true
    grep -q "^rr-like: .*$work/traces/true" err || fail "the trace's name is not printed"
    expect 0 "$RR_LIKE" record -- echo again
    [ "$(find traces -name 'true.*.trace.zst' | wc -l)" = 1 ] || fail "no true.N.trace.zst"
    [ -e traces/latest ] || fail "no link named latest"
    expect 0 "$RR_LIKE" replay -a
    [ "$(cat out)" = again ] || fail "replay without a name does not take the latest trace"
    "$(dirname "$RR_LIKE")/replay" -a >out 2>err || fail "the replay command: status $?"
    [ "$(cat out)" = again ] || fail "the replay command prints something else"
}

robust_side_by_side()
{
    scratch
    export RR_LIKE_TRACE_DIR=$work/traces
    local i pids=
    for i in 1 2 3 4 5 6 7 8; do
        timeout 60 "$RR_LIKE" record -- sh -c "echo run $i; exit $i" >out.$i 2>err.$i &
        pids="$pids $!"
    done
    i=0
    for pid in $pids; do
        i=$((i + 1))
        wait $pid
        [ $? = $i ] || fail "recording $i"
    done
    [ "$(find traces -name 'sh.*.trace.zst' -size +0 | wc -l)" = 8 ] || fail "not eight traces"
    for t in traces/sh.*.trace.zst; do
        "$RR_LIKE" replay -a "$t" >>all 2>err || fail "replay of $t"
    done
    [ "$(sort all | uniq | wc -l)" = 8 ] || fail "not eight different outputs"
}

# A directory with the tool, its libraries and the trace, and nothing else.
robust_replay_in_bare_root()
{
    scratch
    [ "$(id -u)" = 0 ] || skip "chroot needs root"
    command -v python3 >/dev/null && [ -x /usr/bin/python3 ] || skip "no python3"
    "$RR_LIKE" record -o t -- /usr/bin/python3 -c 'import json, os; print(json.dumps({"a": os.getpid() > 0}))' >want 2>err ||
        fail "recording: status $?"
    mkdir -p root/tmp
    local lib
    for lib in $(ldd "$RR_LIKE" | grep -o '/[^ )]*'); do
        mkdir -p "root$(dirname "$lib")"
        cp -L "$lib" "root$lib"
    done
    cp "$RR_LIKE" root/rr-like
    cp t root/t
    chroot root /rr-like replay -a /t >out 2>err || fail "status $? (no /proc, no /dev, no /usr/bin there)"
    cmp out want || fail "another output"
}

# Many replays of one trace give one answer.
robust_repeat()
{
    scratch
    local i
    "$RR_LIKE" record -o t -- "$GUESTS/cpu_random" >want 2>err || fail "recording: status $?"
    for ((i = 0; i < 20; i++)); do
        timeout 30 "$RR_LIKE" replay -a t >out 2>err </dev/null || fail "replay $i: status $?"
        cmp -s out want || fail "replay $i: another output"
    done
}

robust_inputs_gone()
{
    scratch
    seq 1 1000 >input
    "$RR_LIKE" record -o t -- cat input >want 2>err || fail "recording"
    echo changed >input
    "$RR_LIKE" replay -a t >out 2>err || fail "replay with a changed input"
    cmp out want || fail "the changed input shows"
    rm input
    "$RR_LIKE" replay -a t >out 2>err || fail "replay without the input"
    cmp out want || fail "another output without the input"
}
