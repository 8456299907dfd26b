# Interpreters and compilers.

real_bc()
{
    need bc bc
    rr -- bc -l -q "$here/pi.bc"
}

real_perl()
{
    need perl perl
    rr -- perl -e '
        my %h; $h{$_ % 1009} .= chr(65 + $_ % 26) for 1 .. 200000;
        my $t = join ",", map { "$_=" . length $h{$_} } sort { $a <=> $b } keys %h;
        $t =~ s/(\d)=(\d)/$2:$1/g; print length($t), " ", unpack("%32C*", $t), "\n";
        open my $f, ">", "out" or die; print $f reverse sort split /,/, $t; close $f;
        $SIG{USR1} = sub { print "signal\n" }; kill USR1 => $$; exit 4'
}

real_perl_random()
{
    need perl perl
    rr --random -- perl -e 'print rand, " ", time, " $$\n"; my %h = map { $_ => 1 } 1 .. 20; print keys %h, "\n"'
}

real_tcl()
{
    need tclsh tcl
    rr --setup 'echo "proc fib n {expr {\$n < 2 ? \$n : [fib [expr {\$n-1}]] + [fib [expr {\$n-2}]]}}; puts [fib 20]; set f [open out w]; puts \$f [lsort [glob *]]; close \$f" >s.tcl' -- tclsh s.tcl
}

real_ruby_threads()
{
    need ruby ruby
    rr -- ruby -e '
        q = Queue.new; n = 0; m = Mutex.new
        t = 4.times.map { |i| Thread.new { 200.times { |j| q << i * j; m.synchronize { n += 1 } } } }
        t.each(&:join); s = 0; s += q.pop until q.empty?
        puts n, s, Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) > 0'
}

real_perl_threads()
{
    need perl perl
    perl -Mthreads -e 1 2>/dev/null || skip "this perl has no threads"
    rr -- perl -Mthreads -Mthreads::shared -e '
        my $n :shared = 0;
        my @t = map { threads->create(sub { for (1 .. 200) { lock($n); $n++ } }) } 1 .. 4;
        $_->join for @t; print "$n\n"'
}

real_guile_threads()
{
    need guile guile-3.0
    rr -- guile --no-auto-compile -c '(use-modules (ice-9 threads))
        (display (par-map (lambda (x) (* x x)) (iota 20))) (newline)'
}

real_lua()
{
    need lua5.4 lua5.4
    rr -- lua5.4 -e 'local t = {} for i = 1, 20000 do t[i] = tostring(i):reverse() end table.sort(t) print(t[77], #table.concat(t))'
}

real_php()
{
    need php php-cli
    rr -- php -r 'for ($i = 0; $i < 5000; $i++) $a[] = md5($i); sort($a); echo count($a), " ", $a[42], "\n";'
}

real_luajit()
{
    need luajit luajit
    rr -- luajit -e '
        local t, s = {}, 0
        for i = 1, 2e7 do s = (s * 31 + i) % 1000003 end
        for i = 1, 200000 do t[i] = tostring(i):reverse() end
        table.sort(t); print(s, t[1], t[100000], #table.concat(t))
        local ffi = require("ffi"); ffi.cdef "int getpid(void); int printf(const char *, ...);"
        local a = ffi.new("double[?]", 1000); for k = 1, 300 do for i = 0, 999 do a[i] = a[i] + i * k end end
        print(a[999], ffi.C.getpid() > 0)'
}

python()
{
    need /usr/bin/python3 python3
    rr "$@"
}

real_python()
{
    python -- /usr/bin/python3 -c '
import json, hashlib, re, collections, struct, zlib
d = {str(i): [i, i * i, {"k": "v" * (i % 9)}] for i in range(20000)}
s = json.dumps(d, sort_keys=True); assert json.loads(s) == d
print(hashlib.sha256(s.encode()).hexdigest(), zlib.crc32(s.encode()))
print(collections.Counter(re.findall(r"\d\d", s)).most_common(3))
try:
    struct.unpack("<Q", b"123")
except struct.error as e:
    print(e)
'
}

real_python_random()
{
    python --random --any-files -- /usr/bin/python3 -c '
import random, uuid, time, tempfile, os, secrets
print(random.random(), uuid.uuid4(), uuid.uuid1(), time.time(), time.monotonic_ns(), secrets.token_hex(8))
with tempfile.NamedTemporaryFile(dir=".", delete=False) as f:
    f.write(os.urandom(1000)); print(f.name)
print(os.getpid(), hash("abc"), {"a", "b", "c"}, id(object()), os.getloadavg(), os.times())
time.sleep(0.01)
'
}

real_python_system()
{
    python -- /usr/bin/python3 -c '
import ctypes, mmap, os, select, signal, socket, struct, fcntl, errno
libc = ctypes.CDLL(None, use_errno=True)
assert libc.getpid() == os.getpid() and libc.close(999) == -1 and ctypes.get_errno() == errno.EBADF
with open("f", "w+b") as f:
    f.truncate(100000); m = mmap.mmap(f.fileno(), 0); m[5000:5005] = b"mmapd"; m.flush()
    f.seek(5000); print(f.read(5)); m.close()
a, b = socket.socketpair(); a.sendall(b"x" * 5000); print(len(b.recv(9999)))
s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); d, _ = s.accept()
c.sendall(b"tcp"); print(d.recv(10), select.select([d], [c], [], 0)[1] == [c])
got = []; signal.signal(signal.SIGALRM, lambda *x: got.append(x[0])); signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause(); print(got)
callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
v = (ctypes.c_int * 5)(5, 3, 9, 1, 7); libc.qsort(v, 5, 4, callback(lambda x, y: x[0] - y[0])); print(list(v))
os._exit(6)
'
}

