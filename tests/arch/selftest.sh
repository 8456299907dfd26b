#!/usr/bin/env bash
# selftest.sh CC - the checkers of this directory find what they look for: each one gets a small
# tree or object that breaks its rule and must fail, then one that does not.
set -euo pipefail
cc=$1
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# what: the case, for messages. sign: what the complaint must mention.
what='' sign=''

must_fail() {
    if bash "$here/$1" "${@:2}" >out 2>&1; then
        echo "$1 did not notice: $what"
        exit 1
    fi
    grep -q "$sign" out || { echo "$1 failed for another reason ($what):"; cat out; exit 1; }
}
must_pass() {
    bash "$here/$1" "${@:2}" >out 2>&1 || { echo "$1 complains of nothing ($what):"; cat out; exit 1; }
}
object() {
    "$cc" -O1 -c -ffreestanding -fno-stack-protector -o "$1.o" -x c -
}

printf '%s\n' '/* outside(); */ int plat_ask(int); // outside()' '/* asks' ' * outside(1) */' >platform.h
object good <<<'int plat_ask(int); int f(int a) { return plat_ask(a) + 1; }'
object bad <<<'int outside(int); int f(int a) { return outside(a) + 1; }'
what="an undefined symbol that only a comment names" sign=outside must_fail check-symbols.sh platform.h good.o bad.o
what="a symbol of the platform" must_pass check-symbols.sh platform.h good.o

object vector <<<'double f(double a, double b) { return a * b; }'
object x87 <<<'void f(void) { __asm__ volatile("fldz; fstp %st(0)"); }'
object whole <<<'void f(void *p) { __asm__ volatile("fxsave (%0); fxrstor (%0)" : : "r"(p) : "memory"); }'
what="an SSE register" sign=xmm must_fail check-registers.sh vector.o
what="an x87 instruction" sign=fldz must_fail check-registers.sh x87.o
what="saving the state as a whole" must_pass check-registers.sh whole.o

mkdir -p src/trace-format src/recorder src/replayer src/rekernel src/revisor/host gdbstub
touch src/replayer/replay.h src/revisor/abi.h src/revisor/host/host.h
includes() {
    what="$2 in $1" sign="$1" must_fail check-includes.sh .
    rm "$1"
}
echo '#include "../replayer/replay.h"' >src/recorder/a.c && includes src/recorder/a.c "the replayer"
echo '#include "replayer/replay.h"' >src/recorder/a.c && includes src/recorder/a.c "the replayer by another way"
echo '#include <capstone/capstone.h>' >src/trace-format/a.c && includes src/trace-format/a.c capstone
echo '#include "revisor/abi.h"' >gdbstub/a.c && includes gdbstub/a.c "the machine"
echo '  # include <stdio.h>' >src/rekernel/a.c && includes src/rekernel/a.c stdio
echo '#include "revisor/host/host.h"' >src/recorder/a.c && includes src/recorder/a.c "a platform"
echo '#include <stdint.h>' >src/rekernel/a.c
what="a freestanding header" must_pass check-includes.sh .

mkdir tree && echo 'see /'home/someone/notes >tree/a
what="a home directory" sign=someone must_fail check-paths.sh tree
echo 'see docs/notes' >tree/a
what="a relative path" must_pass check-paths.sh tree

archive() {
    object "$1"
    ar rc "lib$1.a" "$1.o"
}
archive one <<<'int two(void); int one(void) { return two(); }'
archive two <<<'int two(void) { return 2; }'
archive three <<<'int three(void) { return 3; }'
what="a use of the other library" sign="two" must_fail check-links.sh libone.a libtwo.a
what="two independent libraries" must_pass check-links.sh libtwo.a libthree.a
echo "each checker notices what it is for"
