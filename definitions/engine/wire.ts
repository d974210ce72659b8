import type { PayloadEntry } from '../job.ts';
import { isSecretName, MACHINE_ID_PATTERN, type Machine, type MachineID } from '../machine.ts';
import { type CutOffPart, OUTCOMES, type Outcome, type Part, type Result, type RunID, succeeded } from '../run.ts';
import { isNestedDeeper, isObject, type Json, type JsonObject, own } from '../values/json.ts';
import { readCarriedOut } from './carried-out.ts';
import { isSite, type Site } from './names.ts';

/** The version of all these messages: who reads another refuses it, and understands nothing by half. */
export const WIRE_VERSION = 1;

/** A part as it waits for a worker; it holds a reference to a secret, never one (R42). */
export interface PartMessage {
  /** With what it had `seen`, a part that a crash cut off: its worker looks at it again. */
  readonly part: Part | CutOffPart;
  readonly site: Site;
  /** Whoever takes it later lets it be: nobody waits for it any more. */
  readonly startBy: Date;
}

/** Who has claimed the start of a part: a worker, to carry it out, or a controller, so that it never begins. */
export interface StartMessage {
  readonly by: 'worker' | 'controller';
  /** Which of them; another after each start of its process. */
  readonly id: string;
}

/** The end of a part, and who says so. */
export interface ResultMessage {
  readonly result: Result;
  readonly by: 'worker' | 'controller';
  readonly id: string;
}

/** A worker's sign of life. */
export interface HereMessage {
  readonly site: Site;
  readonly id: string;
  readonly host: string;
  /** Of its program. */
  readonly version: string;
  /** Parts that it can carry out at once, and those that it does carry out. */
  readonly places: number;
  readonly busy: number;
  /** Results that have not reached the engine yet. */
  readonly outbox: number;
}

/** A part is to end: its run was told to stop. */
export interface CancelMessage {
  readonly run: RunID;
  readonly machine: MachineID;
}

/** What a part has come to, right before it sends something: it is to be on record then (R61). */
export interface SeenMessage extends CancelMessage {
  readonly seen: Result;
}

/** A part only waits, until then. */
export interface RestMessage extends SeenMessage {
  readonly until: Date;
}

/** What a text that came from elsewhere says, or why it is not read; `run` where that much of it can be told. */
export type Received<T> = { readonly message: T } | { readonly fault: string; readonly run?: RunID };

/** A worker takes no longer texts; JetStream's own limit is 1 MiB. */
const LONGEST_TEXT = 1_000_000;
const DEEPEST = 32;
const LONGEST_WORD = 512;

const ENDS: ReadonlySet<string> = new Set(OUTCOMES);

/** The text of a part that is to be published. */
export function writePart({ part, site, startBy }: PartMessage): string {
  return write({ site, startBy: startBy.toISOString(), part: part as unknown as Json });
}

/** Reads the text of a part that is to be published; whoever wrote it is not trusted. */
export function readPart(text: string): Received<PartMessage> {
  return read(text, (value) => {
    const [part, site, startBy] = [own(value, 'part'), wordOf(value, 'site'), timeOf(value, 'startBy')];
    if (!isSite(site)) throw new Unread('site is none');
    return { part: partOf(part), site, startBy };
  });
}

/** The text of a start claim, and of a renewal of a lease. */
export function writeStart(message: StartMessage): string {
  return write({ ...message });
}

/** Reads the text of a start claim, and of a renewal of a lease; whoever wrote it is not trusted. */
export function readStart(text: string): Received<StartMessage> {
  return read(text, (value) => ({ by: byOf(value), id: wordOf(value, 'id') }));
}

/** The text of a result. */
export function writeResult({ result, by, id }: ResultMessage): string {
  return write({ by, id, result: result as unknown as Json });
}

/** Reads the text of a result; whoever wrote it is not trusted. */
export function readResult(text: string, machine: MachineID): Received<ResultMessage> {
  return read(text, (value) => ({
    result: resultOf(own(value, 'result'), machine),
    by: byOf(value),
    id: wordOf(value, 'id'),
  }));
}

/** The text of a sign of life. */
export function writeHere(message: HereMessage): string {
  return write({ ...message });
}

/** Reads the text of a sign of life; whoever wrote it is not trusted. */
export function readHere(text: string): Received<HereMessage> {
  return read(text, (value) => {
    const site = wordOf(value, 'site');
    if (!isSite(site)) throw new Unread('site is none');
    return {
      site,
      id: wordOf(value, 'id'),
      host: wordOf(value, 'host'),
      version: wordOf(value, 'version'),
      places: countOf(value, 'places'),
      busy: countOf(value, 'busy'),
      outbox: countOf(value, 'outbox'),
    };
  });
}

/** The text of the request to end a part. */
export function writeCancel(message: CancelMessage): string {
  return write({ ...message });
}

/** Reads the text of the request to end a part; whoever wrote it is not trusted. */
export function readCancel(text: string): Received<CancelMessage> {
  return read(text, (value) => ({ run: wordOf(value, 'run'), machine: machineIDOf(value, 'machine') }));
}

/** The text of what a worker says before it sends. */
export function writeSeen({ run, machine, seen }: SeenMessage): string {
  return write({ run, machine, seen: seen as unknown as Json });
}

/** Reads the text of what a worker says before it sends; whoever wrote it is not trusted. */
export function readSeen(text: string): Received<SeenMessage> {
  return read(text, seenOf);
}

/** The text of what a worker says while its part waits. */
export function writeRest({ run, machine, until, seen }: RestMessage): string {
  return write({ run, machine, until: until.toISOString(), seen: seen as unknown as Json });
}

