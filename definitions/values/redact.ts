import { type Json, own } from './json.ts';

/** What nobody may read, however a BMC repeats it: as it is, URL-, HTML- or JSON-encoded, in Base64 or hex (R43). */
export interface Secrets {
  add(secret: string): void;
  /** A text without them; to be asked before anything is cut or taken out of the text. */
  scrub(text: string): string;
  /** A value without them, at any depth. */
  redact<T>(value: T): T;
}

/** Shorter ones are no secrets, and would blot out half of every text. */
const SHORTEST = 4;
/** Stands in a text where a secret was. */
export const BLOT = '[secret]';
const CONTROLS = '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u200b-\\u200f\\u2028\\u2029\\ufeff]';
const PERCENT = '%(?:25){0,4}';
const MORE = `${PERCENT}[89ab][0-9a-f]`;
const CODES = [
  `${PERCENT}(?:[0-7][0-9a-f]|[cd][0-9a-f]${MORE}|e[0-9a-f](?:${MORE}){2}|f[0-7](?:${MORE}){3})`,
  '&(?:amp;){0,4}(?:#[0-9]{1,9}|#x[0-9a-f]{1,8}|amp|lt|gt|quot|apos|nbsp);?',
  '\\\\{1,8}(?:u[0-9a-f]{4}|x[0-9a-f]{2})',
  '\\\\+',
  `${CONTROLS} {0,8}`,
];
/** Encoded characters, and what hides in the middle of a word and is not seen; with and without tags among that. */
const READINGS = [new RegExp(CODES.join('|'), 'gi'), new RegExp([...CODES, '<[^<>]{0,200}>'].join('|'), 'gi')];
/** What a text must hold for any of that to be in it. */
const PERHAPS_ENCODED = new RegExp(`[%&\\\\<]|${CONTROLS}`);
const BACKSLASH = 0x5c;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** A part of a text: where it begins, and where the next one does. */
type Range = readonly [number, number];

/** The secrets of one conversation. */
export function createSecrets(...known: readonly string[]): Secrets {
  const needles = new Set<string>();
  const add = (secret: string): void => {
    const meant = READINGS.map((codes) => decoded(secret, codes).text);
    const base64 = [Buffer.from(secret).toString('base64'), ...base64Cores(secret)];
    for (const form of [secret, secret.replaceAll('\\', ''), ...meant, ...base64, ...hexForms(secret)]) {
      if (form.length >= SHORTEST) needles.add(folded(form));
    }
  };
  const scrub = (text: string): string => {
    const plain = rangesOf(folded(text), needles);
    if (!PERHAPS_ENCODED.test(text)) return blotted(text, plain);
    const readings = text.includes('<') ? READINGS : READINGS.slice(0, 1);
    return blotted(text, [...plain, ...readings.flatMap((codes) => rangesWithin(text, codes, needles))]);
  };
  for (const secret of known) add(secret);
  return { add, scrub, redact: (value) => clean(value as Json, scrub) as typeof value };
}

/** The value itself where it holds none: nearly always. */
function clean(value: Json, scrub: (text: string) => string): Json {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const cleaned = value.map((each: Json) => clean(each, scrub));
    return cleaned.every((each, index) => each === value[index]) ? value : cleaned;
  }
  const cleaned = Object.entries(value).map(([key, inner]): [string, Json] => [key, clean(inner as Json, scrub)]);
  return cleaned.every(([key, inner]) => inner === own(value, key)) ? value : Object.fromEntries(cleaned);
}

/** A text as it is searched, of the same length: no case, the two alphabets of Base64 as one, `+` for a blank. */
function folded(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/[ _-]/g, (c) => (c === '_' ? '/' : '+'));
}

function rangesOf(haystack: string, needles: Iterable<string>): Range[] {
  const found: Range[] = [];
  for (const needle of needles) {
    for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
      found.push([at, at + needle.length]);
    }
  }
  return found;
}

/** Where secrets stand encoded, as places of the text itself. */
function rangesWithin(text: string, codes: RegExp, needles: Iterable<string>): Range[] {
  const { text: meant, starts } = decoded(text, codes);
  return rangesOf(folded(meant), needles).map(([from, to]) => [starts[from] ?? 0, starts[to] ?? text.length]);
}

/** What a text means when all that may be encoded in it is; with the place that each character comes from. */
function decoded(text: string, codes: RegExp): { readonly text: string; readonly starts: readonly number[] } {
  const starts: number[] = [];
  let meant = '';
  let copied = 0;
  const copyTo = (end: number) => {
    meant += text.slice(copied, end);
    for (; copied < end; copied += 1) starts.push(copied);
  };
  for (const { 0: code, index } of text.matchAll(codes)) {
    copyTo(index);
    const character = decode(code);
    meant += character;
    for (let unit = 0; unit < character.length; unit += 1) starts.push(index);
    copied = index + code.length;
  }
  copyTo(text.length);
  return { text: meant, starts };
}

/** The character that a code means; none for what only hides, backslashes however they come. */
function decode(code: string): string {
  if (code.startsWith('%')) return decodePercent(code);
  if (code.startsWith('&')) {
    const name = code.replace(/;$/, '').slice(1).toLowerCase();
    const last = name.slice(name.lastIndexOf(';') + 1); // behind each `amp;`, of what was encoded more than once
    if (!last.startsWith('#')) return ENTITIES[last] ?? '';
    return character(last.startsWith('#x') ? Number.parseInt(last.slice(2), 16) : Number(last.slice(1)));
  }
  const digits = code.startsWith('\\') ? code.slice(code.lastIndexOf('\\') + 2) : '';
  return digits === '' ? '' : character(Number.parseInt(digits, 16));
}

function decodePercent(code: string): string {
  if (!code.includes('%', 1)) return character(Number.parseInt(code.slice(-2), 16));
  const bytes = code.split('%').slice(1);
  const hex = bytes.map((byte) => byte.slice(-2)).join('');
  return Buffer.from(hex, 'hex').toString('utf8');
}

function character(code: number): string {
  return code <= 0x10_ff_ff && code !== BACKSLASH ? String.fromCodePoint(code) : '';
}

/** The bytes of a text in hex, as one word and as dumps set them apart. */
function hexForms(text: string): string[] {
  const bytes = [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['', ' ', ':', ', ', ' 0x', ', 0x', ',0x'].map((between) => bytes.join(between));
}

/** What of a text is the same in Base64 whatever stands before and after it: once for each way that it can begin. */
function base64Cores(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), whole);
  });
}

function blotted(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text; // nearly always
  let clear = '';
  let at = 0;
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from >= at) clear += `${text.slice(at, from)}${BLOT}`;
    at = Math.max(at, to);
  }
  return clear + text.slice(at);
}
