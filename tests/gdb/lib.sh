# What the sessions share. Environment: RR_LIKE, GDB_PROGRAMS.

need gdb gdb
server=
at_end()
{
    [ -z "$server" ] || kill "$server" 2>/dev/null
}

# record PROGRAM [ARGUMENT...]: the trace is t, the program's status in $recorded
record()
{
    local program=$GDB_PROGRAMS/$1
    shift
    timeout 60 "$RR_LIKE" record -o t -- "$program" "$@" >recorded.out 2>err
    recorded=$?
    [ -s t ] || fail "no trace"
}

# record_command COMMAND...: the same of any program
record_command()
{
    timeout 120 "$RR_LIKE" record -o t -- "$@" >recorded.out 2>err
    recorded=$?
    [ -s t ] || fail "no trace"
}

# serve [TRACE]: $port is where
serve()
{
    rm -f err # of the one before: its port
    timeout 250 "$RR_LIKE" replay --goto=start "${1:-t}" >served.out 2>err &
    server=$!
    for _ in $(seq 400); do
        port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' err 2>/dev/null)
        [ -z "$port" ] || return 0
        kill -0 $server 2>/dev/null || fail "replay ended before it served"
        sleep 0.05
    done
    fail "replay does not serve"
}

# ended STATUS: the server ends by itself, so
ended()
{
    wait "$server"
    local status=$?
    server=
    [ $status = "$1" ] || fail "replay ended with $status instead of $1"
}

# debug [OPTION...]: gdb attaches and does what standard input says, whatever fails of it; out is what
# it said. The options are gdb's, of what it does before.
debug()
{
    local line do=()
    cat >commands
    while IFS= read -r line; do
        do+=(-ex "$line")
    done <commands
    timeout 120 gdb -nx -q -batch -ex "set confirm off" -ex "set pagination off" -ex "set width 0" \
        -ex "set debuginfod enabled off" "$@" -ex "target extended-remote 127.0.0.1:$port" "${do[@]}" \
        >out 2>&1 </dev/null
    status=$?
    [ $status != 124 ] || fail "gdb hangs"
}

# session PROGRAM: record, serve, debug, end
session()
{
    record "$1"
    serve
    debug
    ended 0
}

# expect PATTERN...: lines (egrep) that are in out in this order
expect()
{
    local at=0 line
    for pattern in "$@"; do
        line=$(tail -n +$((at + 1)) out | grep -nE -m1 -- "$pattern" | cut -d: -f1)
        [ -n "$line" ] || fail "behind line $at of the output there is no: $pattern"
        at=$((at + line))
    done
}

never()
{
    ! grep -qE -- "$1" out || fail "the output has: $1"
}
