# Damaged traces: `replay -a` never crashes and never hangs. It replays faithfully, says
# that the trace is cut, or refuses with 65 (or 3, diverged) and a message.
# RRTEST_FULL=1 tries every position instead of samples.

setup()
{
    scratch
    "$RR_LIKE" record -o good -- "$GUESTS/hello.static" one 'two words' '' >want.out 2>want.err
    local status=$?
    [ $status = 42 ] || fail "recording gave status $status: $(cat want.err)"
    sed -i '/^rr-like: /d' want.err
    size=$(stat -c %s good)
    tried=0 cut=0 refused=0 faithful=0 bad=0
}

# Replays the damaged file `t` and judges the outcome.
judge() # what was done
{
    timeout -k 1 20 "$RR_LIKE" replay -a t >out 2>err </dev/null
    local status=$?
    tried=$((tried + 1))
    case $status in
    0)
        if grep -q '^rr-like: .*cut' err; then
            cut=$((cut + 1))
            # What was printed is a beginning of what it should be.
            cmp -s -n "$(stat -c %s out)" out want.out && return
        else
            faithful=$((faithful + 1))
            cmp -s out want.out && return
        fi
        echo "$*: the output is wrong" ;;
    3 | 65)
        refused=$((refused + 1))
        grep -q '^rr-like: ' err && return
        echo "$*: status $status without a message" ;;
    124 | 137) echo "$*: hangs" ;;
    *)
        echo "$*: status $status"
        head -n 3 err ;;
    esac
    bad=$((bad + 1))
}

verdict()
{
    echo "$tried damaged traces of $size bytes: $faithful faithful, $cut cut, $refused refused, $bad bad"
    [ $bad = 0 ] || { echo "FAILED"; exit 1; }
}

step() # samples: the distance between positions
{
    if [ -n "${RRTEST_FULL:-}" ]; then
        echo 1
    else
        echo $((size / $1 + 1))
    fi
}

robust_truncated()
{
    setup
    local n
    for ((n = 0; n < size; n += $(step 150))); do
        "$DAMAGE" cut good t $n
        judge "cut to $n bytes"
    done
    for n in 1 2 3 4 7 8 12 16 20 40 64 100; do
        "$DAMAGE" cut good t $n
        judge "cut to $n bytes"
        "$DAMAGE" cut good t $((size - n))
        judge "cut by $n bytes"
    done
    verdict
    [ $cut -gt 0 ] || fail "no cut trace was recognized as cut"
}

robust_flipped_bits()
{
    setup
    local n
    for ((n = 0; n < size; n += $(step 150))); do
        "$DAMAGE" flip good t $n $((n % 8))
        judge "bit $((n % 8)) of byte $n flipped"
    done
    for ((n = 1; n <= 60; n++)); do
        "$DAMAGE" flip good t $((size - n)) $((n % 8))
        judge "bit $((n % 8)) of byte -$n flipped"
        "$DAMAGE" flip good t $n $((n % 8))
        judge "bit $((n % 8)) of byte $n flipped"
    done
    verdict
}

robust_noise()
{
    setup
    local n
    for ((n = 0; n < 60; n++)); do
        "$DAMAGE" noise good t $n
        judge "noise $n"
        "$DAMAGE" zero good t $((n * size / 60)) $((n * 50))
        judge "zeros at $((n * size / 60))"
    done
    verdict
}

robust_not_a_trace()
{
    setup
    local status kind
    : >empty
    seq 1 10000 >text
    seq 1 10000 | zstd -q >zstd
    head -c 100000 /dev/urandom >random
    mkdir directory
    for kind in empty text zstd random directory; do
        timeout 20 "$RR_LIKE" replay -a $kind >out 2>err </dev/null
        status=$?
        [ $status = 65 ] && grep -q '^rr-like: ' err || fail "replay of $kind: status $status"
    done
    timeout 20 "$RR_LIKE" replay -a missing 2>err
    status=$?
    [ $status = 66 ] && grep -q missing err || fail "missing file: status $status"
    cat good good >t
    judge "two traces in one file"
    (cat good; echo rest) >t
    judge "bytes behind the end"
    verdict
}
