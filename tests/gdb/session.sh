# Scripted sessions of gdb, one for each command that people use.
. "$here/lib.sh"

gdb_breakpoints()
{
    scratch
    session basics <<'END'
break square
tbreak push
info breakpoints
continue
continue
continue
condition 1 n == 5
continue
print n
ignore 1 0
delete
break factorial if n == 2
continue
backtrace
disable
continue
END
    expect 'Temporary breakpoint 2, push \(value=0\)' 'Breakpoint 1, square \(n=0\)' \
        'Breakpoint 1, square \(n=1\)' 'Breakpoint 1, square \(n=5\)' '\$1 = 5' \
        'Breakpoint 3, factorial \(n=2\)' '#0  factorial \(n=2\)' '#3  .*factorial \(n=5\)' '#4  .* in main' \
        'No more reverse-execution history'
}

# A condition that fails is looked at where the program runs: no word of it goes to gdb.
gdb_condition_that_fails()
{
    scratch
    record spin
    serve
    debug <<'END'
break main
continue
break spin.c:16 if j == 99999
set debug remote 1
continue
set debug remote 0
print j
END
    expect 'Breakpoint 2, main' '= 99999'
    local packets
    packets=$(grep -acE 'Sending packet: .(vCont;c|c#|m)' out)
    [ "$packets" -le 40 ] || fail "$packets packets for one stop"
    ended 0
}

gdb_ignore_count()
{
    scratch
    session basics <<'END'
break square
ignore 1 6
continue
print counter
info breakpoints
reverse-continue
print n
END
    expect 'square \(n=6\)' '\$1 = 6' 'already hit 7 times' 'square \(n=5\)' '\$2 = 5'
}

gdb_steps()
{
    scratch
    session basics <<'END'
break main
continue
next
next
step
print value
finish
step
finish
reverse-step
reverse-finish
reverse-next
reverse-next
reverse-next
END
    expect 'Breakpoint 1, main' 'for \(int i = 0' 'push\(i \* 3\)' 'push \(value=0\)' '\$1 = 0' \
        'sum \+= square\(i\)' 'square \(n=0\)' 'Value returned is \$2 = 0' \
        'square \(n=0\)' 'return r|}' 'sum \+= square\(i\)' 'push\(i \* 3\)' \
        'Breakpoint 1, main' 'int sum = 0'
}

gdb_stepi_both_ways()
{
    scratch
    session basics <<'END'
break square
continue
set $start = $pc
set $sp0 = $rsp
stepi
stepi
stepi
stepi
reverse-stepi
reverse-stepi
reverse-stepi
reverse-stepi
print $pc == $start && $rsp == $sp0
stepi 20
reverse-stepi 20
print $pc == $start && $rsp == $sp0
nexti
reverse-nexti
print $pc == $start
END
    expect '\$1 = 1' '\$2 = 1' '\$3 = 1'
}

gdb_until_and_advance()
{
    scratch
    session basics <<'END'
break main
continue
advance factorial
print n
until
up
info frame
END
    expect 'factorial \(n=5\)' '\$1 = 5' 'factorial' 'Stack level 1'
}

gdb_both_ends()
{
    scratch
    session basics <<'END'
reverse-stepi
reverse-continue
stepi
break main
continue
delete
continue
print watched
continue
stepi
reverse-stepi
reverse-continue
stepi
END
    expect 'No more reverse-execution history' 'No more reverse-execution history' 'Breakpoint 1, main' \
        'No more reverse-execution history' '\$1 = 27' 'No more reverse-execution history' \
        'No more reverse-execution history' 'No more reverse-execution history'
    never 'SIGKILL|exited'
}

gdb_looking()
{
    scratch
    session basics <<'END'
break factorial if n == 2
continue
x/2i $pc
x/s text
x/4xb text
print text
print *head
print head->next->value
print $_siginfo
print $xmm0.uint128
info registers rip fs_base eflags
p $fs_base != 0
info all-registers mxcsr ftag
ptype struct node
frame 2
info locals
info args
info line
info symbol square
info source
print sizeof(struct node)
find &text, +20, 's', 'u', 'm'
END
    expect '=> 0x' '"sum 285"' '0x73\W+0x75\W+0x6d\W+0x20' '\$1 = "sum 285"' '\$2 = \{value = 27' '\$3 = 24' \
        '\$4|Unable to read siginfo' 'rip .*factorial' '= 1' 'mxcsr' 'type = struct node' '#2 ' 'n = 4' \
        'square in section .text' '= 16' '<text\+?0?>' '1 pattern found'
}

