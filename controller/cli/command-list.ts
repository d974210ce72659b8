import type { Argument, Command, Option } from 'commander';

/** An option as help, completion and documents know it. */
export interface ListedOption {
  /** `--format <format>` */
  readonly flags: string;
  /** `--format`; what is shorter is not offered. */
  readonly long: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly description: string;
  /** Null where there is none to speak of. */
  readonly fallback: string | null;
}

export interface ListedArgument {
  readonly name: string;
  readonly description: string;
  readonly choices: readonly string[];
}

/** A command with everything that its help says. */
export interface ListedCommand {
  readonly name: string;
  readonly description: string;
  /** `[options] [words...]` */
  readonly usage: string;
  readonly arguments: readonly ListedArgument[];
  readonly options: readonly ListedOption[];
  /** A command line that somebody would type. */
  readonly example: string;
}

/** The commands of the program, in the order in which `--help` lists them. */
export function listCommands(program: Command): readonly ListedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    usage: command.usage(),
    arguments: command.registeredArguments.map(listArgument),
    options: command.options.filter(({ hidden }) => !hidden).map(listOption),
    example: exampleOf(command),
  }));
}

function listArgument(argument: Argument): ListedArgument {
  return { name: argument.name(), description: argument.description, choices: argument.argChoices ?? [] };
}

function listOption(option: Option): ListedOption {
  const { flags, long, argChoices, description, defaultValue, defaultValueDescription } = option;
  const takesValue = option.required || option.optional;
  const value = defaultValueDescription ?? defaultValue;
  const fallback = takesValue && ['string', 'number'].includes(typeof value) ? String(value) : null;
  return { flags, long: long ?? flags, takesValue, choices: argChoices ?? [], description, fallback };
}

/** Help texts end with one: `Example: bmcron next --count 3`. */
function exampleOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return /^Example: (.+)$/m.exec(text)?.[1] ?? '';
}
