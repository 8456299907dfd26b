# cases.sh - gdb as `replay --gdb` starts it. Sourced by runcase.
# shellcheck shell=bash
set -euo pipefail
scratch
export HOME=$work
server=
at_end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
}
unset DEBUGINFOD_URLS

# record [MODE]: the trace is t.
record() {
    need gdb gdb
    "$RR_LIKE" record -o "$work/t" -- "$LIST" "$@" >recorded.out 2>&1 || true
}

# front [OPTION...] -- COMMAND...: what gdb says to these commands is in out.
front() {
    local options=() do=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    for command; do
        do+=(-ex "$command")
    done
    timeout 100 "$RR_LIKE" replay --gdb "${options[@]}" "$work/t" -- -nx -batch -ex 'set width 0' \
        "${do[@]}" -ex 'printf "\n"' </dev/null >out 2>err || fail "exit status $?"
    no_server
}

# The process that serves the trace ends with gdb.
no_server() {
    for _ in $(seq 100); do
        pgrep -f "replay --gdb.*$work/t" >/dev/null || return 0
        sleep 0.05
    done
    fail "the server goes on without gdb"
}

said() {
    grep -qE -- "$1" out || fail "not said: $1"
}

front_at_failure() {
    record
    front -- bt 'print node' 'print $_siginfo.si_signo' when
    said '^#0 .* sum \(node=0x18\) at .*list\.c:'
    said '^#1 .* main '
    said '= 11$'
    said '^event [0-9]+, point [0-9]+:[0-9]+:0x[0-9a-f]+, thread [0-9]+$'
    grep -q 'before 6' out || fail "what the program printed is missing"
    grep -q 'SIGSEGV' err || fail "no word of why it stands there"
}

front_last_write() {
    record
    front -- 'last-write nodes[2].next' bt stepi 'print nodes[2].next' 'last-write nodes[1].value' bt
    said '^#0 .* spoil \(node=0x[0-9a-f]+ <nodes\+32>\)'
    said '= \(struct node \*\) 0x18'
    said '^#0 .* build '
    front -- 'print onheap' 'last-write onheap->value' bt
    said '\(struct node \*\) 0x[0-9a-f]{9,}'
    said '^#0 .* build_more '
}

front_last_write_errors() {
    record
    front -- 'last-write' 'last-write nosuch' 'last-write 3' 'last-write $rip' 'last-write counter'
    grep -q 'last-write: of what' err || fail "no expression"
    grep -q 'No symbol "nosuch"' err || fail "no symbol"
    [ "$(grep -c 'is not in memory' err)" = 2 ] || fail "not in memory"
    ! grep -qi 'python exception\|traceback' err || fail "a Python error"
    said 'nothing has written there before'
}

front_checkpoints() {
    record
    front -- 'print node' checkpoint 'seek begin' 'info checkpoints' 'restart 1' 'print node' \
        restart 'info symbol $pc' 'delete checkpoint 1' 'info checkpoints' 'restart 1' \
        'delete checkpoint 7' 'checkpoint here'
    said '^checkpoint 1$'
    said '^1: event [0-9]+, point'
    [ "$(grep -c 'struct node \*) 0x18' out)" = 2 ] || fail "not the same moment"
    said '^_start in section'
    said 'checkpoint 1 is deleted'
    said '^no checkpoints'
    said 'there is no checkpoint 1'
    said 'there is no checkpoint 7'
    grep -q 'checkpoint: takes no argument' err || fail "an argument"
}

front_seek() {
    record
    front -- 'seek begin' when 'break build' continue when
    local point
    point=$(sed -n 's/^event .*, point \([^,]*\),.*/\1/p' out | tail -n 1)
    said '^Breakpoint 1, build '
    front -- 'seek end' "seek $point" 'info symbol $pc' 'seek 1' 'seek 99999' 'seek nowhere' 'seek'
    said '^build( \+ [0-9]+)? in section'
    said 'at the end of the recording|there is no such moment'
    said 'seek: where to'
    ! grep -q 'NOTE: gdb does not know' out || fail "a note for those who have no commands"
    grep -q 'seek: where to' err || fail "no moment"
}