gdb_information()
{
    scratch
    session basics <<'END'
break square
continue
info threads
info inferiors
info sharedlibrary
info auxv
info proc
info proc mappings
info program
info target
monitor when
END
    expect '\* 1 +Thread' 'process [0-9]+' 'libc\.so' 'AT_ENTRY' "cmdline = .*basics" "exe = .*basics" \
        'r-xp .*basics' '\[heap\]' '\[stack\]' '\.text in target:.*libc' 'event [0-9]+, point [0-9]+:[0-9]+:0x'
}

gdb_list_and_source()
{
    scratch
    session basics <<'END'
list factorial
info functions ^square
info variables ^watched
whatis real
print real * 2
print $_exitcode
output 3
END
    expect 'int factorial\(int n\)' 'square\(int\)' 'watched' 'type = double' '= 5'
}

gdb_thread_local()
{
    scratch
    session basics <<'END'
break square
continue
print per_thread
break factorial
delete 1
continue
delete
break write
continue
print per_thread
print errno
END
    expect '\$1 = 77' '\$2 = 3' '\$3 = 5'
}

gdb_longjmp()
{
    scratch
    session basics <<'END'
break jump
break 65
continue
next
continue
print per_thread
reverse-next
print per_thread
reverse-next
print per_thread
END
    expect 'jump \(n=3\)' 'longjmp' 'Breakpoint 2, main' '\$1 = 3' '\$2 = '
}

gdb_run_again()
{
    scratch
    session basics <<'END'
tbreak square
continue
tbreak square
run
print n
info program
start
kill
info threads
run
END
    expect 'Temporary breakpoint 1, square \(n=0\)' 'Temporary breakpoint 2, square \(n=0\)' '\$1 = 0' \
        'Temporary breakpoint 3, main' 'killed' 'No threads'
}

# What stock gdb does not see by itself it is told, and how to go there so that it does.
gdb_starts_at_a_moment()
{
    scratch
    session basics <<'END'
tbreak square if n == 4
continue
python point = gdb.execute("monitor when", to_string=True).split("point ")[1].split(",")[0]
monitor seek begin
python gdb.execute("starti " + point)
print n
starti --no-moment 3
info symbol $pc
starti 50
monitor when
END
    expect 'square \(n=4\)' 'NOTE: gdb does not know of this move' 'square \(n=4\)' '\$1 = 4' '^_start in section' 'event 48,'
    grep -q 'has the program.s arguments' err || fail "arguments that are no moment"
}

gdb_detach_and_attach_again()
{
    scratch
    record basics
    serve
    debug <<'END'
break square
continue
continue
detach
END
    expect 'square \(n=1\)' 'detached'
    debug <<'END'
print n
backtrace
continue
END
    expect '\$1 = 1' '#0  square \(n=1\)' 'No more reverse-execution history'
    never 'Breakpoint'
    ended 0
}

gdb_leaves_without_a_word()
{
    scratch
    record basics
    serve
    debug <<'END'
break square
continue
python import os; os._exit(0)
END
    debug <<'END'
print n
END
    expect '\$1 = 0'
    ended 0
}

gdb_monitor()
{
    scratch
    session basics <<'END'
monitor help
monitor nonsense
monitor seek
monitor seek nowhere
monitor restart 3
monitor restart x
monitor checkpoints
monitor last-write
monitor events 1 2
monitor elapsed
break square
continue
monitor checkpoint
continue
continue
monitor restart 1
maintenance flush register-cache
maintenance flush dcache
print n
monitor checkpoints
monitor delete 1
monitor delete 1
monitor seek end
monitor seek begin
monitor seek 50
END
    expect 'when +where' 'is no monitor command' 'where to' 'where to' 'no checkpoint 3' 'which checkpoint' \
        'no checkpoints' 'whose' '1 syscall|1 ' 'event [0-9]+ of [0-9]+' 'square \(n=0\)' 'checkpoint 1' \
        'square \(n=2\)' 'event [0-9]+, point' '\$1 = 0' '1: event' 'checkpoint 1 is deleted' 'no checkpoint 1' \
        'at the end' 'at the beginning' 'event 48,'
}

