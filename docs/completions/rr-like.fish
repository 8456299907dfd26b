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

set -l in complete -c rr-like -n

$in '__fish_seen_subcommand_from record trace' -s o -l output -r -F -d 'Write the trace to FILE'
$in '__fish_seen_subcommand_from record trace replay' -l vcpu -x -a 'auto native translated' -d 'How instructions run'
$in '__fish_seen_subcommand_from record trace' -l cpu -x -a 'host x86-64 x86-64-v2 x86-64-v3 x86-64-v4 no-avx512' -d 'Processor shown to the program'
$in '__fish_seen_subcommand_from record trace' -l max-size -x -d 'Stop writing at SIZE'
$in '__fish_seen_subcommand_from record trace' -l chaos -d 'Run threads in a provoking order'
$in '__fish_seen_subcommand_from record trace' -l cores -x -d 'Processors shown to the program'
$in '__fish_seen_subcommand_from record trace' -l timeout -x -d 'End the program after SECONDS'
$in '__fish_seen_subcommand_from record trace' -l no-cache -d 'Keep no compressed copies of mapped files'
$in '__fish_seen_subcommand_from record trace replay' -l no-sud -d 'Trap system calls by seccomp'
$in '__fish_seen_subcommand_from record trace replay' -l no-patch -d 'Never rewrite system calls'
$in '__fish_seen_subcommand_from record trace' -a '(__fish_complete_subcommand --fcs-skip=2)'

$in '__fish_seen_subcommand_from replay' -s a -l autopilot -d 'Replay to the end without a debugger'
$in '__fish_seen_subcommand_from replay' -l port -x -d 'Wait for the debugger on this port'
$in '__fish_seen_subcommand_from replay' -s v -l verbose -d 'Say so when faithful'
$in '__fish_seen_subcommand_from replay' -l progress -d 'Show progress'
$in '__fish_seen_subcommand_from replay' -l no-console -d 'Do not print what the program printed'
$in '__fish_seen_subcommand_from trace info dump' -l json -d 'JSON'
$in '__fish_seen_subcommand_from trace' -s s -l string -x -d 'Bytes of a string shown'
$in '__fish_seen_subcommand_from trace' -l events -d 'Number of the event before each line'
$in '__fish_seen_subcommand_from info' -l verify -d 'Check every frame'
$in '__fish_seen_subcommand_from dump' -l events -x -d 'Only events A-B'
$in '__fish_seen_subcommand_from dump' -l hex -d 'Bytes that came from the world'
$in '__fish_seen_subcommand_from dump' -l points -d 'Replay, and tell where events happened'

complete -c replay -s a -l autopilot -d 'Replay to the end without a debugger'
complete -c replay -l port -x -d 'Wait for the debugger on this port'
complete -c replay -s v -l verbose -d 'Say so when faithful'
complete -c replay -l vcpu -x -a 'auto native translated' -d 'How instructions run'
complete -c replay -l progress -d 'Show progress'
complete -c replay -l no-console -d 'Do not print what the program printed'
complete -c replay -s h -l help -d 'Help'
