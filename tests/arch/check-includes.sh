#!/usr/bin/env bash
# check-includes.sh TOP - who may include what (docs/ARCHITECTURE.md, rules). Each include is
# resolved to a file of the tree, so it does not matter how it is written.
set -euo pipefail
cd "$1"
status=0
seen=0

libc='assert|ctype|dirent|endian|errno|fcntl|inttypes|limits|poll|pthread|signal|std[a-z]+|string|strings|time|unistd'
libc="($libc)\.h|(sys|netinet|arpa)/[a-z_]+\.h"

# sources DIR: C and assembler files below it.
sources() {
    [ ! -d "$1" ] || find "$1" -name '*.[chS]' -o -name '*.def' | sort
}

# resolve FILE NAME: the file of the tree that FILE gets by #include "NAME", or NAME
# itself when there is none.
resolve() {
    local dir
    for dir in "$(dirname "$1")" src . src/rekernel; do
        if [ -e "$dir/$2" ]; then
            realpath --relative-to=. "$dir/$2"
            return
        fi
    done
    echo "$2"
}

# includes FILE: "line target" for each include; a system header keeps its brackets.
includes() {
    local line name
    grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]' "$1" |
        sed -E 's/^([0-9]+):[^<"]*[<"]([^>"]*)([>"]).*/\1 \3 \2/' |
        while read -r line kind name; do
            case $kind in
            '>') echo "$line <$name>" ;;
            *) echo "$line $(resolve "$1" "$name")" ;;
            esac
        done
}

complain() {
    echo "$1:$2: may not include $3: $4"
    status=1
}

# only DIR REGEX WHY: files below DIR include nothing but what matches.
only() {
    local file line target
    for file in $(sources "$1"); do
        while read -r line target; do
            seen=$((seen + 1))
            [[ $target =~ ^($2)$ ]] || complain "$file" "$line" "$target" "$3"
        done < <(includes "$file")
    done
}

# never DIR REGEX WHY: files below DIR include nothing that matches.
never() {
    local file line target
    for file in $(sources "$1"); do
        while read -r line target; do
            seen=$((seen + 1))
            [[ ! $target =~ $2 ]] || complain "$file" "$line" "$target" "$3"
        done < <(includes "$file")
    done
}

only src/trace-format "src/trace-format/.*|<zstd[a-z_]*\.h>|<($libc)>" \
    "the trace library knows zstd, libc and bytes"
only gdbstub "gdbstub/.*|<($libc)>" "the gdb stub knows its target interface and libc"
only src/rekernel \
    'src/rekernel/.*|src/revisor/abi\.h|<(std(int|def|bool|arg|atomic|noreturn|align)|limits)\.h>|<(asm|asm-generic|linux)/.*>' \
    "the rekernel core is freestanding and knows its platform by platform.h"
never src/recorder '^src/(replayer|cli)/' "the recorder does not depend on the replayer or on commands"
never src/replayer '^src/(recorder|cli)/' "the replayer does not depend on the recorder or on commands"
never src/revisor '^src/(recorder|replayer|cli|trace-format)/|^gdbstub/' \
    "the machine does not know who uses it"
for dir in src/rekernel src/recorder src/replayer src/cli src/trace-format gdbstub; do
    never $dir '^src/revisor/(host|kvm)/' "only the platforms know which platform runs"
done

[ $seen -gt 0 ] || { echo "no includes found below $PWD"; exit 1; }
[ $status -ne 0 ] || echo "$seen checks of includes"
exit $status