real_python_compute()
{
    python -- /usr/bin/python3 -c '
def sieve(n):
    s = bytearray([1]) * n
    for i in range(2, int(n ** .5) + 1):
        if s[i]: s[i * i::i] = bytes(len(range(i * i, n, i)))
    return sum(s) - 2
print(sieve(2000000)); print(sum(x * x % 7 for x in range(1000000)), 3 ** 5000 % 10 ** 9)
'
}

real_python_sqlite()
{
    python -- /usr/bin/python3 -c '
import sqlite3
db = sqlite3.connect("x.db"); db.execute("create table t(a, b)")
db.executemany("insert into t values(?, ?)", ((i, str(i) * 5) for i in range(20000))); db.commit()
print(db.execute("select count(*), sum(a), max(b) from t").fetchall())
'
}

export SQL='create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)
  insert into t select i, printf("%x-%d", i * 7919, i), i / 3.0 from n;
create index tb on t(b); update t set c = c + 1 where a % 7 = 0; delete from t where a % 11 = 0;
select count(*), sum(a), round(sum(c), 3) from t; select * from t where b like "1%" order by c limit 5;
pragma integrity_check;'

real_sqlite()
{
    need sqlite3 sqlite3
    rr --any-files --stdin in --setup "printf '%s' \"\$SQL\" >in" -- sqlite3 x.db
}

real_sqlite_wal()
{
    need sqlite3 sqlite3
    rr --any-files --stdin in --setup "printf '%s' \"pragma journal_mode=wal; pragma synchronous=full; pragma mmap_size=10000000; \$SQL\" >in" -- sqlite3 x.db
}

real_bash()
{
    rr -- bash -c 's=0; for ((i = 0; i < 100000; i++)); do ((s = (s * 31 + i) % 65521)); a[i % 100]=$s; done
        echo $s ${#a[@]} ${a[*]:5:5}; printf "%s\n" "${a[@]}" >out; trap "echo bye" EXIT; exit 3'
}

real_dash()
{
    rr -- sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; echo $i >out; read -r x <out; echo "$x"; trap "echo term" TERM; kill -TERM $$; kill -KILL $$'
}

real_jq()
{
    need jq jq
    rr -- jq -n '[range(20000)] | map({k: tostring, v: (. * 2)}) | map(.v) | add'
}

real_m4()
{
    need m4 m4
    rr --stdin in --setup 'echo "define(\`f'\'', \`ifelse(\$1, 0, \`done'\'', \`\$1 f(decr(\$1))'\'')'\'')f(200)" >in' -- m4
}

real_git()
{
    need git git
    rr --any-files --setup 'mkdir r; "$MKTREE" r 300; cd r; git init -q .' -- git -C r add -A
}

real_git_tree()
{
    need git git
    rr --any-files --setup 'mkdir r; "$MKTREE" r 300; cd r; git init -q .; git add -A' -- git -C r write-tree
}

big_c='awk "BEGIN { print \"typedef unsigned u; u g[100];\"; for (i = 0; i < 250; i++)
    printf \"u f%d(u a, u b){u s=a; for(u i=0;i<b;i++){ if((s^i)&%d) s+=g[i%%100]*%d; else s=s<<3^s>>%d; switch(s%%5){case 0:s++;break;case 1:s--;break;case 3:s*=3;} } return s%s;}\\n\", i, i + 1, i * 7 + 3, i % 13 + 1, i ? sprintf(\"+f%d(b,a)\", i - 1) : \"\" }" >big.c'

compiler() # name
{
    need gcc gcc
    local p
    p=$(gcc -print-prog-name="$1")
    need "$p" "$2"
    printf %s "$p"
}

real_cc1()
{
    need gcc gcc
    rr --timeout 120 --setup "$big_c" -- "$(gcc -print-prog-name=cc1)" -quiet -O2 -fno-ident big.c -o big.s
}

real_cc1_small()
{
    need gcc gcc
    rr --setup 'echo "int main(void) { return 42; }" >s.c' -- "$(gcc -print-prog-name=cc1)" -quiet -O1 s.c -o s.s
}

real_cc1_error()
{
    need gcc gcc
    rr --setup 'echo "int main(void) { return x }" >s.c' -- "$(gcc -print-prog-name=cc1)" -quiet s.c -o s.s
}

real_cc1plus()
{
    need g++ g++
    rr --timeout 120 --setup 'printf "#include <map>\n#include <string>\n#include <vector>\n#include <iostream>\n#include <algorithm>\nint main() { std::map<std::string, std::vector<int>> m; m[\"a\"].push_back(1); std::sort(m[\"a\"].begin(), m[\"a\"].end()); for (auto &p : m) std::cout << p.first; }\n" >x.cc; g++ -E x.cc -o x.ii' -- "$(g++ -print-prog-name=cc1plus)" -quiet -fpreprocessed -O2 x.ii -o x.s
}

real_as()
{
    need gcc gcc
    rr --setup "$big_c; gcc -O1 -S big.c" -- as big.s -o big.o
}

real_ld()
{
    need gcc gcc
    rr --setup "$big_c; gcc -O1 -fPIC -c big.c" -- ld -shared --build-id=sha1 -o big.so big.o
}

real_objdump()
{
    need objdump binutils
    rr --setup "$big_c; gcc -O1 -c big.c" -- objdump -d big.o
}
