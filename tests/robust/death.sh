# Sudden deaths, full disks, signals from outside.

at_end()
{
    [ -z "${mounted:-}" ] || umount "$mounted"
}

# A cut trace replays to its last whole frame, says so, and prints no wrong output.
replays_cut() # trace, file with the whole output
{
    timeout -k 1 60 "$RR_LIKE" replay -a "$1" >out 2>err </dev/null
    local status=$?
    if [ $status = 65 ] && [ "$(stat -c %s "$1")" -lt 4096 ]; then
        grep -q '^rr-like: ' err || fail "refused without a message"
        return # not even the header was written
    fi
    [ $status = 0 ] || fail "replay of the cut trace: status $status"
    cmp -s -n "$(stat -c %s out)" out "$2" || fail "replay of the cut trace prints something else"
}

children() # pid
{
    cat /proc/"$1"/task/*/children 2>/dev/null
}

gone() # pid...: waits until the processes are dead
{
    local pid i
    for pid in "$@"; do
        for ((i = 0; i < 100; i++)); do
            [ -d /proc/"$pid" ] && [ "$(sed 's/.*) //; s/ .*//' /proc/"$pid"/stat 2>/dev/null)" != Z ] || break
            sleep 0.05
        done
        [ $i -lt 100 ] || fail "process $pid lives on"
    done
}

counting='i=0; while :; do i=$((i+1)); echo line $i; [ $((i % 100)) -gt 0 ] || read -r x </dev/null; done'

until_trace() # trace: waits until the recording has begun to write it
{
    local i
    for ((i = 0; i < 200; i++)); do
        [ ! -s "$1" ] || return 0
        sleep 0.05
    done
    fail "no trace after 10 s"
}

record_in_background()
{
    "$RR_LIKE" record -o "$1" -- sh -c "$counting" >recorded 2>err &
    recorder=$!
}

robust_kill_recorder()
{
    scratch
    local i guests delay
    for delay in 0.02 0.05 0.1 0.2 0.4 0.8; do
        record_in_background t.$delay
        [ $delay != 0.8 ] || until_trace t.$delay
        sleep $delay
        guests=$(children $recorder)
        kill -9 $recorder
        { wait $recorder; } 2>/dev/null
        gone $guests
        seq -f 'line %.0f' 1 3000000 >whole
        [ -s t.$delay ] || continue
        replays_cut t.$delay whole
        echo "killed after $delay s: $(stat -c %s t.$delay) bytes, $(wc -l <out) lines replayed, $(grep -c cut err) said cut"
    done
    [ -s t.0.8 ] || fail "no trace after 0.8 s"
}

# A program that logs little makes few frames, since each is compressed by itself; and what it
# did last is in the file soon all the same, while it hangs.
robust_slow_program()
{
    scratch
    local i frames
    seq -f 'line %.0f' 1 300 >whole
    "$RR_LIKE" record -o t -- /usr/bin/python3 -c 'import time
for i in range(300):
    print("line", i + 1, flush=True)
    time.sleep(0.01)
time.sleep(1000)' >recorded 2>err &
    recorder=$!
    for ((i = 0; i < 60; i++)); do
        sleep 1
        [ -s t ] && cp t copy && replays_cut copy whole
        ! cmp -s out whole || break
    done
    [ $i -lt 60 ] || fail "the last line is not in the file after 60 s"
    kill -9 $recorder
    { wait $recorder; } 2>/dev/null
    # All but those of file contents: header, objects and events.
    frames=$("$RR_LIKE" info t 2>err | awk '$1 == "frames" { n += $2 } $1 == "blobs" { n -= $2 } END { print n + 0 }')
    [ "$frames" -gt 2 ] && [ "$frames" -le 12 ] || fail "$frames frames of events for 3 s of little work"
    echo "all lines after $((i + 1)) s, $frames frames"
}

# The guest dies by kill -9 from outside: that is an ordinary death of the program.
robust_kill_guest()
{
    scratch
    local status delay
    seq -f 'line %.0f' 1 3000000 >whole
    for delay in 0.1 0.3 0.6; do
        record_in_background t.$delay
        [ $delay != 0.6 ] || until_trace t.$delay
        sleep $delay
        guests=$(children $recorder)
        [ -n "$guests" ] || fail "the recorder has no child"
        kill -9 $guests
        { wait $recorder; } 2>/dev/null
        status=$?
        [ $status = 137 ] || [ $status = 125 ] || fail "status $status when the guest is killed"
        if [ ! -e t.$delay ]; then # killed before it was started
            [ $status = 125 ] && grep -q '^rr-like: .*cannot be started' err || fail "no trace, status $status"
            [ $delay != 0.6 ] || fail "no trace, though it was there"
            continue
        fi
        replays_cut t.$delay whole
        cmp -s out recorded || [ "$(wc -c <out)" -le "$(wc -c <recorded)" ] || fail "replay prints more than the recording"
        echo "guest killed after $delay s: $(wc -l <recorded) lines recorded, $(wc -l <out) replayed"
    done
}

