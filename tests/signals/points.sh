# Signals at every point of a section: one test for each function signals_NAME.

replay_both() {
    local mode
    for mode in native translated; do
        timeout 100 "$RR_LIKE" replay -a --vcpu=$mode t >out2 2>err || fail "$1: $mode replay: status $?"
        cmp out out2 || fail "$1: the $mode replay prints something else"
    done
}

# Points of a section: points NAME LEAST.
points() {
    local n
    n=$(sed -n "s/^$1: \([0-9]*\) points\$/\1/p" out)
    [ "${n:-0}" -ge "$2" ] || fail "$1: ${n:-no} points, expected $2 or more"
}

every_point() {
    timeout 100 "$RECORD_POINTS" "$1" t "$SIGNAL_PROGRAMS/every_point" >out 2>err </dev/null || fail "record: status $?"
    points registers 150
    points "registers, queued signal" 150
    points mutex 40
    points "two words at once" 20
    points calls 40
    points "calls, restarted" 40
    points masked 30
    points "read, restarted" 15
    points "read, interrupted" 15
    points sigsuspend 15
    points ppoll 20
    points nanosleep 20
    points sigwaitinfo 20
    replay_both "$1"
    cat out
}

signals_points_auto() {
    scratch
    every_point auto
}

signals_points_native() {
    scratch
    every_point native
}

signals_points_translated() {
    scratch
    every_point translated
}

# By another thread, wherever the schedule has stopped the one that gets it.
signals_between_threads() {
    scratch
    local seed options
    for seed in '' 1 2 3 4 5 6 7 8; do
        options=(${seed:+--chaos=$seed})
        timeout 100 "$RR_LIKE" record "${options[@]}" -o t -- "$SIGNAL_PROGRAMS/thread_points" 100 >out 2>err </dev/null ||
            fail "seed ${seed:-none}: record: status $?"
        replay_both "seed ${seed:-none}"
        sed -n 's/^hit://p' out | tr ' ' '\n' >>hit
    done
    local places
    places=$(sort -un hit | wc -l)
    [ "$places" -ge 12 ] || fail "signals came at $places places of the section only"
    echo "signals came at $places places of the section"
}
