// Shell scripts that ask `buoy __complete` for candidates.

/** `__complete` prints one line per candidate: the word, a tab, its summary. A line `:files` means file names. */
const bash = `# bash completion for buoy
_buoy() {
  local line value quoted
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
      continue
    fi
    value=\${line%%$'\\t'*}
    case "\${COMP_WORDS[COMP_CWORD]}" in
      \\"*)
        # It cannot be escaped there, and bash puts an earlier command in its place.
        if [[ $value == *!* ]]; then continue; fi
        quoted=\${value//\\\\/\\\\\\\\}
        quoted=\${quoted//\\"/\\\\\\"}
        quoted=\${quoted//\\$/\\\\\\$}
        quoted=\${quoted//\\\`/\\\\\\\`} ;;
      \\'*) quoted=\${value//\\'/\\'\\\\\\'\\'} ;;
      *) printf -v quoted %q "$value" ;;
    esac
    COMPREPLY+=("$quoted")
  done < <(buoy __complete --breaks "$COMP_WORDBREAKS" --line -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o nosort -F _buoy buoy 2>/dev/null || complete -F _buoy buoy
`;

const zsh = `#compdef buoy
# zsh completion for buoy
_buoy() {
  local line
  local -a values shown typed
  typed=("\${(@Q)words[2,CURRENT]}")
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      continue
    fi
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'?* ]]; then
      shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}")
    else
      shown+=("\${line%%$'\\t'*}")
    fi
  done < <(buoy __complete -- "\${(@)typed}" 2>/dev/null)
  (( \${#values} )) && compadd -l -V buoy -d shown -a values
}
if [[ \${funcstack[1]} == _buoy ]]; then
  _buoy "$@"
else
  # Completions in folders that others can write are left out.
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -i }
  compdef _buoy buoy
fi
`;

const fish = `# fish completion for buoy
function __buoy_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct | string unescape)
    for line in (buoy __complete -- $typed[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\\n' $line
        end
    end
end
complete -c buoy -e
complete -c buoy -f -k -a '(__buoy_complete)'
`;

export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish };
