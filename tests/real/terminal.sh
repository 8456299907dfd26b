# Programs that talk to a terminal; see lib/ptydrive.c for the scripts' language.

real_python_input()
{
    need /usr/bin/python3 python3
    pty --no-output 'expect Name?
send World\n
expect Hello, World
expect Age?
send 42\n
expect next year: 43' /usr/bin/python3 -c 'n = input("Name? "); print("Hello,", n); print("next year:", int(input("Age? ")) + 1)'
}

real_python_prompt()
{
    need /usr/bin/python3 python3
    pty --no-output 'expect >>> 
send 6*7\r
expect 42
expect >>> 
send import os; os.path.basename("/a/b")\r
expect '"'b'"'
expect >>> 
send exit(5)\r' /usr/bin/python3 -q -I
}

real_vim()
{
    need vim vim
    # The first key answers a message that vim shows where it gets no timer thread.
    pty --setup 'seq 1 50 >file' 'expect 50L
quiet 300
send \r
quiet 300
send 10Gdd
quiet 100
send Ainserted text\e
quiet 100
send :%s/5/five/g\r
quiet 200
send /44\r
quiet 100
send :w!\r
expect written
quiet 200
send :q\r' vim -u NONE -i NONE -n -N file
}

real_less()
{
    need less less
    pty --setup 'seq 1 500 >file' 'expect 23
quiet 200
send  
expect 46
quiet 200
send /333\r
expect 333
quiet 200
send G
expect 500
quiet 200
send q' less -X file
}

real_cat_terminal()
{
    pty --no-output 'quiet 300
send first line\n
expect first line\r\nfirst line
send second\n
expect second\r\nsecond
send \x04' cat
}

real_ctrl_c()
{
    pty --no-output 'quiet 500
send started\n
expect started\r\nstarted
quiet 200
send \x03' cat
}

real_ctrl_c_compute()
{
    pty --no-output 'expect ready
quiet 300
send \x03' sh -c 'echo ready; while :; do :; done'
}

real_window_size()
{
    need /usr/bin/python3 python3
    pty 'expect 24x80
resize 33 101
expect 33x101' /usr/bin/python3 -c '
import os, signal
got = []
signal.signal(signal.SIGWINCH, lambda *a: got.append(1))
print("%dx%d" % os.get_terminal_size()[::-1], flush=True)
while not got: signal.pause()
print("%dx%d" % os.get_terminal_size()[::-1])'
}
