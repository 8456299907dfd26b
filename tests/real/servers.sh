# Servers that answer clients outside of the recording, and what their traces replay.

# serve COMMAND... : records a server in the background, in $work.
serve()
{
    [ -n "${RR_LIKE:-}" ] || skip "nothing to record with"
    scratch
    # shellcheck disable=SC2086 # options
    "$RR_LIKE" record -o t.zst ${RRTEST_RECORD_OPTS:-} -- "$@" >out 2>err </dev/null &
    server=$!
}

at_end()
{
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null
}

# until_it COMMAND... : tries for 30 seconds.
until_it()
{
    local i
    for ((i = 0; i < 300; i++)); do
        "$@" >/dev/null 2>&1 && return
        kill -0 $server 2>/dev/null || fail "the server ended by itself"
        sleep 0.1
    done
    fail "the server does not answer: $*"
}

# same WHAT EXPECTED ACTUAL
same()
{
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# ended STATUS: the server ends with it; its trace replays in both modes without its files.
ended()
{
    wait $server
    same "status of the recording" "$1" $?
    local mode status
    find . -mindepth 1 ! -name t.zst ! -name out ! -name err -delete
    for mode in auto native translated; do
        timeout 120 "$RR_LIKE" replay -a "--vcpu=$mode" t.zst >replayed 2>said
        status=$?
        [ $status = 0 ] || {
            tail -n 5 said
            fail "replay in mode $mode: status $status"
        }
        cmp out replayed || fail "replay in mode $mode: other output than recorded"
    done
    echo "passed: trace $(stat -c %s t.zst) bytes"
}

redis()
{
    redis-cli -s "$work/sock" "$@"
}

redis_server() # OPTIONS...
{
    need redis-server redis-server
    need redis-cli redis-tools
    serve redis-server --port 0 --unixsocket sock "$@"
    until_it redis ping
}

real_server_redis()
{
    redis_server --save "" --appendonly yes --appendfsync everysec
    same set OK "$(redis set a 1)"
    same incr 6 "$(redis incrby a 5)"
    redis eval 'for i = 1, 500 do redis.call("hset", KEYS[1], i, i * i) end return 1' 1 h >/dev/null
    same hash 62500 "$(redis hget h 250)"
    same list 200 "$(seq 1 200 | sed 's/^/rpush l /' | redis | tail -n 1)"
    same expiry 1 "$(redis set soon 1 px 30 >/dev/null; redis pexpire l 100000)"
    sleep 0.2
    same expired "" "$(redis get soon)"
    (redis blpop waiting 20 >got) &
    local waiter=$!
    sleep 0.2
    redis lpush waiting item >/dev/null
    wait $waiter
    same blocked "waiting item" "$(tr '\n' ' ' <got | sed 's/ $//')"
    redis shutdown
    ended 0
}

# Making the snapshot needs a process of its own, which redis must be refused cleanly.
real_server_redis_save()
{
    redis_server --save ""
    redis debug populate 2000 >/dev/null 2>&1 || redis eval 'for i = 1, 2000 do redis.call("set", i, i) end' 0
    local said
    said=$(redis bgsave)
    case $said in
    ERR* | *started*) ;;
    *) fail "bgsave: '$said'" ;;
    esac
    same save OK "$(redis save)"
    [ -s dump.rdb ] || fail "no dump.rdb"
    kill -TERM "$(redis info server | tr -d '\r' | sed -n 's/^process_id://p')"
    ended 0
}

# Fifty clients at once, background threads for input and output.
real_server_redis_load()
{
    need redis-benchmark redis-tools
    redis_server --save "" --io-threads 3 --io-threads-do-reads yes
    redis-benchmark -s "$work/sock" -n 1000 -c 50 -t set,get,incr,zadd -q >bench 2>&1 ||
        fail "redis-benchmark: $(tail -n 5 bench)"
    same counted 1000 "$(redis get counter:__rand_int__)"
    redis shutdown nosave
    ended 0
}

fetch() # PATH: from the server that prints its port into `out`
{
    python3 -c '
import sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:%s/%s" % tuple(sys.argv[1:])).read().decode())' \
        "$(sed -n 's/.*port \([0-9]*\).*/\1/p' out | head -n 1)" "$1"
}

real_server_python()
{
    need /usr/bin/python3 python3
    serve /usr/bin/python3 -c '
import http.server, os, threading
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(self.path.upper().encode())
        if self.path == "/end": threading.Thread(target=self.server.shutdown).start()
    def log_message(self, *a): print(a[1], a[2], flush=True)
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print("port", s.server_address[1], flush=True)
s.serve_forever()
'
    until_it grep -q port out
    same answer /HELLO "$(fetch hello)"
    local i pids=()
    for i in 1 2 3 4 5 6; do
        fetch "n$i" >"f$i" &
        pids+=($!)
    done
    wait "${pids[@]}"
    same six "/N1/N2/N3/N4/N5/N6" "$(cat f? | tr -d '\n')"
    same end /END "$(fetch end)"
    ended 0
}

real_server_node()
{
    need node nodejs
    need /usr/bin/python3 python3
    serve node -e '
const s = require("http").createServer((q, r) => {
  r.end(q.url.toUpperCase());
  if (q.url == "/end") s.close();
}).listen(0, "127.0.0.1", () => console.log("port", s.address().port));
process.on("SIGTERM", () => { console.log("term"); process.exit(5); });'
    until_it grep -q port out
    same answer /HELLO "$(fetch hello)"
    same again /AGAIN "$(fetch again)"
    kill -TERM "$(pgrep -P $server | head -n 1)"
    ended 5
}
