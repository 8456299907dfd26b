# Programs without symbols, and their debug information in files of its own.
. "$here/lib.sh"

# split NAME: basics as NAME without symbols, what was taken from it as NAME.debug; $id is the build-id
split()
{
    need objcopy binutils
    cp "$GDB_PROGRAMS/basics" "$1"
    objcopy --only-keep-debug "$1" "$1.debug"
    strip -s "$1"
    objcopy --add-gnu-debuglink="$1.debug" "$1"
    id=$(readelf -n "$1" | sed -n 's/.*Build ID: //p')
    [ -n "$id" ] || fail "no build-id"
    GDB_PROGRAMS=$work record "$1"
}

# look [OPTION...]: to a function and a line by name, and back; gdb gets the options
look()
{
    serve
    debug "$@" <<'END'
break square
continue
backtrace
break push
continue
print value
reverse-continue
info line
END
    ended 0
}

found()
{
    expect 'Breakpoint 1, square \(n=0\) at .*basics\.c:[0-9]+' '#1 .* in main \(argc=1.* at .*basics\.c:[0-9]+' \
        'Breakpoint 2, push \(value=3\)' '\$1 = 3' 'Breakpoint 1, square \(n=0\)' 'Line [0-9]+ of ".*basics\.c"'
    never 'mismatch|does not match'
}

# As good as it can be without: the libraries' functions have names, the program's have addresses.
not_found()
{
    expect '\(No debugging symbols found in target:.*/here\)' 'Function "square" not defined'
    serve
    debug <<'END'
break write
continue
backtrace
stepi
reverse-stepi
reverse-continue
END
    ended 0
    expect 'Breakpoint 1, .*write' '#0 .*write' '#[0-9]+ +0x[0-9a-f]+ in \?\? \(\)' 'No more reverse-execution history'
    never 'Remote failure|Cannot (access|insert)|corrupt'
}

# As the program's own debuglink says; the trace does not have it, but this machine does.
gdb_debuglink_beside_the_program()
{
    scratch
    split here
    rm here
    look
    found
    expect "^Reading symbols from target:.*/here\.debug"
    mkdir .debug
    mv here.debug .debug
    look
    found
}

gdb_debuglink_is_gone()
{
    scratch
    split here
    rm here here.debug
    look
    not_found
}

# The file beside the program is of another build meanwhile.
gdb_debuglink_of_another_build()
{
    scratch
    split here
    objcopy --only-keep-debug "$GDB_PROGRAMS/crash" here.debug
    look
    expect 'here\.debug" does not match .*CRC mismatch'
    not_found
}

# A program has code: that of the trace is shown, or none.
gdb_debuglink_names_a_program()
{
    scratch
    split here
    cp "$GDB_PROGRAMS/basics" here.debug
    look
    never 'mismatch'
    not_found
}

gdb_debug_directory_by_build_id()
{
    scratch
    split here
    mkdir -p "dir/.build-id/${id:0:2}"
    mv here.debug "dir/.build-id/${id:0:2}/${id:2}.debug"
    rm here
    look -ex "set debug-file-directory $work/dir"
    found
    expect "^Reading symbols from /.*/${id:2}\.debug"
}

gdb_debug_directory_by_debuglink()
{
    scratch
    split here
    mkdir -p "dir/$work"
    mv here.debug "dir/$work"
    rm here
    look -ex "set debug-file-directory $work/dir"
    found
}

gdb_symbol_file()
{
    scratch
    split here
    mkdir elsewhere
    mv here.debug elsewhere
    serve
    debug <<'END'
symbol-file elsewhere/here.debug
break square
continue
backtrace
END
    ended 0
    expect 'Breakpoint 1, square \(n=0\) at .*basics\.c' '#1 .* in main '
}

# No symbol, no library, no interpreter.
gdb_static_pie_without_symbols()
{
    scratch
    need gcc gcc
    echo 'int main(void) { volatile int n = 3; while (n) n--; return n; }' >here.c
    gcc -O1 -static-pie -s -o here here.c 2>err || gcc -O1 -static -s -o here here.c || fail "gcc"
    GDB_PROGRAMS=$work record here
    rm here
    serve
    debug <<'END'
x/i $pc
stepi
stepi
info registers rip
reverse-stepi
reverse-stepi
reverse-stepi
info sharedlibrary
backtrace
catch syscall exit_group
continue
x/i $pc
backtrace
set $there = $pc
reverse-stepi 3
stepi 3
print $pc == $there
reverse-continue
monitor when
END
    ended 0
    expect '=> 0x[0-9a-f]+:' 'in \?\? \(\)' 'rip +0x' 'No more reverse-execution history' 'No shared libraries' '#0 +0x[0-9a-f]+ in \?\? \(\)' \
        'call to syscall .?exit_group' '=> 0x[0-9a-f]+:.*syscall' '#0 +0x' '= 1$' 'No more reverse-execution history' \
        'at the beginning'
    never 'Remote failure|Cannot (access|insert)|[Ww]arning: (Unable|Could|Error)|corrupt'
}

# The call of a null pointer leads to pc 0, before which there is no address.
gdb_back_from_a_null_call()
{
    scratch
    need gcc gcc
    echo 'int main(void) { void (*volatile f)(void) = 0; f(); }' >here.c
    gcc -g -O0 -o here here.c || fail "gcc"
    GDB_PROGRAMS=$work record here
    serve
    debug <<'END'
continue
reverse-stepi
print $pc
reverse-stepi
info symbol $pc
stepi
print $pc
reverse-stepi
info symbol $pc
END
    ended 0
    expect 'SIGSEGV' '\$1 = .*0x0$' '^main \+ [0-9]+ in section' '\$2 = .*0x0$' '^main \+ [0-9]+ in section'
}

# Another build has the program's name by now.
gdb_program_is_replaced()
{
    scratch
    cp "$GDB_PROGRAMS/basics" here
    GDB_PROGRAMS=$work record here
    cp "$GDB_PROGRAMS/crash" here
    look
    found
    expect '^Reading symbols from target:.*/here\.\.\.'
    never 'spoil|crash\.c'
}
