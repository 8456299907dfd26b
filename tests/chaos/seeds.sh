# What a seed promises, and how a hang is ended: one test for each function chaos_NAME.

# The same order again: what depends on nothing but the schedule is printed alike.
chaos_same_seed() {
    scratch
    local seed mode different=0
    for seed in 1 2 3 4 5 6 7 8 18446744073709551615 0x2a; do
        for mode in auto translated; do
            timeout 60 "$RR_LIKE" record --chaos=$seed --vcpu=$mode -o t.$mode -- "$RACES" >out.$mode 2>err ||
                fail "seed $seed: record: status $?"
            timeout 60 "$RR_LIKE" replay -a t.$mode >out 2>err || fail "seed $seed: replay: status $?"
            cmp out out.$mode || fail "seed $seed: the replay prints something else"
        done
        cmp out.auto out.translated || fail "seed $seed gives two different orders"
        [ $seed = 1 ] || cmp -s out.auto first || different=$((different + 1))
        [ $seed != 1 ] || cp out.auto first
    done
    [ $different -ge 5 ] || fail "only $different of 9 seeds give another order than seed 1"
    echo "$different of 9 seeds give another order than seed 1"
}

chaos_random_seed() {
    scratch
    local seed a
    for a in 1 2; do
        timeout 60 "$RR_LIKE" record --chaos -o t -- "$RACES" >out 2>err || fail "record: status $?"
        seed=$(sed -n 's/^rr-like: chaos seed: \([0-9]*\)$/\1/p' err)
        [ -n "$seed" ] || fail "no seed was printed"
        "$RR_LIKE" info t | grep -qx "chaos  *$seed" || fail "info does not tell seed $seed"
        timeout 60 "$RR_LIKE" record --chaos="$seed" -o t2 -- "$RACES" >out2 2>err || fail "again: status $?"
        cmp out out2 || fail "seed $seed does not give the same order again"
        echo "$seed" >>seeds
    done
    [ "$(sort -u seeds | wc -l)" = 2 ] || fail "two random seeds are the same"
}

# A seed that hangs bug_deadlock is looked for once, with a short limit.
hang() {
    local seed
    for ((seed = 1; seed <= 150; seed++)); do
        timeout 60 "$RR_LIKE" record --chaos=$seed --timeout=2 -o t -- "$DEADLOCK" >out 2>err </dev/null
        [ $? != 143 ] || break
    done
    [ $seed -le 150 ] || fail "no seed up to 150 hangs"
    hanging=$seed
}

chaos_timeout() {
    scratch
    hang
    grep -q '^rr-like: .*--timeout' err || fail "nothing is said about the time-out"
    timeout 60 "$RR_LIKE" replay -a t >out 2>err || fail "replay: status $?"
    "$RR_LIKE" info t | grep -q '^ended .*SIGTERM' || fail "info does not tell the signal"
    echo "seed $hanging hangs"
}

# Ctrl-C and SIGTERM to the recorder end a hang too.
chaos_signals_end_a_hang() {
    scratch
    hang
    local sig status pid
    for sig in INT TERM; do
        env --default-signal=INT timeout --foreground 60 "$RR_LIKE" record --chaos=$hanging -o t.$sig -- "$DEADLOCK" >out 2>err </dev/null &
        pid=$!
        sleep 2
        pid=$(cat /proc/$pid/task/*/children | tr -d ' ')
        kill -$sig "$pid"
        wait $! 2>/dev/null
        status=$?
        [ $status = $((128 + $(kill -l $sig))) ] || fail "SIG$sig: status $status"
        timeout 60 "$RR_LIKE" replay -a t.$sig >out 2>err || fail "SIG$sig: replay: status $?"
    done
}

# What ignores SIGTERM is killed, and the trace still replays.
chaos_timeout_kill() {
    scratch
    timeout 60 "$RR_LIKE" record --timeout=0.5 -o t -- sh -c 'trap "" TERM; echo on; while :; do :; done' >out 2>err </dev/null
    local status=$?
    [ $status = 137 ] || fail "status $status"
    [ "$(grep -c '^rr-like: .*SIG' err)" = 2 ] || fail "two signals, not so many sentences"
    timeout 60 "$RR_LIKE" replay -a t >out2 2>err || fail "replay: status $?"
    cmp out out2 || fail "the replay prints something else"
}

chaos_bad_options() {
    scratch
    local option
    for option in --chaos=x --chaos= --chaos=-1 --chaos=18446744073709551616 --cores=0 --cores=65 --cores=two \
        --timeout=0 --timeout=-1 --timeout=soon --timeout=nan; do
        "$RR_LIKE" record $option -o t -- true 2>err
        [ $? = 125 ] || fail "$option is taken"
        grep -q "^rr-like: .*${option%%=*}" err || fail "$option: the message does not name it"
    done
}

# Everything that tells how many processors there are agrees, and the trace keeps it.
chaos_cores() {
    scratch
    local n
    for n in 1 3 64; do
        "$RR_LIKE" record --cores=$n -o t -- nproc >out 2>err || fail "record: status $?"
        [ "$(cat out)" = $n ] || fail "nproc says $(cat out), not $n"
        "$RR_LIKE" replay -a t >out2 2>err || fail "replay: status $?"
        cmp out out2 || fail "the replay prints something else"
        "$RR_LIKE" info t | grep -qx "cores  *$n" || fail "info does not tell $n"
        [ "$("$RR_LIKE" record -o t --cores=$n -- grep -c '^processor' /proc/cpuinfo 2>err)" = $n ] ||
            fail "/proc/cpuinfo tells another number than $n"
        "$RR_LIKE" record -o t --cores=$n -- cat /sys/devices/system/cpu/online >out 2>err
        [ "$(cat out)" = "$([ $n = 1 ] && echo 0 || echo 0-$((n - 1)))" ] || fail "online: $(cat out)"
    done
}

# What the manual pages allow happens to transfers, and nothing else does.
chaos_transfers() {
    scratch
    local seed what
    for seed in $(seq 1 16); do
        timeout 100 "$RR_LIKE" record --chaos=$seed -o t -- "$TRANSFERS" >out 2>err || fail "seed $seed: status $?"
        timeout 100 "$RR_LIKE" replay -a t >out2 2>err || fail "seed $seed: replay: status $?"
        cmp out out2 || fail "seed $seed: the replay prints something else"
        cat out >>counts
    done
    for what in "short reads" "short writes" again interrupted; do
        grep -q "^$what [1-9]" counts || fail "no seed of $seed shows: $what"
    done
    timeout 100 "$RR_LIKE" record -o t -- "$TRANSFERS" >out 2>err || fail "without chaos: status $?"
    [ "$(grep -c ' 0$' out)" = 4 ] || fail "something happens without chaos: $(cat out)"
}
