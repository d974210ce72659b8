import { ACTIONS } from '../actions/index.ts';
import { ROOTS } from '../actions/root.ts';
import { templatesIn } from '../selection/placeholders.ts';
import { isObject, type Json, own } from '../values/json.ts';
import type { Position } from '../yaml/document.ts';
import type { PathKey } from '../yaml/tree.ts';
import { entriesOf } from './payload.ts';
import type { JobReading, Mention } from './reading.ts';

/**
 * What a job refers to and only the inventory can confirm, as far as it is well-formed: a job that is refused for
 * something else has its machines judged all the same (R01).
 */
export function mentionsOf(job: Json, position: (path: readonly PathKey[]) => Position): readonly Mention[] {
  const mentions: Mention[] = [];
  const mention = (what: Mention['what'], name: Json | undefined, manager: string, path: readonly PathKey[]) => {
    if (typeof name !== 'string') return;
    mentions.push({ what, name, manager, path, at: position(path) });
  };
  const machines = own(job, 'Machines');
  const names = Array.isArray(machines) ? machines : [];
  for (const [index, name] of names.slice(0, 1000).entries()) {
    if (names.indexOf(name) === index) mention('machine', name, '', ['Machines', index]);
  }
  if (isObject(own(job, 'MachineSelector'))) mention('selector', '', '', ['MachineSelector']);
  const action = ACTIONS.get(String(own(job, 'Action')));
  if (!action) return mentions;
  for (const [path, entry] of entriesOf(job)) {
    const { field } = ROOTS[action.root];
    const member = own(entry, field);
    mention('manager', member, '', [...path, field]);
    if (action.root === 'Managers' && typeof member !== 'string') continue;
    const manager = typeof member === 'string' ? member : '';
    if (action.target) mention('target', own(entry, action.target), manager, [...path, action.target]);
    const profile = action.inventory === 'Profiles' ? own(own(entry, 'Payload'), 'Profile') : undefined;
    mention('profile', profile, manager, [...path, 'Payload', 'Profile']);
    for (const [below, text] of templatesIn(own(entry, 'Payload') ?? null, [...path, 'Payload']))
      mention('template', text, manager, below);
  }
  return mentions;
}

/** What a document mentions, accepted or not. */
export function mentionsIn({ spec, mentions, places, payload }: JobReading): readonly Mention[] {
  if (!spec) return mentions;
  let next = 0;
  const position = (): Position => [places[next++] ?? 1, places[next++] ?? 1];
  const asWritten = payload === 'list' ? spec : { ...spec, Payload: spec.Payload[0] };
  return mentionsOf(asWritten as unknown as Json, position);
}