gdb_without_any_file()
{
    scratch
    cp "$GDB_PROGRAMS/basics" here
    GDB_PROGRAMS=$work record here
    rm here
    serve
    debug <<'END'
break factorial
continue
backtrace
info sharedlibrary
print head->value
END
    ended 0
    expect 'factorial \(n=5\)' '#1 .*main' 'Yes.*libc' '\$1 = 27'
}

gdb_stripped()
{
    scratch
    cp "$GDB_PROGRAMS/basics" here
    strip here
    GDB_PROGRAMS=$work record here
    rm here
    serve
    debug <<'END'
break write
continue
backtrace
reverse-stepi
info registers rip
reverse-continue
END
    ended 0
    expect 'Breakpoint 1, .*write' '#0 .*write' '#1 ' 'rip ' 'No more reverse-execution history'
}

gdb_machine_interface()
{
    scratch
    record basics
    serve
    timeout 100 python3 "$here/mi.py" >out 2>&1 <<END
-gdb-set mi-async off
-gdb-set debuginfod enabled off
-target-select extended-remote 127.0.0.1:$port
-break-insert square
-exec-continue
-stack-list-frames
-exec-next
-exec-next --reverse
-exec-continue --reverse
-thread-info
-data-evaluate-expression counter
-gdb-exit
END
    ended 0
    expect '\^connected' '\^done,bkpt=' '^\*stopped,reason="breakpoint-hit".*func="square"' '\^done,stack=' \
        '^\*stopped,reason="end-stepping-range"' '^\*stopped,reason="(end-stepping-range|breakpoint-hit)"' \
        'No more reverse-execution history' '\^done,threads=' '\^done,value="0"'
}

gdb_watch()
{
    scratch
    session basics <<'END'
break main
continue
watch watched
continue
continue
continue
reverse-continue
reverse-continue
delete
tbreak snprintf
continue
rwatch real
continue
delete
awatch counter
reverse-continue
reverse-continue
delete
watch text
reverse-continue
continue
END
    expect 'Hardware watchpoint 2: watched' 'Old value = 0' 'New value = 3' 'New value = 6' 'New value = 9' \
        'Old value = 9' 'New value = 6' 'Old value = 6' 'New value = 3' 'Hardware read watchpoint 4: real' 'Value = 2.5' \
        'Hardware access \(read/write\) watchpoint 5: counter' 'Value = |Old value = 10' \
        'Hardware watchpoint 6: text' 'No more reverse-execution' 'Hardware watchpoint 6: text' 'New value = "s'
}

gdb_watch_condition_and_local()
{
    scratch
    session basics <<'END'
break main
continue
watch watched if watched > 20
continue
delete
tbreak factorial
continue
watch n
reverse-continue
delete
break square if n == 3 && counter > 2
reverse-continue
print n
END
    expect 'New value = 21' 'factorial \(n=5\)' 'watchpoint|reverse-execution' 'square \(n=3\)' '= 3'
}

gdb_who_spoiled_the_pointer()
{
    scratch
    session crash <<'END'
continue
continue
continue
print $_siginfo.si_signo
print $_siginfo._sifields._sigfault.si_addr
backtrace
print b->value
watch -l b->value
reverse-continue
backtrace
reverse-continue
continue
continue
continue
END
    [ $recorded = 139 ] || fail "the program ended with $recorded"
    expect 'SIGUSR1' 'SIGUSR1' 'SIGSEGV' '\$1 = 11' '\$2 = \(void \*\) 0x0' '#0 .*use' '#1 .*main' '\$3 = \(int \*\) 0x0' \
        'Old value = \(int \*\) 0x0' 'New value = \(int \*\) 0x1' '#0 .*spoil' '#1 .*main' 'New value = \(int \*\) 0x4030' \
        'New value = \(int \*\) 0x1' 'SIGUSR1'
}

gdb_signals()
{
    scratch
    session crash <<'END'
handle SIGUSR1 nostop noprint pass
continue
handle SIGUSR1 stop print
reverse-continue
catch signal SIGUSR1
continue
step
print handled
break on_usr1
continue
backtrace
continue
reverse-finish
END
    expect 'SIGSEGV' 'No more reverse-execution' 'Catchpoint 1 \(signal SIGUSR1\)' 'on_usr1 \(signo=10\)' \
        '<signal handler called>' 'raise'
}

