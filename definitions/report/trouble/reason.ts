/** Characters. */
const LONGEST = 120;
const CLASS = /^(transient|permanent): /;
/** What an address is told with: `TLS to https://… refused`. */
const ADDRESSES = /(?:\b(?:to|of|at|from) )?\bhttps?:\/\/[^\s,;()"]*[^\s,;()":.](?:: |\b)/g;
const HOSTS = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g;
/** Dates, identifiers, long numbers: what no two machines share. Statuses and limits have three digits and stay. */
const UNIQUE =
  /\b\d{4}-\d\d-\d\dT[\d:.]+Z?|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=\w*\d)[0-9a-f]{8,}\b|\b\d{4,}\b/gi;

/** Why something failed, in the words that it shares with the same failure of other machines. */
export interface FailureReason {
  /** One line, at most 120 characters: `connection refused`. */
  readonly text: string;
  /** Whether it is worth trying again; null where the error does not say so. */
  readonly class: 'transient' | 'permanent' | null;
}

/** The reason that an error gives: without its class, the machine's own names and what is of this moment only. */
export function reasonOf(error: string, machine: string): FailureReason {
  const [head, kind] = CLASS.exec(error) ?? [''];
  const text = error
    .slice(head.length)
    .replace(ADDRESSES, '')
    .replace(HOSTS, '…')
    .replace(UNIQUE, '…')
    .split(/(?<![\w.-])/u)
    .map((word) => (isNamed(word, machine) ? `…${word.slice(machine.length)}` : word))
    .join('')
    .replace(/\s+/g, ' ')
    .replace(/^[\s:,;]+|[\s:,;]+$/g, '');
  const chars = [...(text === '' ? error : text)];
  return {
    text: chars.length > LONGEST ? `${chars.slice(0, LONGEST - 1).join('')}…` : chars.join(''),
    class: kind === 'transient' || kind === 'permanent' ? kind : null,
  };
}

/** Whether a word is the machine's ID, and not one that begins with it. */
function isNamed(word: string, machine: string): boolean {
  return word.startsWith(machine) && !/^[\w-]/.test(word.slice(machine.length));
}
