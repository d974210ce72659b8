import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { answerFailure } from './answer-failure.ts';
import { type Context, withRetries } from './conversation.ts';
import { Failure, oneLine } from './failure.ts';
import type { Quirks } from './quirks.ts';
import type { Session } from './session.ts';

/** A resource as read, with the ETag that was sent with it. */
export interface Resource {
  readonly path: string;
  readonly body: JsonObject;
  readonly etag: string | undefined;
}

const MAX_PAGES = 50;
const MAX_MEMBERS = 1000;
const STARTING_PAUSE_MS = 2_000;
const MAX_NAMES = 20;

/** Reads a resource; only a 200 with an object is state, a 500 never is, whatever it carries. */
export async function readResource(session: Session, context: Context, path: string): Promise<Resource> {
  return await withRetries(context, async () => {
    const answer = await session.send('GET', path);
    if (answer.status !== 200 || !isObject(answer.body)) throw answerFailure(answer, 'GET', path, context.clock.now());
    return {
      path: answer.path,
      body: answer.body,
      etag: answer.header('etag') ?? textOf(own(answer.body, '@odata.etag')),
    };
  });
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The manager of an ID, found by following links; waits while it is starting. */
export async function findManager(session: Session, context: Context, quirks: Quirks, id: string): Promise<Resource> {
  const known = quirks.managers.get(id);
  const found = known === undefined ? undefined : await readIfThere(session, context, known);
  if (known !== undefined && !found) quirks.managers.delete(id);
  const right = found && idOf(found) === id ? found : await discover(session, context, id);
  quirks.managers.set(id, right.path);
  return await waitUntilStarted(session, context, right);
}

/** All managers of a BMC, in its order; those that answer 404 are ghosts and left out. */
export async function listManagers(session: Session, context: Context): Promise<Resource[]> {
  const managers: Resource[] = [];
  for (const path of await memberPaths(session, context)) {
    const manager = await readIfThere(session, context, path);
    if (manager) managers.push(manager);
  }
  return managers;
}

/** The ID of a manager: its own word, else the end of its path. */
export function idOf({ body, path }: Resource): string {
  return textOf(own(body, 'Id')) ?? lastSegment(path);
}

async function discover(session: Session, context: Context, id: string): Promise<Resource> {
  const paths = await memberPaths(session, context);
  const likely = paths.filter((path) => lastSegment(path) === id);
  const seen: string[] = [];
  for (const path of [...likely, ...paths.filter((path) => !likely.includes(path))]) {
    const manager = await readIfThere(session, context, path);
    if (manager && idOf(manager) === id) return manager;
    if (manager) seen.push(idOf(manager));
  }
  const have = seen.length > 0 ? `it has ${listed(seen)}` : 'it has none';
  throw new Failure('Unsupported', 'permanent', `no such manager; ${have}`);
}

/** Names as one bounded list for people. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => oneLine(name, 100));
  return shown.join(', ') + (names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '');
}

function lastSegment(path: string): string {
  const segment = path.replace(/\/$/, '').split('/').at(-1)?.split('?')[0] ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function readIfThere(session: Session, context: Context, path: string): Promise<Resource | undefined> {
  try {
    return await readResource(session, context, path);
  } catch (error) {
    if (error instanceof Failure && (error.details.status === 404 || error.details.status === 410)) return undefined;
    throw error;
  }
}

/** The paths of the managers, over all pages, each once; a page that comes again ends it. */
async function memberPaths(session: Session, context: Context): Promise<string[]> {
  const start = referenceOf(own(session.root, 'Managers') ?? own(own(session.root, 'Links'), 'Managers'));
  if (start === undefined) throw new Failure('Unsupported', 'permanent', 'its service root has no Managers');
  const paths = new Set<string>();
  const pages = new Set<string>();
  let next: string | undefined = session.resolve(start);
  while (next !== undefined && !pages.has(next) && pages.size < MAX_PAGES && paths.size < MAX_MEMBERS) {
    pages.add(next);
    const { body, path }: Resource = await readResource(session, context, next);
    const members = own(body, 'Members');
    for (const member of Array.isArray(members) ? members : []) {
      const reference = referenceOf(member);
      if (reference !== undefined) paths.add(session.resolve(reference, path));
    }
    const more = referenceOf(own(body, 'Members@odata.nextLink') ?? own(body, '@odata.nextLink'));
    next = more === undefined ? undefined : session.resolve(more, path);
  }
  return [...paths];
}

function referenceOf(value: Json | undefined): string | undefined {
  return textOf(value) ?? textOf(own(value, '@odata.id')) ?? textOf(own(value, 'href'));
}

/** Values of a manager that is still starting are not yet its own. */
async function waitUntilStarted(session: Session, context: Context, first: Resource): Promise<Resource> {
  let manager = first;
  while (own(own(manager.body, 'Status'), 'State') === 'Starting') {
    const until = after(context.clock, STARTING_PAUSE_MS);
    if (until > context.deadline) throw new Failure('NotApplied', 'transient', 'it is still starting');
    await context.clock.sleep(until, context.signal);
    manager = await readResource(session, context, manager.path);
  }
  return manager;
}