gdb_calls()
{
    scratch
    session basics <<'END'
break square
continue
print factorial(6)
print counter
disable
print square(7)
print counter
enable
call (long)malloc(10)
call puts("printed by a call")
call fflush(0)
set var counter = 1000
print counter
next
print counter
reverse-next
print n
print factorial(4)
continue
print counter
END
    expect '= 720' '= 0' '= 49' '= 1' '= [0-9]{6}' '= 18' '= 0' '= 1000' '25' '= 0' '= 0' '= 24' 'square \(n=1\)' '= 1'
    grep -q 'printed by a call' served.out || fail "puts() printed nothing"
}

# Nothing can run there in the recording, and yet it is where people call functions most.
gdb_calls_at_the_end()
{
    scratch
    session crash <<'END'
handle SIGUSR1 nostop noprint pass
continue
print handled
call on_usr1(3)
print handled
set var box.value = &number
print use(&box)
print $rax = 5
print $rip == use
reverse-stepi
print handled
continue
END
    expect 'SIGSEGV' '\$1 = 120' '\$2 = 123' '\$3 = 4' '\$4 = 5' '\$5 = 0' 'return \*b->value' '\$6 = 120' \
        'No more reverse-execution history'
    never 'Cannot access memory'
    record basics
    serve
    debug <<'END'
continue
print square(4)
print counter
continue
print counter
END
    ended 0
    expect 'No more reverse-execution' '\$1 = 16' '\$2 = 11' 'No more reverse-execution' '\$3 = 10'
}

# gdb's list of libraries goes back, too: at the beginning there is the linker alone, and the
# variables of the program still have their types.
gdb_libraries_both_ways()
{
    scratch
    session basics <<'END'
info sharedlibrary
break square
continue
info sharedlibrary
print watched
reverse-continue
info sharedlibrary
print watched
print real
continue
info sharedlibrary
print watched
monitor seek begin
sharedlibrary
print watched
END
    expect 'Yes.*ld-linux' 'square \(n=0\)' 'Yes.*ld-linux' 'Yes.*libc\.so' '\$1 = 0' 'No more reverse-execution' \
        'Yes.*ld-linux' '\$2 = 0' '\$3 = 2\.5' 'square \(n=0\)' 'Yes.*libc\.so' '\$4 = 0' '\$5 = 0'
    never 'has unknown type'
    [ "$(grep -c 'Yes.*libc\.so' out)" = 2 ] || fail "the C library is there before it is loaded"
}

gdb_interrupts()
{
    scratch
    record spin
    serve
    cat >interrupt.py <<'END'
import gdb, threading, os, signal, time
def after(seconds):
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
def go(command):
    after(0.5)
    start = time.time()
    try:
        gdb.execute(command)
    except KeyboardInterrupt:
        print("kbd")
    print("%s took %.1f" % (command, time.time() - start))
gdb.execute("break main")
gdb.execute("continue")
gdb.execute("delete")
go("continue")
gdb.execute("print rounds > 0")
gdb.execute("break spin.c:16 if j == -1") # asked a million times a round, never true
before = gdb.execute("monitor when", to_string=True)
go("reverse-continue")
print("stayed: %s" % (gdb.execute("monitor when", to_string=True) == before))
gdb.execute("print 1 + 1")
END
    debug <<'END'
source interrupt.py
END
    expect 'Breakpoint 1, main' 'SIGINT' '^continue took (0\.[5-9]|[12]\.)' '= 1' 'SIGINT' 'reverse-continue took (0\.[5-9]|[12]\.)' 'stayed: True' '= 2'
}

gdb_threads()
{
    scratch
    session threads <<'END'
break all_there
continue
continue
continue
info threads
thread apply all backtrace 1
print mine
next
print mine
thread 1
backtrace
print mine
info registers rip
delete
break add if n == 2
continue
watch total
continue
reverse-continue
delete
reverse-continue
END
    [ $recorded = 0 ] || fail "the program ended with $recorded"
    expect 'all_there' 'all_there' 'all_there' '\* .*worker-' 'Thread 4 .*worker-' 'Thread 1 ' \
        '#0 ' '= 0' '= [012]' '#[0-9]+ .*main' '= 0' 'rip ' 'add \(n=2\)' 'watchpoint .: total' 'Old value = ' 'Old value = ' 'No more reverse-execution'
}

