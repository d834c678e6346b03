# Completion of patchbay(1) for bash. Commands and options are compared with `patchbay --help` by a
# test; jobs are read from the configuration, held drops and runs from `patchbay status`.

_patchbay_status() {
  patchbay status --json -c "$1" 2>/dev/null
}

_patchbay_jobs() {
  sed -nE 's/^[[:space:]]*-[[:space:]]*\{?[[:space:]]*name:[[:space:]]*["'\'']?([^"'\'',}#[:space:]]+).*/\1/p' \
    "$1" 2>/dev/null
}

_patchbay_held() {
  _patchbay_status "$1" | sed -E 's/"waiting":\[[^]]*\]//g' | grep -oE '"drop":"[^"]*"' | cut -d'"' -f4
}

_patchbay_runs() {
  _patchbay_status "$1" | grep -oE '"run":"[^"]*"' | cut -d'"' -f4
}

_patchbay() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local config=/etc/patchbay/patchbay.yaml command= options= i
  local everywhere='-c --config --json -q --quiet -v --verbose --log-format --no-color -h --help'
  local IFS=$' \t\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -c | --config) config=${COMP_WORDS[++i]} ;;
      --job | --format | --log-format | --sample | -o | --output) ((++i)) ;;
      -*) ;;
      *)
        if [[ -z $command || $command == dead-letters ]]; then
          command+=${command:+ }${COMP_WORDS[i]}
        fi
        ;;
    esac
  done
  config=${config/#\~\//$HOME/}

  COMPREPLY=()
  case $before in
    -c | --config | -o | --output) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;;
    --log-format) COMPREPLY=($(compgen -W 'text json journal' -- "$current")); return ;;
    --format) COMPREPLY=($(compgen -W 'text json html' -- "$current")); return ;;
    --job) COMPREPLY=($(compgen -W "$(_patchbay_jobs "$config")" -- "$current")); return ;;
    --sample) return ;;
  esac

  case $command in
    '') options='--version' ;;
    sync) options='--job --all -n --dry-run --offline --detailed-exitcode' ;;
    plan) options='--job --all --offline --detailed-exitcode --format -o --output' ;;
    adopt) options='--job -n --dry-run --detailed-exitcode --all' ;;
    revert) options='-n --dry-run --detailed-exitcode --all' ;;
    report) options='--format -o --output' ;;
    explain | approve | discard) options='--job' ;;
    verify) options='--job --sample --detailed-exitcode' ;;
    rehearse) options='--job -o --output' ;;
    check) options='--no-network' ;;
    'dead-letters list') options='--job' ;;
    'dead-letters retry') options='--all' ;;
    'dead-letters export') options='--job -o --output' ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options $everywhere" -- "$current"))
    return
  fi
  case $command in
    '')
      COMPREPLY=($(compgen -W 'sync plan daemon approve discard dead-letters explain status report
        verify adopt revert rehearse check' -- "$current"))
      ;;
    dead-letters) COMPREPLY=($(compgen -W 'list show retry export drop' -- "$current")) ;;
    approve | discard)
      compopt -o filenames 2>/dev/null
      IFS=$'\n'
      COMPREPLY=($(compgen -W "$(_patchbay_held "$config")" -- "$current"))
      ;;
    report | revert) COMPREPLY=($(compgen -W "$(_patchbay_runs "$config")" -- "$current")) ;;
    sync | plan | rehearse)
      compopt -o filenames 2>/dev/null
      IFS=$'\n'
      COMPREPLY=($(compgen -f -- "$current"))
      ;;
  esac
}

complete -F _patchbay patchbay
