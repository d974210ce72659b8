import { ACTIONS } from '../../actions/index.ts';
import type { JobSpec } from '../../job.ts';
import type { Machine } from '../../machine.ts';
import { filled, hasPlaceholders, payloadFor } from '../../selection/placeholders.ts';
import type { Json } from '../../values/json.ts';
import { counted, some } from '../../values/text.ts';
import { pathText } from '../../yaml/tree.ts';
import type { Finding, Mention } from '../reading.ts';
import { entryStructure } from '../structure.ts';

/** How many machines a problem names, and how many problems of one text are told. */
const MOST_NAMED = 10;

/** Judges texts with placeholders: each machine has what they stand for (S12), the schema takes the result (S11). */
export function judgeTemplates(
  spec: JobSpec,
  reached: readonly Machine[],
  mentions: readonly Mention[],
): readonly Finding[] {
  if (!hasPlaceholders(spec.Payload)) return [];
  const templates = mentions.filter(({ what }) => what === 'template');
  const places = new Map(templates.map((mention) => [pathText(mention.path), mention]));
  return [...templates.flatMap((each) => missingIn(each, reached)), ...refusedIn(spec, reached, places)];
}

function missingIn(template: Mention, reached: readonly Machine[]): readonly Finding[] {
  const without = new Map<string, string[]>();
  for (const machine of reached) {
    const result = filled(template.name, machine);
    for (const placeholder of 'missing' in result ? new Set(result.missing) : [])
      without.set(placeholder, [...(without.get(placeholder) ?? []), machine.ID]);
  }
  return [...without].map(([placeholder, ids]) => {
    const what = placeholder === '{Machine.Name}' ? 'Name' : `label ${placeholder.slice('{Labels.'.length, -1)}`;
    const have = ids.length === 1 ? 'has' : 'have';
    const message = `${some(ids, MOST_NAMED)} ${have} no ${what} for ${placeholder}: add it, or leave the machine out`;
    return problem(template, message);
  });
}

/** What the schema says of the texts as they are on each machine; the same of many machines once. */
function refusedIn(
  { Action, Payload }: JobSpec,
  reached: readonly Machine[],
  places: ReadonlyMap<string, Mention>,
): readonly Finding[] {
  const action = ACTIONS.get(Action);
  const found = new Map<string, { readonly place: Mention; readonly message: string; readonly ids: string[] }>();
  for (const machine of action ? reached : []) {
    const entries = payloadFor(Payload, machine) ?? [];
    for (const [index, entry] of entries.entries()) {
      if (!action || entry.Payload === Payload[index]?.Payload) continue;
      for (const { path, message } of entryStructure(action, [], entry as unknown as Json, () => null)) {
        const place = places.get(pathText(['Payload', index, ...path])) ?? places.get(pathText(['Payload', ...path]));
        if (!place) continue; // no text with placeholders: it was judged as it is written
        const known = found.get(`${pathText(place.path)} ${message}`);
        if (known) known.ids.push(machine.ID);
        else found.set(`${pathText(place.path)} ${message}`, { place, message, ids: [machine.ID] });
      }
    }
  }
  const all = [...found.values()];
  const told = all
    .slice(0, MOST_NAMED)
    .map(({ place, message, ids }) => problem(place, `for ${some(ids)}: ${message}`));
  const [last] = told.slice(-1);
  if (!last || all.length <= MOST_NAMED) return told;
  return [...told, { ...last, message: `and ${counted(all.length - MOST_NAMED, 'more problem')} of such texts` }];
}

function problem({ path, at }: Mention, message: string): Finding {
  const place = { line: at[0], column: at[1], path: pathText(path) };
  return { ...place, stage: 'payload', rule: 'R49', message, severity: 'error' };
}