gdb_thread_steps_there_and_back()
{
    scratch
    session threads <<'END'
break add
continue
continue
continue
delete
python here = [str(gdb.parse_and_eval("$pc")), gdb.selected_thread().num]
next
next
next
reverse-next
reverse-next
reverse-next
python print("back: %s" % (here == [str(gdb.parse_and_eval("$pc")), gdb.selected_thread().num]))
stepi 30
reverse-stepi 30
python print("again: %s" % (here == [str(gdb.parse_and_eval("$pc")), gdb.selected_thread().num]))
finish
reverse-finish
END
    expect 'back: True' 'again: True'
}

gdb_catch_syscall()
{
    scratch
    session basics <<'END'
break main
continue
catch syscall write
continue
print $rdi
x/i $pc
continue
print $rax
continue
reverse-continue
continue
reverse-continue
reverse-continue
print $rax
delete 2
catch syscall
continue
END
    expect 'Breakpoint 1, main' "Catchpoint 2 \\(call to syscall .?write" '= 1' '=> .*syscall' 'returned from syscall .?write' '= 4' \
        'call to syscall' 'returned from syscall .?write' 'call to syscall .?write' '= 1' 'any syscall' 'returned from syscall .?write'
}

gdb_catch_syscall_of_threads()
{
    scratch
    session threads <<'END'
catch syscall futex
continue
continue
continue
continue
reverse-continue
info threads
delete
continue
END
    expect 'call to syscall .?futex' '(call to|returned from) syscall .?futex' 'No more reverse-execution history'
}

gdb_steps_over_a_call_that_waits()
{
    scratch
    session threads <<'END'
break pthread_join
continue
delete
catch syscall futex
continue
stepi
delete
python here = gdb.selected_thread().num
stepi
python print("forward: %s" % (gdb.selected_thread().num == here))
reverse-stepi
python print("backward: %s" % (gdb.selected_thread().num == here))
x/i $pc
END
    expect 'call to syscall .?futex' 'forward: True' 'backward: True' 'syscall'
}

# walk SEED MOVES, over the trace of walk: see walk.py
walk()
{
    serve
    export WALK_SEED=$1 WALK_MOVES=$2
    debug <<END
source $here/walk.py
END
    never 'FAILED|Traceback|Error:'
    ended 0
    expect "(^|[^0-9])$2 moves, [0-9]+ moments, [0-9]+ seen again"
    grep 'the slowest' out
}

gdb_exec()
{
    scratch
    record_command /bin/sh -c "exec '$GDB_PROGRAMS/basics'"
    serve
    debug <<'END'
catch exec
continue
info inferiors
tbreak square
continue
print n
reverse-continue
info inferiors
reverse-continue
delete
set breakpoint pending on
break factorial
continue
backtrace
reverse-continue
monitor when
END
    ended 0
    expect "Catchpoint 1 \(exec'd .*basics\)" 'extended-remote.*basics' 'square \(n=0\)' '\$1 = 0' \
        "Catchpoint 1 \(exec'd .*sh\)" 'extended-remote.*sh' 'No more reverse-execution' \
        'factorial \(n=5\)' '#1 .*main' 'No more reverse-execution' 'at the beginning'
}

# Programs of one process do not fork; that gdb cannot wait for it, it says.
gdb_catch_fork()
{
    scratch
    session basics <<'END'
catch fork
catch vfork
break square
continue
print n
END
    expect 'does not support this type' 'Breakpoint 3, square' '= 0'
}

gdb_random_walk()
{
    scratch
    record walk
    walk 1 120
    walk 2 120
    walk 3 120
}

# A signal that is no stop comes to a line that goes round millions of times: `next` goes over all of it.
gdb_next_over_a_signal()
{
    scratch
    session alarm <<'END'
break main
continue
next
next
print rings
next
print rings
tbreak ring
reverse-continue
backtrace
END
    expect 'Breakpoint 1, main' '\$1 = 0' 'printf' '\$2 = 1' 'ring \(signo=14\)' 'signal handler called' 'main'
}
