#compdef patchbay
# Completion of patchbay(1) for zsh. Commands and options are compared with `patchbay --help` by a
# test; jobs are read from the configuration, held drops and runs from `patchbay status`.

_patchbay_config() {
  local at=${typed[(I)-c|--config]}
  local file=/etc/patchbay/patchbay.yaml
  (( at )) && file=${~typed[at + 1]}
  print -r -- $file
}

_patchbay_jobs() {
  local -a names
  names=(${(f)"$(sed -nE 's/^[[:space:]]*-[[:space:]]*\{?[[:space:]]*name:[[:space:]]*["'\'']?([^"'\'',}#[:space:]]+).*/\1/p' \
    "$(_patchbay_config)" 2>/dev/null)"})
  compadd -a names
}

_patchbay_held() {
  local -a names
  names=(${(f)"$(patchbay status --json -c "$(_patchbay_config)" 2>/dev/null |
    sed -E 's/"waiting":\[[^]]*\]//g' | grep -oE '"drop":"[^"]*"' | cut -d'"' -f4)"})
  compadd -a names
}

_patchbay_runs() {
  local -a names
  names=(${(f)"$(patchbay status --json -c "$(_patchbay_config)" 2>/dev/null |
    grep -oE '"run":"[^"]*"' | cut -d'"' -f4)"})
  compadd -a names
}

_patchbay_letters() {
  local -a actions=(
    'list:one line each'
    "show:everything about one customer's"
    'retry:try again at the next pass'
    'export:all of them as CSV'
    'drop:waive the refused values'
  )
  _arguments -C $everywhere '(-)1: :->action' '(-)*:: :->rest'
  case $state in
    action) _describe action actions ;;
    rest)
      case $words[1] in
        list) _arguments $everywhere $job ;;
        show | drop) _arguments $everywhere '*:key:' ;;
        retry) _arguments $everywhere '--all[all of them]' '*:key:' ;;
        export) _arguments $everywhere $job $output ;;
      esac
      ;;
  esac
}

_patchbay() {
  local curcontext=$curcontext state line
  local -a typed=($words)
  local -a commands=(
    'sync:pick up, send what changed, until settled'
    'plan:the dry run: say what would be sent'
    'daemon:the service: watch, schedule, deliver'
    'approve:let a held drop through'
    'discard:put a held drop away'
    'dead-letters:what was refused, and why'
    'explain:which file, line, run and request wrote each field'
    'status:jobs, pending, windows, held drops, last runs'
    'report:what a run did'
    'verify:read the API and tell what others changed'
    'adopt:take what the API says for what is acknowledged'
    'revert:put back what a run changed'
    "rehearse:tonight's drop on a virtual clock"
    'check:test configuration, folders, TLS, token, clock'
  )
  local -a everywhere=(
    '(-c --config)'{-c,--config}'[configuration file]:file:_files'
    '--json[machine-readable result]'
    '(-q --quiet)'{-q,--quiet}'[errors only]'
    '*'{-v,--verbose}'[more]'
    '--log-format[format of the log]:format:(text json journal)'
    '--no-color[no colours]'
    '(-h --help)'{-h,--help}'[help]'
  )
  local -a job=('--job[only this job]:job:_patchbay_jobs')
  local -a output=('(-o --output)'{-o,--output}'[write to this file]:file:_files')
  local -a format=('--format[how it is written]:format:(text json html)')
  local -a dry=('(-n --dry-run)'{-n,--dry-run}'[send nothing]')
  local -a exits=('--detailed-exitcode[2 when there is something]')
  local -a all=('--all[list every one]')
  local -a offline=('--offline[do not look up customers never seen]')

  _arguments -C $everywhere '--version[print the version]' '(-)1: :->command' '(-)*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
        sync) _arguments $everywhere $job $all $dry $offline $exits ':drop:_files' ;;
        plan) _arguments $everywhere $job $all $offline $exits $format $output ':drop:_files' ;;
        approve | discard) _arguments $everywhere $job '*:drop:_patchbay_held' ;;
        dead-letters) _patchbay_letters ;;
        explain) _arguments $everywhere $job ':customer:' ;;
        report) _arguments $everywhere $format $output ':run:_patchbay_runs' ;;
        verify) _arguments $everywhere $job '--sample[a share such as 5%]:share:' $exits ;;
        adopt) _arguments $everywhere $job $dry $exits $all ;;
        revert) _arguments $everywhere $dry $exits $all ':run:_patchbay_runs' ;;
        rehearse) _arguments $everywhere $job $output ':drop:_files' ;;
        check) _arguments $everywhere '--no-network[only what can be tested here]' ;;
        *) _arguments $everywhere ;;
      esac
      ;;
  esac
}

_patchbay "$@"