/** Reads the text of what a worker says while its part waits; whoever wrote it is not trusted. */
export function readRest(text: string): Received<RestMessage> {
  return read(text, (value) => ({ ...seenOf(value), until: timeOf(value, 'until') }));
}

function seenOf(value: JsonObject): SeenMessage {
  const machine = machineIDOf(value, 'machine');
  return { run: wordOf(value, 'run'), machine, seen: resultOf(own(value, 'seen'), machine) };
}

/** Why a text is not what it should be. */
class Unread extends Error {
  override readonly name = 'Unread';
}

function write(message: JsonObject): string {
  return JSON.stringify({ v: WIRE_VERSION, ...message });
}

function read<T>(text: string, take: (value: JsonObject) => T): Received<T> {
  if (text.length > LONGEST_TEXT) return { fault: `it is longer than ${LONGEST_TEXT} characters` };
  if (isNestedDeeper(text, DEEPEST)) return { fault: `it is nested deeper than ${DEEPEST} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'it is no JSON' };
  }
  if (!isObject(value)) return { fault: 'it is no JSON object' };
  const run = own(own(value, 'part'), 'run');
  const named = typeof run === 'string' && isWord(run) ? { run } : {};
  const version = own(value, 'v');
  if (version !== WIRE_VERSION) {
    const told = JSON.stringify(version ?? null).slice(0, 20);
    return { fault: `it is of version ${told}, and this program reads version ${WIRE_VERSION}`, ...named };
  }
  try {
    return { message: take(value) };
  } catch (error) {
    if (error instanceof Unread) return { fault: error.message, ...named };
    throw error;
  }
}

function partOf(value: Json | undefined): Part | CutOffPart {
  const payload = own(value, 'payload');
  if (!Array.isArray(payload) || !payload.every((entry) => isObject(own(entry, 'Payload')))) {
    throw new Unread('payload is no list of entries');
  }
  const identity = own(value, 'identity');
  if (identity !== undefined && !hasWords(identity)) throw new Unread('identity is none');
  const [onFailure, seen] = [own(value, 'onFailure'), own(value, 'seen')];
  if (onFailure !== undefined && onFailure !== 'Revert') throw new Unread('onFailure is not known');
  if (seen !== undefined && !isEntries(seen)) throw new Unread('seen is no list of entries');
  return {
    run: wordOf(value, 'run'),
    job: wordOf(value, 'job'),
    action: wordOf(value, 'action'),
    machine: machineOf(own(value, 'machine')),
    ...(identity !== undefined && { identity }),
    payload: payload as unknown as readonly PayloadEntry[],
    ...(onFailure !== undefined && { onFailure }),
    ...(seen !== undefined && { seen }),
  };
}

/** A machine as an executor needs it. What it may be asked for beyond that the executor judges itself. */
function machineOf(value: Json | undefined): Machine {
  const endpoint = wordOf(value, 'Endpoint');
  const isOrigin = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
  if (!isOrigin) throw new Unread('Endpoint is no origin');
  const type = own(value, 'Type');
  if (type !== 'Extend' && type !== 'Base') throw new Unread('Type is none');
  const reference = own(value, 'CredentialsRef');
  const isReference = reference === undefined || (typeof reference === 'string' && isSecretName(reference));
  if (!isReference) throw new Unread('CredentialsRef is no name of a secret');
  for (const field of ['TLS', 'Labels', 'Identity', 'Managers']) {
    const given = own(value, field);
    if (given !== undefined && !isObject(given)) throw new Unread(`${field} is no mapping`);
  }
  machineIDOf(value, 'ID');
  wordOf(value, 'Timeout');
  return value as unknown as Machine;
}

function resultOf(value: Json | undefined, machine: MachineID): Result {
  if (own(value, 'machine') !== machine) throw new Unread('the result is of another machine');
  const [outcome, entries, error] = [own(value, 'outcome'), own(value, 'entries'), own(value, 'error')];
  if (typeof outcome !== 'string' || !ENDS.has(outcome)) throw new Unread('outcome is none');
  if (!isEntries(entries)) throw new Unread('entries are no list');
  if (error !== null && typeof error !== 'string') throw new Unread('error is no text');
  if (succeeded(outcome as Outcome) !== (error === null)) throw new Unread('error and outcome contradict each other');
  const carriedOut = readCarriedOut(own(value, 'carriedOut'));
  if (carriedOut === null) throw new Unread('carriedOut is no time and duration');
  return { machine, outcome: outcome as Outcome, entries, error, ...carriedOut };
}

function isEntries(value: Json | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isObject);
}

function byOf(value: JsonObject): 'worker' | 'controller' {
  const by = own(value, 'by');
  if (by !== 'worker' && by !== 'controller') throw new Unread('by is nobody');
  return by;
}

function machineIDOf(value: Json | undefined, key: string): MachineID {
  const id = wordOf(value, key);
  if (!new RegExp(MACHINE_ID_PATTERN).test(id)) throw new Unread(`${key} is no machine's ID`);
  return id;
}

function wordOf(value: Json | undefined, key: string): string {
  const word = own(value, key);
  if (typeof word !== 'string' || !isWord(word))
    throw new Unread(`${key} is no text of 1 to ${LONGEST_WORD} characters`);
  return word;
}

function isWord(text: string): boolean {
  return text.length > 0 && text.length <= LONGEST_WORD;
}

function hasWords(value: Json): value is { readonly [key: string]: string } {
  return isObject(value) && Object.values(value).every((each) => typeof each === 'string');
}

function countOf(value: JsonObject, key: string): number {
  const count = own(value, key);
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw new Unread(`${key} is no count`);
  return count;
}

function timeOf(value: JsonObject, key: string): Date {
  const time = new Date(String(own(value, key)));
  if (Number.isNaN(time.getTime())) throw new Unread(`${key} is no time`);
  return time;
}
