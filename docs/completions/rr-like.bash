# bash completion for rr-like and replay                    -*- shell-script -*-

# Index in COMP_WORDS of the first word that is no option, from $1 on; nothing if there is none.
_rr_like_operand() {
    local i
    for ((i = $1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --)
            echo $((i + 1))
            return
            ;;
        -o | --output | --vcpu | --cpu | --max-size | --port | --cores | --timeout | --at | --goto | -x | --command | --thread | --limit | -s | --string) ((i++)) ;;
        = | -*) [[ ${COMP_WORDS[i + 1]-} != = ]] || ((i += 2)) ;;
        *)
            echo "$i"
            return
            ;;
        esac
    done
}

_rr_like_values() {
    case $1 in
    --vcpu) mapfile -t COMPREPLY < <(compgen -W "native translated auto" -- "$2") ;;
    --cpu) mapfile -t COMPREPLY < <(compgen -W "host x86-64 x86-64-v2 x86-64-v3 x86-64-v4 no-avx512" -- "$2") ;;
    -o | --output | -x | --command) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    --at | --goto) mapfile -t COMPREPLY < <(compgen -W "end start" -- "$2") ;;
    --max-size | --port | --chaos | --cores | --timeout | --thread | --limit | -s | --string) COMPREPLY=() ;;
    *) return 1 ;;
    esac
}

_rr_like_options() {
    case $1 in
    record) echo "--output --vcpu --cpu --max-size --chaos --cores --timeout --no-cache --no-sud --no-patch --help" ;;
    replay) echo "--autopilot --gdb --command --goto --at-failure --port --verbose --vcpu --progress --no-console --no-sud --no-patch --help" ;;
    trace)
        echo "--json --output --string --events --vcpu --cpu --max-size --chaos --cores --timeout --no-cache --no-sud --no-patch --help"
         ;;
    info) echo "--json --verify --help" ;;
    dump) echo "--json --events --hex --points --help" ;;
    backtrace) echo "--at --thread --limit --json --help" ;;
    *) echo "--help --version" ;;
    esac
}

# A program and its arguments, completed as the shell itself does.
_rr_like_program() {
    local first=$1
    if ((COMP_CWORD == first)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$2"; compgen -f -- "$2")
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$first"
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
    fi
}

_rr_like() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=replay start=1 first
    if [[ ${COMP_WORDS[0]##*/} != replay ]]; then
        command=${COMP_WORDS[1]-} start=2
        if ((COMP_CWORD == 1)); then
            mapfile -t COMPREPLY < <(compgen -W "record replay trace info dump backtrace help --help --version" -- "$cur")
            return
        fi
    fi
    # "--vcpu=na" arrives as three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    first=$(_rr_like_operand $start)
    if [[ -z $first ]] && _rr_like_values "$prev" "$cur"; then
        return
    fi
    if [[ -z $first && $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_rr_like_options "$command")" -- "$cur")
        return
    fi
    case $command in
    record | trace) _rr_like_program "${first:-$COMP_CWORD}" "$cur" ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    esac
}

complete -o filenames -F _rr_like rr-like replay
