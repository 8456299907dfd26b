# Clients that misbehave, vanish, or are too many.
. "$here/lib.sh"

# client WAY: client.py in the background, until `leave`. $guest is where its standard output goes.
client()
{
    need python3 python3
    mkfifo stays
    timeout 200 python3 "$here/client.py" "$port" "$1" <stays >guest 2>&1 &
    guest=$!
    exec 9>stays
    rm stays
    for _ in $(seq 600); do
        ! grep -q '^there' guest || return 0
        kill -0 $guest 2>/dev/null || break
        sleep 0.05
    done
    cat guest
    fail "the first client did not come in"
}

leave()
{
    exec 9>&-
    wait $guest || {
        cat guest
        fail "the first client: status $?"
    }
}

# alone WAY: client.py from its beginning to its end
alone()
{
    need python3 python3
    timeout 200 python3 "$here/client.py" "$port" "$1" >guest 2>&1 </dev/null || {
        cat guest
        fail "client.py $1"
    }
}

# usable: a proper client gets in and can do something
usable()
{
    debug <<'END'
break factorial
continue
backtrace
END
    expect 'factorial \(n=5\)' '#1 .*main'
}

gdb_second_client_is_refused()
{
    scratch
    record basics
    serve
    client attached
    debug <<'END'
print 1
END
    expect 'another debugger is attached to this replay'
    never 'Breakpoint'
    debug <<'END'
print 1
END
    expect 'another debugger is attached to this replay'
    leave
    usable
    ended 0
}

# A port scanner, a tunnel that has lost its other end: nobody is there, and nobody says so.
gdb_mute_client_makes_room()
{
    scratch
    record basics
    serve
    client mute
    usable
    ended 0
    leave
}

gdb_half_a_packet_makes_room()
{
    scratch
    record basics
    serve
    client half
    usable
    ended 0
    leave
}

gdb_slow_bytes_make_room()
{
    scratch
    record basics
    serve
    client slow
    usable
    ended 0
    leave
    grep -q displaced guest || fail "the slow client is still served"
}

gdb_giant_packets()
{
    scratch
    record basics
    serve
    alone giant
    usable
    ended 0
}

gdb_garbage_before_packets()
{
    scratch
    record basics
    serve
    alone garbage
    usable
    ended 0
}

# The one that comes next stands where the first began its way back, and soon.
gdb_client_dies_on_the_way_back()
{
    scratch
    record spin
    serve
    alone dies
    local pc
    pc=$(sed -n 's/^where //p' guest)
    debug <<'END'
printf "at %x\n", $pc
info breakpoints
print sink > 0
END
    expect "^at $pc\$" 'No breakpoints' '= 1'
    ended 0
}

gdb_port_is_taken()
{
    scratch
    record basics
    serve
    local status=0
    timeout 60 "$RR_LIKE" replay --goto=start --port="$port" t >out 2>&1 </dev/null || status=$?
    [ $status = 125 ] || fail "status $status instead of 125"
    expect "cannot listen on port $port of 127.0.0.1: Address already in use; another --port"
    usable
    ended 0
}
