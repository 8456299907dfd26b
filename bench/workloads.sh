# shellcheck shell=bash
# workloads.sh - what bench/run measures. One function a workload: it makes its inputs in the
# working directory ($work, made for this run) and sets
#   cmd     the command, an array
#   client  shell command that runs beside cmd, a server, in recording and natively, and ends it
#   reset   shell command that undoes what the last run left behind, or empty
#   calls   how many syscalls or changes of threads the time is divided by, or 0
# and the targets it is held to, each empty when there is none:
#   record_goal, replay_goal   a ratio (1.4), milliseconds added (+15) or microseconds
#                              added per call (0.5us)
#   trace_goal                 KiB of the trace file
# shellcheck disable=SC2034,SC2154 # read and set by bench/run

main_workloads=(
    true python cpu read clock getpid cp cc1-small cc1-big sqlite gzip sort cat
    nqueens interp quicksort fib matmul
)
threads_workloads=(
    mutex condvar switch-futex switch-yield crowd node java go redis
)

# program NAME: builds bench/programs/NAME.c once and prints its path.
program() {
    local binary=$work/$1
    [ -x "$binary" ] || ${CC:-cc} -O2 -pthread -o "$binary" "$top/bench/programs/$1.c"
    echo "$binary"
}

# text LINES FILE: numbers and words that compress and sort like a log.
text() {
    [ -e "$2" ] || awk -v n="$1" 'BEGIN {
        s = 1
        for (i = 0; i < n; i++) {
            s = (s * 1103515245 + 12345) % 2147483648
            printf "%d line %x of text %d\n", s, i * 7, s % 1000
        }
    }' >"$2"
}

workload_true() {
    cmd=(/bin/true)
    record_goal=+15 replay_goal=+15 trace_goal=1024
}

workload_python() {
    cmd=(/usr/bin/python3 -c pass)
    record_goal=+15
}

workload_cpu() {
    cmd=("$(program cpu)")
    record_goal=1.02 replay_goal=1.05
}

syscalls() {
    cmd=("$(program sysloop)" "$1" 200000)
    calls=200000
}
workload_read() {
    syscalls read
    record_goal=0.5us
}
workload_clock() {
    syscalls clock
    record_goal=0.5us
}
workload_getpid() {
    syscalls getpid
}

workload_cp() {
    mkdir -p "$work/small"
    local i
    for ((i = 0; i < 3000; i++)); do
        printf 'file %d of many\n%*d\n' "$i" $((i % 900)) "$i" >"$work/small/f$i"
    done
    cmd=(cp -r "$work/small" "$work/copy")
    reset="rm -rf '$work/copy'"
    record_goal=1.4
}

# cc1 itself: the driver would fork.
compile() {
    "$top/bench/gen-source.sh" "$1" >"$work/gen$1.c"
    cmd=("$(gcc -print-prog-name=cc1)" -quiet -O2 "$work/gen$1.c" -o "$work/gen$1.s")
}
workload_cc1-small() {
    compile 1
    record_goal=1.5
}
workload_cc1-big() {
    compile 160
}

workload_sqlite() {
    awk 'BEGIN {
        print "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n INTEGER);"
        print "CREATE INDEX by_n ON t(n);"
        for (i = 1; i <= 300000; i++) {
            if (i % 10000 == 1) print "BEGIN;"
            printf "INSERT INTO t VALUES(%d, %cname %d%c, %d);\n", i, 39, i * 7919 % 1000003, 39, i * 31 % 65537
            if (i % 10000 == 0) print "COMMIT;"
        }
        print "SELECT count(*), sum(n) FROM t;"
    }' >"$work/inserts.sql"
    cmd=(sqlite3 "$work/bench.db" ".read $work/inserts.sql")
    reset="rm -f '$work'/bench.db*"
    record_goal=1.1
}

workload_gzip() {
    text 500000 "$work/text"
    cmd=(gzip -kc "$work/text")
}

workload_sort() {
    text 1200000 "$work/lines"
    cmd=(env LC_ALL=C sort --parallel=1 -o "$work/sorted" "$work/lines")
}

workload_cat() {
    head -c 104857600 /dev/zero | tr '\0' 'x' >"$work/big"
    cmd=(cat "$work/big")
}

workload_nqueens() {
    cmd=("$(program nqueens)")
}
workload_interp() {
    cmd=("$(program interp)")
}
workload_quicksort() {
    cmd=("$(program quicksort)")
}
workload_fib() {
    cmd=("$(program fib)")
}
workload_matmul() {
    cmd=("$(program matmul)")
}

# Four threads on one mutex; a producer and a consumer on two condition variables.
workload_mutex() {
    cmd=("$(program contend)" 8000000)
}
workload_condvar() {
    cmd=("$(program conveyor)" 200000)
}

# What it costs to change from one thread to another. By sched_yield two free processors
# need no change at all: the pinned column is the one to compare with.
workload_switch-futex() {
    calls=200000
    cmd=("$(program pingpong)" futex $calls)
}
workload_switch-yield() {
    calls=50000
    cmd=("$(program pingpong)" yield $calls)
}

# A thousand threads: made, run, joined.
workload_crowd() {
    cmd=("$(program crowd)" 1000)
}

# Compiled at run time, with helper threads.
workload_node() {
    cmd=(node "$top/bench/programs/loop.js")
}
workload_java() {
    [ -e "$work/Loop.class" ] || ! have javac || javac -d "$work" "$top/bench/programs/Loop.java"
    cmd=(java -Xmx64m -cp "$work" Loop)
}

# Go's own benchmark runner: goroutines, channels, locks, garbage; a fixed number of turns.
workload_go() {
    if [ ! -x "$work/go.test" ] && have go; then
        mkdir -p "$work/go"
        cp "$top/bench/programs/loop_test.go" "$work/go/"
        printf 'module loop\ngo 1.18\n' >"$work/go/go.mod"
        (cd "$work/go" && GOFLAGS=-mod=mod GOPROXY=off GOCACHE=$work/go/cache go test -c -o "$work/go.test" .)
    fi
    cmd=("$work/go.test" -test.bench . -test.benchtime 20000x)
}

# A recorded server; what is timed is a benchmark of 50 clients outside.
workload_redis() {
    cmd=(redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work" --save "")
    client="until redis-cli -s '$work/redis.sock' ping; do sleep 0.02; done 2>/dev/null
        redis-benchmark -s '$work/redis.sock' -n 20000 -c 50 -t set,get,lpush -q
        redis-cli -s '$work/redis.sock' shutdown nosave"
}