front_events() {
    record
    front -- 'events 5 2' 'events x' elapsed-time
    [ "$(grep -cE '^[* ] +[56] [a-z]+' out)" = 2 ] || fail "events"
    said 'are numbers of events'
    said '^event [0-9]+ of [0-9]+ \([0-9]+%\)'
}

front_help_and_completion() {
    record
    front -- 'help last-write' 'help seek' 'help checkpoint' 'apropos recording' 'complete seek b' \
        'complete last-w' 'complete last-write node' checkpoint 'complete restart ' \
        'complete delete checkpoint ' 'complete when x'
    said '^Go back to the instruction that last wrote'
    said '^Go to a moment of the recording'
    said '^Remember the present moment'
    said '^seek begin$'
    said '^last-write$'
    said '^last-write nodes$'
    said '^restart 1$'
    said '^delete checkpoint 1$'
}

front_goto() {
    record
    front --goto=start -- 'info symbol $pc' when
    said '^_start in section'
    said '^event [0-9]+, point 0:0:'
    local event
    event=$("$RR_LIKE" dump t | awk '/syscall write/ { print $1; exit }')
    front --goto="$event" -- bt
    said ' in (__GI___libc_)?write |#0 .*write'
    front --goto=end -- 'print node'
    said '0x18'
    front --goto=123456 -- 'print node'
    grep -q 'there is no such moment' err || fail "no such event"
}

# A program that did not die begins at its start, and says so when asked otherwise.
front_clean_end() {
    record clean
    front -- 'info symbol $pc'
    said '^_start in section'
    front --at-failure -- 'info symbol $pc'
    grep -q 'did not die by a signal' err || fail "--at-failure"
}

front_command_file() {
    record
    echo 'printf "first %d\n", nodes[1].value' >one
    echo 'printf "second %d\n", nodes[3].value' >two
    timeout 100 "$RR_LIKE" replay -x one --command=two t -- -nx -batch -ex 'printf "third\n"' \
        </dev/null >out 2>err || fail "exit status $?"
    [ "$(grep -E '^(first|second|third)' out | tr '\n' ' ')" = 'first 1 second 3 third ' ] ||
        fail "order of commands"
}

# Where separate debug information is, gdb must know before it attaches.
front_debug_directory() {
    local id
    need objcopy binutils
    cp "$LIST" bare
    objcopy --only-keep-debug bare bare.debug
    strip -s bare
    id=$(readelf -n bare | sed -n 's/.*Build ID: //p')
    [ -n "$id" ] || skip "the compiler makes no build-id"
    mkdir -p "dir/.build-id/${id:0:2}"
    mv bare.debug "dir/.build-id/${id:0:2}/${id:2}.debug"
    LIST=$work/bare record
    rm bare
    front -- bt
    ! grep -q 'list\.c' out || fail "symbols from nowhere"
    timeout 100 "$RR_LIKE" replay --gdb t -- -nx -batch -iex "set debug-file-directory $work/dir" -ex bt \
        </dev/null >out 2>err || fail "exit status $?"
    said '^#0 .* sum \(node=0x18\) at .*list\.c:'
}

front_exit_status() {
    record
    local code=0
    timeout 100 "$RR_LIKE" replay --gdb t -- -nx -batch -ex 'quit 7' </dev/null >out 2>err || code=$?
    [ $code = 7 ] || fail "exit status $code instead of gdb's 7"
}

