import type { ListedCommand, ListedOption } from './command-list.ts';
import type { Output } from './report.ts';

/** The shells for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletionOptions {
  readonly shell: Shell;
  readonly commands: readonly ListedCommand[];
  readonly out: Output;
}

/** Prints what makes a shell complete commands, options and their values. @returns the exit code: 0 */
export async function completion({ shell, commands, out }: CompletionOptions): Promise<number> {
  out.write(SCRIPTS[shell](commands));
  return 0;
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly ListedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** What follows an option that takes a value: its choices, else files. */
function bashScript(commands: readonly ListedCommand[]): string {
  const cases = commands.map(({ name, options, arguments: words }) => {
    const values = options
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ long, choices }) => `      ${long}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return;;`,
      );
    const files = options
      .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
      .map(({ long }) => long);
    if (files.length > 0) values.push(`      ${files.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return;;`);
    const all = [...options.map(({ long }) => long), ...words.flatMap(({ choices }) => choices)].join(' ');
    return `    ${name})
      case "$previous" in
${values.join('\n')}
      esac
      COMPREPLY=($(compgen -W '${all}' -- "$word") $(compgen -d -- "$word"));;`;
  });
  return `# bash completion of bmcron: source <(bmcron completion bash)
_bmcron() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _bmcron bmcron
`;
}

function zshScript(commands: readonly ListedCommand[]): string {
  const list = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, arguments: words }) => {
    const specs = options.map((option) => `        ${quoted(zshOption(option))}`);
    const choices = words.flatMap((word) => word.choices);
    specs.push(`        ${quoted(choices.length > 0 ? `*:word:(${choices.join(' ')})` : '*:fleet:_files')}`);
    return `    ${name})\n      _arguments \\\n${specs.join(' \\\n')};;`;
  });
  return `#compdef bmcron
# zsh completion of bmcron: bmcron completion zsh > "\${fpath[1]}/_bmcron"
_bmcron() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _bmcron ]; then _bmcron "$@"; else compdef _bmcron bmcron; fi
`;
}

function zshOption({ long, takesValue, choices, description }: ListedOption): string {
  const help = description.replace(/[[\]:]/g, '\\$&');
  const value = !takesValue ? '' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files';
  return `${long}[${help}]${value}`;
}

function fishScript(commands: readonly ListedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, arguments: words }) => [
    `complete -c bmcron -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`,
    ...options.map((option) => `complete -c bmcron -n '__fish_seen_subcommand_from ${name}' ${fishOption(option)}`),
    ...words.flatMap(({ choices }) =>
      choices.length > 0
        ? [`complete -c bmcron -f -n '__fish_seen_subcommand_from ${name}' -a '${choices.join(' ')}'`]
        : [],
    ),
  ]);
  return `# fish completion of bmcron: bmcron completion fish > ~/.config/fish/completions/bmcron.fish\n${lines.join('\n')}\n`;
}

function fishOption({ long, takesValue, choices, description }: ListedOption): string {
  const value = !takesValue ? '' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ' -r';
  return `-l ${long.replace(/^--/, '')}${value} -d ${fishQuoted(description)}`;
}

/** In single quotes of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
