# fish completion for rr-like and replay

set -l commands record replay trace info dump help

complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a record -d 'Run a program and leave a trace'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a replay -d 'Play a trace again'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a trace -d 'Print system calls, live or of a trace'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a info -d 'What a trace is of, and statistics'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a dump -d 'The events of a trace'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -f -a help -d 'Help'
complete -c rr-like -s h -l help -d 'Help'
complete -c rr-like -n "not __fish_seen_subcommand_from $commands" -l version -d 'Version'

complete -c rr-like -n '__fish_seen_subcommand_from record trace' -s o -l output -r -F -d 'Write the trace to FILE'
complete -c rr-like -n '__fish_seen_subcommand_from record' -l vcpu -x -a 'native translated auto' -d 'How instructions run'
complete -c rr-like -n '__fish_seen_subcommand_from record' -l cpu -x -a 'host x86-64 x86-64-v2 x86-64-v3 x86-64-v4 no-avx512' -d 'Processor shown to the program'
complete -c rr-like -n '__fish_seen_subcommand_from record' -l max-size -x -d 'Stop writing at SIZE'
complete -c rr-like -n '__fish_seen_subcommand_from record trace' -a '(__fish_complete_subcommand --fcs-skip=2)'

complete -c rr-like -n '__fish_seen_subcommand_from replay' -s a -l autopilot -d 'Replay to the end without a debugger'
complete -c rr-like -n '__fish_seen_subcommand_from replay' -l progress -d 'Show progress'
complete -c rr-like -n '__fish_seen_subcommand_from trace info dump' -l json -d 'JSON'
complete -c rr-like -n '__fish_seen_subcommand_from dump' -l events -x -d 'Only events A-B'

complete -c replay -s a -l autopilot -d 'Replay to the end without a debugger'
complete -c replay -l progress -d 'Show progress'
complete -c replay -s h -l help -d 'Help'
