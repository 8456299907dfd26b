# Programs with threads: compressors, interpreters, a sorter.

real_threads_python()
{
    need /usr/bin/python3 python3
    rr -- /usr/bin/python3 -c '
import threading, queue, concurrent.futures, hashlib, time, socket
q, done = queue.Queue(4), []
def consume():
    while (x := q.get()) is not None:
        done.append(hashlib.sha1(str(x).encode()).hexdigest())
workers = [threading.Thread(target=consume) for _ in range(4)]
for w in workers: w.start()
for i in range(400): q.put(i)
for w in workers: q.put(None)
for w in workers: w.join()
print(len(done), hashlib.sha1("".join(sorted(done)).encode()).hexdigest())
with concurrent.futures.ThreadPoolExecutor(5) as e:
    print(sum(e.map(lambda n: sum(i * i for i in range(n)), range(0, 20000, 500))))
s = socket.create_server(("127.0.0.1", 0))
def serve():
    c, _ = s.accept()
    while data := c.recv(100): c.sendall(data.upper())
t = threading.Thread(target=serve); t.start()
with socket.create_connection(s.getsockname()) as c:
    for i in range(20):
        c.sendall(b"echo %d" % i); assert c.recv(100) == b"ECHO %d" % i
t.join()
e = threading.Event(); threading.Timer(0.01, e.set).start(); print(e.wait(10), threading.Condition().acquire())
'
}

# The interpreter hands its lock over when time is up: which thread counts when differs.
real_threads_python_race()
{
    need /usr/bin/python3 python3
    rr --random -- /usr/bin/python3 -c '
import threading
order = []
def run(n):
    for i in range(30000):
        if i % 1000 == 0: order.append(n)
t = [threading.Thread(target=run, args=(n,)) for n in range(4)]
for x in t: x.start()
for x in t: x.join()
print("".join(map(str, order)))
'
}

real_threads_xz()
{
    need xz xz-utils
    rr --timeout 120 --setup 'seq 1 300000 >in' -- xz -T4 --block-size=300KiB -1 in
}

real_threads_xz_unpack()
{
    need xz xz-utils
    rr --timeout 120 --setup 'seq 1 300000 >in; xz -T2 --block-size=300KiB -1 in' -- xz -d -T4 in.xz
}

real_threads_zstd()
{
    need zstd zstd
    rr --timeout 120 --setup 'seq 1 1000000 >in' -- zstd -q -T4 -B512K -3 in -o out
}

real_threads_pigz()
{
    need pigz pigz
    rr --timeout 120 --setup 'seq 1 500000 >in' -- pigz -n -p 4 in
}

real_threads_sort()
{
    rr --timeout 120 --setup 'seq 1 300000 | rev >in' -- sort --parallel=4 -S 20M in
}

real_threads_node()
{
    need node nodejs
    rr --timeout 120 --any-files --setup 'cat >x.js <<"EOF"
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const fs = require("fs"), net = require("net"), zlib = require("zlib"), crypto = require("crypto");
if (!isMainThread) {
  let s = 0;
  for (let i = 0; i < 300000; i++) s = (s * 31 + i + workerData) % 1000003;
  parentPort.postMessage(s);
} else (async () => {
  const work = n => new Promise((ok, no) => new Worker(__filename, { workerData: n }).on("message", ok).on("error", no));
  console.log(await Promise.all([1, 2, 3].map(work)));
  await new Promise(ok => setTimeout(ok, 5));
  await fs.promises.writeFile("f", "text ".repeat(10000));
  console.log((await fs.promises.readFile("f")).length, zlib.gzipSync("a".repeat(1000)).length);
  console.log(await new Promise(ok => crypto.pbkdf2("a", "b", 2000, 16, "sha1", (e, k) => ok(k.toString("hex")))));
  const server = net.createServer(c => c.on("data", d => c.end(d.toString().toUpperCase())));
  server.listen(0, "127.0.0.1", () => net.connect(server.address().port, "127.0.0.1")
    .on("data", d => console.log(d.toString())).on("end", () => server.close()).write("net"));
})();
EOF' -- node x.js
}

# The virtual machine asks for the processor's features in code that it makes itself.
real_threads_java()
{
    need java default-jre-headless
    need javac default-jdk-headless
    rr --makes-code --timeout 200 --any-files --setup 'cat >T.java <<"EOF"
import java.util.concurrent.*;
import java.util.stream.*;
public class T {
    static synchronized void say(String s) { System.out.println(s); }
    public static void main(String[] args) throws Exception {
        ExecutorService e = Executors.newFixedThreadPool(4);
        long total = 0;
        java.util.List<Future<Long>> parts = new java.util.ArrayList<>();
        for (int i = 0; i < 8; i++) {
            final int n = i;
            parts.add(e.submit(() -> LongStream.range(0, 100000).map(x -> x * x % (n + 7)).sum()));
        }
        for (Future<Long> f : parts) total += f.get();
        e.shutdown();
        say("total " + total + " " + e.awaitTermination(10, TimeUnit.SECONDS));
        Thread t = new Thread(() -> { try { Thread.sleep(5); } catch (InterruptedException x) { } say("slept"); });
        t.start();
        t.join();
    }
}
EOF
javac T.java' -- java -Xmx64m -cp . T
}

real_threads_perl()
{
    need perl perl
    perl -Mthreads -e 1 2>/dev/null || skip "this perl has no threads"
    rr -- perl -Mthreads -Mthreads::shared -MThread::Queue -e '
        my ($in, $out) = (Thread::Queue->new, Thread::Queue->new);
        my $count :shared = 0;
        my @t = map { threads->create(sub {
            while (defined(my $n = $in->dequeue)) { { lock $count; $count++; } $out->enqueue($n * $n); }
            threads->tid > 0 }) } 1 .. 4;
        $in->enqueue($_) for 1 .. 300;
        $in->end;
        my $ok = grep { $_->join } @t;
        $out->end;
        my ($sum, $x) = 0;
        $sum += $x while defined($x = $out->dequeue_nb);
        print "$count $sum $ok\n";
        my ($there, @order) :shared = (0);
        my $w = threads->create(sub { lock $there; cond_wait $there until $there; push @order, "woken"; });
        { lock $there; $there = 1; cond_signal $there; }
        $w->join; print "@order\n"'
}

real_threads_python_asyncio()
{
    need /usr/bin/python3 python3
    rr -- /usr/bin/python3 -c '
import asyncio, threading, queue, contextvars
async def echo(r, w):
    while line := await r.readline():
        w.write(line.upper()); await w.drain()
    w.close()
async def client(port, n):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    out = []
    for i in range(5):
        w.write(b"%d says %d\n" % (n, i)); await w.drain(); out.append((await r.readline()).decode().strip())
    w.close(); await w.wait_closed()
    return out
async def main():
    s = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with s:
        print(await asyncio.gather(*(client(s.sockets[0].getsockname()[1], n) for n in range(4))))
    print(await asyncio.gather(*(asyncio.to_thread(sum, range(n * 1000)) for n in range(5))))
    try: await asyncio.wait_for(asyncio.sleep(10), 0.005)
    except asyncio.TimeoutError: print("late")
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(target=lambda: loop.call_soon_threadsafe(done.set)).start()
    await done.wait()
    async with asyncio.TaskGroup() if hasattr(asyncio, "TaskGroup") else contextvars.nullcontext() as g:
        t = [g.create_task(asyncio.sleep(0.001 * n, n)) for n in range(5)]
    print([x.result() for x in t])
asyncio.run(main())
'
}
