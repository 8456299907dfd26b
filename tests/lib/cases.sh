# cases.sh - what test cases have in common. Sourced by runcase, ahead of the file with the cases.

# skip WHY: ends the test, which could not be made.
skip()
{
    echo "skipped: $*"
    exit 77
}

# need COMMAND PACKAGE: skips the test where the command is missing.
need()
{
    command -v "$1" >/dev/null || skip "$1 is not installed (Debian package $2)"
}

# fail WHAT: ends the test, and shows what the last commands said if it is in these files.
fail()
{
    local file
    echo "FAILED: $*"
    for file in commands out err; do
        [ ! -s $file ] || sed "s/^/$file: /" $file | tail -n 60
    done
    exit 1
}

# scratch: an empty directory, $work, becomes the current one; it goes with the test. A function at_end
# does what else is to be done then. No core dumps.
scratch()
{
    ulimit -c 0
    work=$(mktemp -d "${TMPDIR:-/tmp}/rr-like-test.XXXXXX") || exit 1
    owner=$BASHPID
    trap scratch_goes EXIT
    cd "$work" || exit 1
}

at_end()
{
    :
}

scratch_goes()
{
    # A background subshell that is killed right after its fork still has this trap.
    [ "$BASHPID" = "$owner" ] || return
    cd /
    at_end
    rm -rf "$work"
}
