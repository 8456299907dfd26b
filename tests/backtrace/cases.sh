# cases.sh - what rr-like backtrace says of programs that died. Sourced by runcase.
# shellcheck shell=bash
set -euo pipefail
scratch

# shot PROGRAM MODE [OPTIONS...]: records the program's death, prints the backtrace.
shot() {
    local program=$1 mode=$2
    shift 2
    "$RR_LIKE" record -o "$mode.trace" -- "$program" "$mode" >record.out 2>&1 || true
    "$RR_LIKE" backtrace "$@" "$mode.trace"
}

# line_of TEXT: number of the first line of the program's source that holds it.
line_of() {
    grep -nF "$1" "$SOURCES/crash.c" | sed 's/:.*//;q'
}

# functions: names of the functions, innermost first, of the first thread on stdin.
functions() {
    awk '/^thread/ && ++n > 1 { exit } /^#/ { print $4 }'
}

# expect FILE NAME...: the functions in FILE hold these in this order, maybe with others between.
expect() {
    local file=$1 name names=$*
    local -a found
    shift
    mapfile -t found < <(functions <"$file")
    local i=0
    for name; do
        while [ $i -lt ${#found[@]} ] && [ "${found[i]}" != "$name" ]; do
            i=$((i + 1))
        done
        [ $i -lt ${#found[@]} ] || fail "$name is not in its place among $names:
$(cat "$file")"
        i=$((i + 1))
    done
}

complete_stack() {
    ! grep -q '^     (' "$1" || fail "the stack does not end well: $(grep '^     (' "$1")"
}

backtrace_abort() {
    shot "$GUESTS/crash" abort >out
    expect out abort do_abort main _start
    grep -q 'SIGABRT' out || fail "no word of the signal"
    grep -q ' in do_abort (.*/crash\.c:'"$(line_of 'abort();')"') from .*/crash$' out || fail "file and line: $(cat out)"
    grep -q '^ *[0-9]*      abort();$' out || fail "no source line: $(cat out)"
    complete_stack out
}

backtrace_static() {
    shot "$GUESTS/crash.static" sort >out
    expect out compare do_sort main _start
    grep -q 'SIGSEGV at address 0x10' out || fail "no fault address: $(head -n 1 out)"
    complete_stack out
}

backtrace_callback() {
    shot "$GUESTS/crash" sort >out
    expect out compare do_sort main _start
    complete_stack out
}

backtrace_null_call() {
    shot "$GUESTS/crash" null >out
    expect out '??' call_null main
    complete_stack out
}

backtrace_signal_frame() {
    shot "$GUESTS/crash" signal >out
    expect out abort on_signal do_signal main
    grep -q '<signal handler called>' out || fail "no signal frame"
    complete_stack out
}

backtrace_alternate_stack() {
    shot "$GUESTS/crash" alternate >out
    expect out on_signal do_alternate main
    # The interrupted instruction itself, and not the one before it.
    grep -q ' in do_alternate (.*/crash\.c:'"$(line_of 0x20)"')' out || fail "$(cat out)"
    complete_stack out
}

backtrace_overflow() {
    shot "$GUESTS/crash" recurse --limit=20 >out
    expect out recurse recurse main
    grep -qE '\.\.\. [0-9]{4} more frames' out || fail "$(cat out)"
    [ "$(grep -c '^#' out)" = 20 ] || fail "not 20 frames"
    complete_stack out
}

backtrace_deadlock() {
    shot "$GUESTS/crash" deadlock >out
    [ "$(grep -c '^thread' out)" = 3 ] || fail "not 3 threads: $(cat out)"
    grep -q '^thread .* runs:' out || fail "the current thread"
    [ "$(grep -c 'waits in futex' out)" = 2 ] || fail "not 2 waiting: $(cat out)"
    [ "$(grep -c ' in take ' out)" = 2 ] || fail "not 2 in take"
    grep -A9 '"second"' out | grep -q ' in second_thread ' || fail "the second thread"
    complete_stack out
    local tid
    tid=$(sed -n 's/^thread \([0-9]*\) "first".*/\1/p' out)
    "$RR_LIKE" backtrace --thread="$tid" deadlock.trace >one
    [ "$(grep -c '^thread' one)" = 1 ] || fail "--thread shows others"
    grep -q '"first" waits in futex' one || fail "--thread shows another"
}

backtrace_smashed_stack() {
    shot "$GUESTS/crash" smash --limit=0 >out
    expect out do_smash
    [ "$(grep -c '^#' out)" -lt 1000 ] || fail "too many frames"
    grep -q '^     (' out || fail "no word of the damage: $(cat out)"
}

backtrace_generated_code() {
    shot "$GUESTS/crash" jit >out
    expect out '??' do_jit main
    grep -q '<found by frame pointer>' out || fail "how it was found: $(cat out)"
    complete_stack out
}

backtrace_debug_frame() {
    readelf -SW "$GUESTS/crash.debug-frame" | grep -q ' \.debug_frame' || skip "no .debug_frame here"
    shot "$GUESTS/crash.debug-frame" sort >out
    expect out compare do_sort main
    ! grep -q 'frame pointer' out || fail "guessed: $(cat out)"
    complete_stack out
}

backtrace_frame_pointer() {
    shot "$GUESTS/crash.frame-pointer" abort >out
    expect out abort do_abort main
}

backtrace_stripped() {
    strip -s -o stripped "$GUESTS/crash"
    shot ./stripped abort >out
    expect out abort '??' __libc_start_main
    complete_stack out
}

# The program, its source and its debug information are gone.
backtrace_other_machine() {
    cp "$GUESTS/crash" gone
    "$RR_LIKE" record -o t -- ./gone sort >record.out 2>&1 || true
    rm gone
    "$RR_LIKE" backtrace t >out
    expect out compare do_sort main
}

backtrace_separate_debug() {
    local id dir
    cp "$GUESTS/crash" split
    id=$(readelf -n split | sed -n 's/.*Build ID: //p')
    [ -n "$id" ] || skip "the compiler makes no build-id"
    dir=/usr/lib/debug/.build-id/${id:0:2}
    [ -w /usr/lib/debug ] || [ "$(id -u)" = 0 ] || skip "cannot write to /usr/lib/debug"
    mkdir -p "$dir"
    objcopy --only-keep-debug split "$dir/${id:2}.debug"
    strip -s split
    shot ./split sort >out
    rm -f "$dir/${id:2}.debug"
    expect out compare do_sort main
    grep -q ' in do_sort (.*/crash\.c:[0-9]*)' out || fail "$(cat out)"
}

# Beside the program, as its .gnu_debuglink says; a file of another build is not taken.
backtrace_debuglink() {
    cp "$GUESTS/crash" split
    objcopy --only-keep-debug split split.debug
    strip -s split
    objcopy --add-gnu-debuglink=split.debug split
    shot ./split sort >out
    expect out compare do_sort main
    grep -q ' in do_sort (.*/crash\.c:[0-9]*)' out || fail "$(cat out)"
    mkdir .debug
    mv split.debug .debug
    "$RR_LIKE" backtrace sort.trace >hidden
    cmp out hidden || fail "$(cat hidden)"
    objcopy --only-keep-debug "$GUESTS/crash.frame-pointer" .debug/split.debug
    "$RR_LIKE" backtrace sort.trace >other
    ! grep -q 'do_sort\|crash\.c' other || fail "debug information of another build: $(cat other)"
}

backtrace_exception() {
    [ -x "$GUESTS/throw" ] || skip "no C++ compiler"
    shot "$GUESTS/throw" x >out
    expect out abort main
    complete_stack out
    grep '^#' out | grep -A1 ' in shop::Till::open(' | grep -q ' in shop::sell() (.*/throw\.cc:21)' ||
        fail "$(cat out)"
}

# In both ways in which lists of ranges are written.
backtrace_inlined() {
    local version source=$SOURCES/inlined.cc where=()
    for mark in innermost middle outermost; do
        where+=("$(grep -n "// $mark" "$source" | sed 's/:.*//')")
    done
    for version in 4 5; do
        [ -x "$GUESTS/inlined.$version" ] || skip "no C++ compiler"
        shot "$GUESTS/inlined.$version" "x$version" >out
        grep '^#0' out | sed 's/.* in \([a-zA-Z:]*\)(.*inlined\.cc:\([0-9]*\)) from [^ ]*/\1 \2/' >found
        diff - found <<F || fail "DWARF $version: $(cat out)"
shelf::Box::item ${where[0]} <inlined>
shelf::Box::pair ${where[1]} <inlined>
shelf::take ${where[2]}
F
        "$RR_LIKE" backtrace --json "x$version.trace" >json
        python3 - "${where[@]}" <<'P' || fail "$(cat json)"
import json, sys
frame = json.load(open("json"))["threads"][0]["frames"][0]
inlined = frame["inlined"]
assert [i["line"] for i in inlined] + [frame["line"]] == [int(n) for n in sys.argv[1:]]
assert frame["function"].startswith("shelf::take(")
P
    done
}

backtrace_exit() {
    shot "$GUESTS/crash" exit >out
    grep -q 'exited with 3' out || fail "$(head -n 1 out)"
    expect out exit do_exit main
}

backtrace_moments() {
    shot "$GUESTS/crash" abort >out
    "$RR_LIKE" dump --points abort.trace >points
    local event point
    event=$(grep -c . points)
    event=$((event - 1))
    point=$(sed -n "${event}s/.*  point \([0-9:]*0x[0-9a-f]*\).*/\1/p" points)
    "$RR_LIKE" backtrace --at="$event" abort.trace >by_event
    "$RR_LIKE" backtrace --at="$point" abort.trace >by_point
    grep -q "point $point" by_event || fail "another point: $(head -n 1 by_event)"
    cmp <(functions <by_event) <(functions <by_point) || fail "the stacks differ"
    "$RR_LIKE" backtrace --at=start abort.trace >start
    expect start _start
    "$RR_LIKE" backtrace --at=99999 abort.trace >past 2>err
    grep -q 'no such moment' err || fail "no word that the event does not exist"
}

backtrace_wrong_use() {
    shot "$GUESTS/crash" abort >out
    local option
    for option in --at=soon --at=1:2 --at=0 --thread=x --thread=0 --limit=-1 --nonsense; do
        local code=0
        "$RR_LIKE" backtrace "$option" abort.trace >out 2>err || code=$?
        [ $code = 64 ] || fail "$option: exit status $code"
        grep -q 'rr-like: ' err || fail "$option: no message"
    done
    local code=0
    "$RR_LIKE" backtrace --thread=2000000000 abort.trace >out 2>err || code=$?
    [ $code = 64 ] || fail "a thread that is not there: $code"
}

backtrace_json() {
    shot "$GUESTS/crash" deadlock --json >out
    python3 - <<'P' || fail "$(cat out)"
import json
report = json.load(open("out"))
assert report["signal"] == 6
threads = {t["name"]: t for t in report["threads"]}
assert len(threads) == 3
frames = threads["second"]["frames"]
assert threads["second"]["state"] == "waits in futex"
assert any(f.get("function") == "take" and f["file"].endswith("/crash.c") for f in frames)
P
}

backtrace_python() {
    [ -x /usr/bin/python3 ] || skip "no python3"
    "$RR_LIKE" record -o t -- /usr/bin/python3 -c 'import ctypes; ctypes.string_at(0)' >record.out 2>&1 || true
    "$RR_LIKE" backtrace t >out
    grep -q 'SIGSEGV' out || fail "$(head -n 1 out)"
    expect out Py_BytesMain
    grep -q 'from .*_ctypes' out || fail "no frame of ctypes"
    complete_stack out
}

# What a recording that was interrupted holds can be looked at, too.
backtrace_cut_trace() {
    shot "$GUESTS/crash" deadlock >out
    head -c $(($(wc -c <deadlock.trace) - 200)) deadlock.trace >cut
    timeout 60 "$RR_LIKE" backtrace cut >out 2>err || fail "$(cat err)"
    grep -q '^thread' out || fail "$(cat out err)"
}

# The same places as gdb sees them, in the same program run natively. gdb shows inlined functions as
# frames of their own, so that lines are compared, and only those of frames that both have.
backtrace_like_gdb() {
    command -v gdb >/dev/null || skip "no gdb"
    local mode
    for mode in sort signal null; do
        gdb -nx -batch -ex 'handle SIGUSR1 nostop noprint' -ex run -ex bt \
            --args "$GUESTS/crash" "$mode" </dev/null >gdb.out 2>&1
        grep -q '^#0' gdb.out || skip "gdb cannot run programs here"
        shot "$GUESTS/crash" "$mode" >out
        sed -n 's/^#.* in \([a-z_]*\) (.*crash\.c:\([0-9]*\)$/\1 \2/p; s/^#0  *\([a-z_]*\) (.*crash\.c:\([0-9]*\)$/\1 \2/p' gdb.out >theirs
        sed -n 's/^#.* in \([a-z_]*\) (.*crash\.c:\([0-9]*\)).*/\1 \2/p' out >ours
        [ -s theirs ] || fail "gdb: $(cat gdb.out)"
        diff theirs ours >diff || fail "$mode: $(cat diff gdb.out out)"
    done
}