robust_full_disk()
{
    scratch
    [ "$(id -u)" = 0 ] || skip "mounting a small file system needs root"
    mkdir small
    mount -t tmpfs -o size=3m tmpfs small 2>/dev/null || skip "cannot mount here"
    mounted=$work/small
    head -c 20000000 /dev/urandom >data
    timeout 60 "$RR_LIKE" record -o small/t -- cat data >out 2>err
    local status=$?
    grep -q '^rr-like: .*' err || fail "status $status and no message on a full disk"
    grep -qi 'no space' err || fail "the message does not say what happened"
    [ $status != 124 ] || fail "hangs on a full disk"
    replays_cut small/t data
    echo "full disk: recording status $status, $(stat -c %s out) bytes replayed"
}

robust_no_trace_file()
{
    scratch
    local status place
    for place in /dev/full /nonexistent/dir/t . /proc/t; do
        timeout 20 "$RR_LIKE" record -o $place -- true >out 2>err
        status=$?
        [ $status = 125 ] && grep -q '^rr-like: ' err || fail "record -o $place: status $status"
    done
}

# Size limit of files as the shell sets it: the guest and the tool meet it alike.
robust_file_size_limit()
{
    scratch
    head -c 60000000 /dev/urandom >data
    (ulimit -f 20000; timeout 60 "$RR_LIKE" record -o t -- cat data >/dev/null 2>err)
    local status=$?
    [ $status != 124 ] || fail "hangs at the file size limit"
    replays_cut t data
}

# The program has set its traps: it says "ready", or has had half a second.
until_ready() # file with its output, program...
{
    local i
    if [[ $* != *'echo ready'* ]]; then
        sleep 0.5
        return
    fi
    for ((i = 0; i < 1000; i++)); do
        ! grep -q ready "$1" || break
        sleep 0.01
    done
    sleep 0.02 # of computation, all of which the replay looks through for the signal's moment
}

# signal SIG TARGET...: the recorded program ends as the native one does.
by_signal() # signal, program...
{
    local sig=$1 native recorded
    shift
    rm -f t
    env --default-signal "$@" >out.native 2>&1 &
    until_ready out.native "$@"
    kill -"$sig" $!
    { wait $!; } 2>/dev/null
    native=$?
    env --default-signal "$RR_LIKE" record -o t -- "$@" >out.recorded 2>err &
    local pid=$!
    until_trace t # the program can be running
    until_ready out.recorded "$@"
    kill -"$sig" $pid
    (sleep 20; kill -9 $pid) >/dev/null 2>&1 </dev/null &
    local watchdog=$!
    { wait $pid; } 2>/dev/null
    recorded=$?
    kill $watchdog 2>/dev/null || fail "SIG$sig: hangs when recorded: $*"
    [ $native = $recorded ] || fail "SIG$sig: status $native natively, $recorded recorded: $*"
    cmp out.native out.recorded || fail "SIG$sig: other output: $*"
    timeout 60 "$RR_LIKE" replay -a t >out 2>err </dev/null || fail "SIG$sig: replay: status $?"
    cmp out out.recorded || fail "SIG$sig: replay prints something else: $*"
}

robust_signal_term()
{
    scratch
    by_signal TERM sleep 20
    by_signal TERM sh -c 'trap "echo caught; exit 9" TERM; echo ready; while :; do :; done'
}

robust_signal_hup()
{
    scratch
    by_signal HUP sleep 20
    # It computes for as long as it takes until the signal comes, and goes on behind it.
    by_signal HUP sh -c 'trap "echo caught; more=20000" HUP; echo ready; more=; i=0
        while [ -z "$more" ] || [ $((more -= 1)) -gt 0 ]; do i=$((i+1)); done; echo end $more'
}

robust_signal_usr1()
{
    scratch
    by_signal USR1 sleep 20
    by_signal USR2 sh -c 'trap "echo caught; exit 3" USR2; echo ready; while :; do read -r x </dev/null; done'
}

robust_signal_quit()
{
    scratch
    by_signal QUIT sh -c 'trap "echo caught; exit 5" QUIT; echo ready; while :; do :; done'
}

robust_broken_pipe()
{
    scratch
    local native recorded
    yes 2>/dev/null | head -n 1 >out
    native=${PIPESTATUS[0]}
    timeout 60 "$RR_LIKE" record -o t -- yes 2>err | head -n 1 >out
    recorded=${PIPESTATUS[0]}
    [ "$native" = "$recorded" ] || fail "status $native natively, $recorded recorded"
    timeout 60 "$RR_LIKE" replay -a t >out 2>err || fail "replay: status $?"
    [ "$(sort -u out)" = y ] || fail "replay prints something else"
    # The replay's own output breaks: it must end, without a hang.
    timeout 60 "$RR_LIKE" replay -a t 2>err | head -n 1 >out
    [ "${PIPESTATUS[0]}" != 124 ] || fail "the replay hangs when nobody reads its output"
}

robust_closed_descriptors()
{
    scratch
    local how native recorded
    for how in '<&-' '>&-' '2>&-' '<&- >&-' '<&- >&- 2>&-'; do
        eval "cat /etc/hostname $how" 2>/dev/null >/dev/null
        native=$(bash -c "cat /etc/hostname $how" >/dev/null 2>&1; echo $?)
        recorded=$(bash -c "timeout 20 \"\$RR_LIKE\" record -o t -- cat /etc/hostname $how" >/dev/null 2>&1; echo $?)
        [ "$native" = "$recorded" ] || fail "$how: status $native natively, $recorded recorded"
        bash -c "timeout 20 \"\$RR_LIKE\" replay -a t" >out 2>err || fail "$how: replay: status $?"
    done
}
