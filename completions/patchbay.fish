# Completion of patchbay(1) for fish. Commands and options are compared with `patchbay --help` by a
# test; jobs are read from the configuration, held drops and runs from `patchbay status`.

function __patchbay_config
    set -l words (commandline -opc)
    for at in (seq (count $words))
        if contains -- $words[$at] -c --config; and test $at -lt (count $words)
            eval echo $words[(math $at + 1)]
            return
        end
    end
    echo /etc/patchbay/patchbay.yaml
end

function __patchbay_jobs
    sed -nE 's/^[[:space:]]*-[[:space:]]*\{?[[:space:]]*name:[[:space:]]*["\']?([^"\',}#[:space:]]+).*/\1/p' \
        (__patchbay_config) 2>/dev/null
end

function __patchbay_held
    patchbay status --json -c (__patchbay_config) 2>/dev/null | sed -E 's/"waiting":\[[^]]*\]//g' |
        grep -oE '"drop":"[^"]*"' | cut -d'"' -f4
end

function __patchbay_runs
    patchbay status --json -c (__patchbay_config) 2>/dev/null | grep -oE '"run":"[^"]*"' | cut -d'"' -f4
end

# The command that was typed: words that are no option and no value of one.
function __patchbay_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l command
    set -l value no
    for word in $words
        if test $value = yes
            set value no
        else if contains -- $word -c --config --job --format --log-format --sample -o --output
            set value yes
        else if not string match -q -- '-*' $word
            set -a command $word
        end
    end
    if test "$command[1]" = dead-letters
        echo $command[1..2]
    else
        echo $command[1]
    end
end

function __patchbay_is
    contains -- (__patchbay_command) $argv
end

complete -c patchbay -f
complete -c patchbay -s c -l config -r -F -d 'Configuration file'
complete -c patchbay -l json -d 'Machine-readable result'
complete -c patchbay -s q -l quiet -d 'Errors only'
complete -c patchbay -s v -l verbose -d 'More (-vv: every request)'
complete -c patchbay -l log-format -x -a 'text json journal' -d 'Format of the log'
complete -c patchbay -l no-color -d 'No colours'
complete -c patchbay -s h -l help -d Help
complete -c patchbay -n '__patchbay_is ""' -l version -d 'Print the version'

complete -c patchbay -n '__patchbay_is ""' -a sync -d 'Pick up, send what changed, until settled'
complete -c patchbay -n '__patchbay_is ""' -a plan -d 'The dry run: say what would be sent'
complete -c patchbay -n '__patchbay_is ""' -a daemon -d 'The service: watch, schedule, deliver'
complete -c patchbay -n '__patchbay_is ""' -a approve -d 'Let a held drop through'
complete -c patchbay -n '__patchbay_is ""' -a discard -d 'Put a held drop away'
complete -c patchbay -n '__patchbay_is ""' -a dead-letters -d 'What was refused, and why'
complete -c patchbay -n '__patchbay_is ""' -a explain -d 'Which file, line, run and request wrote each field'
complete -c patchbay -n '__patchbay_is ""' -a status -d 'Jobs, pending, windows, held drops, last runs'
complete -c patchbay -n '__patchbay_is ""' -a report -d 'What a run did'
complete -c patchbay -n '__patchbay_is ""' -a verify -d 'Read the API and tell what others changed'
complete -c patchbay -n '__patchbay_is ""' -a adopt -d 'Take what the API says for what is acknowledged'
complete -c patchbay -n '__patchbay_is ""' -a revert -d 'Put back what a run changed'
complete -c patchbay -n '__patchbay_is ""' -a rehearse -d 'A drop on a virtual clock'
complete -c patchbay -n '__patchbay_is ""' -a check -d 'Test configuration, folders, TLS, token, clock'
complete -c patchbay -n '__patchbay_is dead-letters' -a list -d 'One line each'
complete -c patchbay -n '__patchbay_is dead-letters' -a show -d 'Everything about one customer\'s'
complete -c patchbay -n '__patchbay_is dead-letters' -a retry -d 'Try again at the next pass'
complete -c patchbay -n '__patchbay_is dead-letters' -a export -d 'All of them as CSV'
complete -c patchbay -n '__patchbay_is dead-letters' -a drop -d 'Waive the refused values'

complete -c patchbay -n '__patchbay_is sync plan approve discard adopt explain verify rehearse "dead-letters list" "dead-letters export"' -l job -x -a '(__patchbay_jobs)' -d 'Only this job'
complete -c patchbay -n '__patchbay_is sync plan adopt revert' -l all -d 'List every one'
complete -c patchbay -n '__patchbay_is "dead-letters retry"' -l all -d 'All of them'
complete -c patchbay -n '__patchbay_is sync adopt revert' -s n -l dry-run -d 'Send nothing'
complete -c patchbay -n '__patchbay_is sync plan' -l offline -d 'Do not look up customers never seen'
complete -c patchbay -n '__patchbay_is sync plan adopt revert verify' -l detailed-exitcode -d '2 when there is something'
complete -c patchbay -n '__patchbay_is plan report' -l format -x -a 'text json html' -d 'How it is written'
complete -c patchbay -n '__patchbay_is plan report rehearse "dead-letters export"' -s o -l output -r -F -d 'Write to this file'
complete -c patchbay -n '__patchbay_is verify' -l sample -x -d 'A share such as 5%'
complete -c patchbay -n '__patchbay_is check' -l no-network -d 'Only what can be tested here'
complete -c patchbay -n '__patchbay_is sync plan rehearse' -F
complete -c patchbay -n '__patchbay_is approve discard' -a '(__patchbay_held)' -d 'Held drop'
complete -c patchbay -n '__patchbay_is report revert' -a '(__patchbay_runs)' -d Run
