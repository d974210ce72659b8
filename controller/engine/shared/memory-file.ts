import { readFile } from 'node:fs/promises';
import type { StreamMarks } from '../../../definitions/engine/amnesia.ts';
import { isObject, own } from '../../../definitions/values/json.ts';
import { writeAtomically } from '../../state/atomic-file.ts';
import type { EngineMemory } from './shared-runs.ts';

/** What a controller remembers of its engine, in a file. Without it nobody can tell that the engine has forgotten. */
export function createMemoryFile(path: string): EngineMemory {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '{}');
      return readMarks(text);
    },
    save: (marks) => writeAtomically(path, `${JSON.stringify(marks)}\n`),
  };
}

function readMarks(text: string): StreamMarks {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return {};
    const isMark = (mark: unknown) => typeof own(mark, 'created') === 'string' && typeof own(mark, 'last') === 'number';
    return Object.fromEntries(Object.entries(value).filter(([, mark]) => isMark(mark))) as unknown as StreamMarks;
  } catch {
    return {};
  }
}
