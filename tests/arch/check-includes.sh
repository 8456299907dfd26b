#!/usr/bin/env bash
# check-includes.sh TOP - who may include what (docs/ARCHITECTURE.md, rules). Each include is
# resolved to a file of the tree, so it does not matter how it is written.
set -euo pipefail
cd "$1"
status=0
seen=0

libc='assert|ctype|dirent|endian|errno|fcntl|inttypes|limits|poll|pthread|signal|std[a-z]+|string|strings|time|unistd'
libc="($libc)\.h|(sys|netinet|arpa)/[a-z_]+\.h"

# resolve FILE NAME: the file of the tree that FILE gets by #include "NAME", or NAME
# itself when there is none.
resolve() {
    local dir
    for dir in "${1%/*}" src . src/rekernel; do
        if [ -e "$dir/$2" ]; then
            realpath --relative-to=. "$dir/$2"
            return
        fi
    done
    echo "$2"
}

# All includes of the tree, once: "file line target", where the target of a system header
# keeps its brackets.
all_includes() {
    local file line kind name
    find src gdbstub -name '*.[chS]' -o -name '*.def' | sort |
        xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]' |
        sed -E 's/^([^:]*):([0-9]+):[^<"]*[<"]([^>"]*)([>"]).*/\1 \2 \4 \3/' |
        while read -r file line kind name; do
            case $kind in
            '>') echo "$file $line <$name>" ;;
            *) echo "$file $line $(resolve "$file" "$name")" ;;
            esac
        done
}

mapfile -t includes < <(all_includes)

# rule DIR only|never REGEX WHY: files below DIR include only, or never, what matches.
rule() {
    local file line target
    while read -r file line target; do
        [[ $file == "$1"/* ]] || continue
        seen=$((seen + 1))
        case $2 in
        only) [[ $target =~ ^($3)$ ]] && continue ;;
        never) [[ ! $target =~ $3 ]] && continue ;;
        esac
        echo "$file:$line: may not include $target: $4"
        status=1
    done < <(printf '%s\n' "${includes[@]}")
}
only() {
    rule "$1" only "$2" "$3"
}
never() {
    rule "$1" never "$2" "$3"
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