front_wrong_use() {
    record
    local code option
    for option in '--goto=soon' '--goto=1:2' '-a --gdb' '-a --goto=end' '--goto=1 --at-failure'; do
        code=0
        # shellcheck disable=SC2086
        "$RR_LIKE" replay $option t >out 2>err </dev/null || code=$?
        [ $code = 64 ] || fail "$option: exit status $code"
        grep -q '^rr-like: ' err || fail "$option: no message"
    done
    code=0
    "$RR_LIKE" replay t -- -batch >out 2>err </dev/null || code=$?
    [ $code = 64 ] || fail "gdb's arguments without gdb: $code"
    code=0
    "$RR_LIKE" replay --gdb nosuch >out 2>err </dev/null || code=$?
    [ $code = 66 ] || fail "no such trace: $code"
    echo nonsense >bad
    code=0
    "$RR_LIKE" replay --gdb bad >out 2>err </dev/null || code=$?
    [ $code = 65 ] || fail "no trace: $code"
}

front_no_gdb() {
    record
    local code=0
    RR_LIKE_GDB=/nonexistent/gdb "$RR_LIKE" replay --gdb "$work/t" >out 2>err </dev/null || code=$?
    [ $code = 125 ] || fail "exit status $code"
    grep -q 'cannot start /nonexistent/gdb: .*; install gdb' err || fail "message"
    no_server
}

# Typed at a terminal: ^C stops the program and not the server, and the prompt comes back.
front_terminal() {
    record spin
    cat >script <<'S'
expect (gdb)
send set pagination off\n
expect (gdb)
send continue\n
expect before 6
quiet 50
send \x03
expect SIGINT
expect (gdb)
send print counter > 0\n
expect = 1
send reverse-continue\n
expect history
expect (gdb)
send when\n
expect point 0:0:
send kill\n
quiet 200
send y\n
quiet 200
send quit\n
S
    TERM=dumb "$PTYDRIVE" -t 90 script "$RR_LIKE" replay --gdb "$work/t" -- -nx >out 2>err ||
        fail "exit status $?"
    no_server
}

# As installed, gdb finds the commands, too.
front_installed() {
    record
    need cmake cmake
    cmake --install "$BUILD" --prefix "$work/place" >install.out 2>&1 || fail "$(cat install.out)"
    [ -s place/share/rr-like/rr-like.py ] || fail "rr-like.py is not installed"
    timeout 100 place/bin/replay --gdb t -- -nx -batch -ex when </dev/null >out 2>err || fail "replay"
    said '^event [0-9]+, point'
}

# lldb speaks the same protocol; that of Debian 12 has no way back.
front_lldb() {
    need lldb lldb
    record
    "$RR_LIKE" replay --goto=start t >served.out 2>err &
    server=$!
    local port=
    for _ in $(seq 200); do
        port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' err)
        [ -z "$port" ] || break
        sleep 0.05
    done
    cat >commands <<L
gdb-remote 127.0.0.1:$port
image list
breakpoint set -n spoil
continue
bt
register read rip
memory read -c 4 &nodes[1].value
print head
thread step-inst
thread step-over
thread step-out
breakpoint set -n sum
continue
process plugin packet monitor when
thread list
detach
L
    timeout 80 lldb --no-lldbinit -s commands -o quit "$LIST" >out 2>lldb.err </dev/null || fail "exit status $?"
    said 'stop reason = breakpoint 1\.1'
    said 'frame #0: .*spoil\(node=0x[0-9a-f]+\) at list\.c:'
    said 'frame #1: .*main\(argc=1'
    said ' rip = 0x[0-9a-f]+ .*spoil'
    said '^0x[0-9a-f]+: 01 00 00 00 '
    said '\(node \*\) \$[0-9]+ = 0x'
    said 'stop reason = instruction step into'
    said 'stop reason = step over'
    said 'stop reason = step out'
    said 'stop reason = breakpoint 2\.1'
    said '^event [0-9]+, point'
    said 'Process [0-9]+ detached'
    printf 'gdb-remote 127.0.0.1:%s\nbt\nquit\n' "$port" >commands
    timeout 80 lldb --no-lldbinit -s commands "$LIST" >out 2>lldb.err </dev/null || fail "again: exit status $?"
    said 'frame #0: .*sum\(node=0x[0-9a-f]+\) at list\.c:'
}
