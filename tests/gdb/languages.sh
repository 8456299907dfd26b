# Programs that bring a runtime of their own: gdb lists their threads, shows stacks, and goes back.
. "$here/lib.sh"

# both_ways PROGRAM...: from the end to the last writes, and a step back and forth there; the command
# $first comes before all
first='info program'
both_ways()
{
    record_command "$@"
    [ $recorded = 0 ] || fail "the program ended with $recorded"
    serve
    debug <<END
$first
continue
catch syscall write
reverse-continue
info threads
thread apply all backtrace 3
python here = gdb.execute("monitor when", to_string=True)
reverse-stepi
stepi
python print("same: %s" % (here == gdb.execute("monitor when", to_string=True)))
reverse-continue
reverse-continue
info threads
reverse-continue
reverse-continue
info threads
END
    ended 0
    expect 'No more reverse-execution history' 'syscall .?write' '^\* [0-9]+ +Thread' '^Thread 1 ' '^#0 ' '^#1 '
    never 'FAILED|internal-error|Cannot access memory'
}

# threads_at_once COUNT: at one of these writes there were so many at least
threads_at_once()
{
    local most
    most=$(sed -nE 's/^\*? +([0-9]+) +Thread .*/\1/p' out | sort -n | tail -n 1)
    [ "${most:-0}" -ge "$1" ] || fail "$most threads, not $1"
}

gdb_python_threads()
{
    scratch
    need /usr/bin/python3 python3
    both_ways /usr/bin/python3 -c '
import os, threading
everybody = threading.Barrier(3)
def work(n):
    everybody.wait()
    os.write(1, b"%d\n" % n)
    everybody.wait()
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for t in threads: t.start()
for t in threads: t.join()
os._exit(0)'
    expect 'same: True'
    threads_at_once 4
}

gdb_node_threads()
{
    scratch
    need node nodejs
    both_ways node -e '
const { Worker } = require("worker_threads");
const w = new Worker("require(\"worker_threads\").parentPort.postMessage(6 * 7)", { eval: true });
w.on("message", m => console.log("worker", m));'
    threads_at_once 5
}

gdb_go_threads()
{
    scratch
    need go golang-go
    cat >many.go <<'END'
package main

import (
	"os"
	"sync"
)

func sum(n int, to *int, done *sync.WaitGroup) {
	for i := 0; i < 1000*n; i++ {
		*to += i
	}
	done.Done()
}

func main() {
	var done sync.WaitGroup
	var sums [4]int
	done.Add(len(sums))
	for n := range sums {
		go sum(n, &sums[n], &done)
	}
	done.Wait()
	os.Stdout.WriteString("done\n")
}
END
    export GOCACHE=$work/cache GOFLAGS=-mod=mod GO111MODULE=off
    go build -o many many.go || fail "go build"
    both_ways ./many
    expect 'same: True'
    threads_at_once 2
    serve
    debug <<'END'
break main.sum
continue
print n
backtrace
delete
tbreak os.(*File).WriteString
continue
backtrace
break main.sum
reverse-continue
finish
END
    expect 'hit Breakpoint 1, main.sum' '\$1 = ' '#0 +main.sum' 'breakpoint 2, os.*WriteString' '#1 .*main.main' 'Breakpoint 3, main.sum'
}

gdb_java_threads()
{
    scratch
    need java default-jre-headless
    need javac default-jdk-headless
    cat >Hello.java <<'END'
public class Hello {
    public static void main(String[] args) throws Exception {
        Thread t = new Thread(() -> System.out.println("from a thread"), "mine");
        t.start();
        t.join();
        System.out.println("from main");
    }
}
END
    javac Hello.java || fail "javac"
    # The virtual machine looks whether memory is there, and may be hit at each null reference.
    first='handle SIGSEGV nostop noprint pass'
    both_ways java -Xmx64m -Xshare:auto -cp . Hello
    threads_at_once 5
}
