import type { JobID, PayloadEntry } from '../../job.ts';
import type { RunID } from '../../run.ts';
import { isObject, type Json } from '../../values/json.ts';
import { compactTimestamp, type Timestamp } from '../../values/time.ts';
import { print } from '../../yaml/document.ts';
import type { RevertPlan } from './plan.ts';

/** A manifest that takes a run back. */
export interface RevertJob {
  /** `revert-nightly-20260310_220000` */
  readonly name: string;
  /** `jobs/revert-nightly-20260310_220000.yaml` */
  readonly file: string;
  readonly text: string;
}

/** Which run it is, and when it began. */
export interface RunToRevert {
  readonly run: RunID;
  readonly job: JobID;
  readonly start: Timestamp;
}

/** Of the job's ID: the new one is longer by a word and a time. */
const LONGEST_ID = 90;

/**
 * The jobs that take a run back, in one file, a document for all machines that get the same. They are suspended and
 * have a token: merging runs them once, at once, and their schedule never does.
 */
export function revertJob({ run, job, start }: RunToRevert, { action, groups }: RevertPlan): RevertJob {
  const stamp = compactTimestamp(new Date(start));
  const name = `revert-${job.replaceAll('.', '-').slice(0, LONGEST_ID)}-${stamp}`;
  const documents = groups.map(({ machines, payload }, index): Json => {
    const title = `Take back ${run}`.slice(0, 240);
    return {
      Name: groups.length === 1 ? title : `${title}, ${index + 1}`,
      Machines: [...machines],
      Action: action,
      Payload: payload.map((entry) => literal(entry)),
      Schedule: { Type: 'Once', Time: '00:00:00', Period: null },
      Suspend: true,
      Trigger: name.slice(-64),
    };
  });
  return { name, file: `jobs/${name}.yaml`, text: print(documents) };
}

/** An entry whose texts hold no placeholder: a brace of a BMC is a brace. */
function literal({ Payload, ...entry }: PayloadEntry): Json {
  return { ...(entry as unknown as { [key: string]: Json }), Payload: escaped(Payload) };
}

function escaped(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('{', '{{');
  if (Array.isArray(value)) return value.map((each: Json) => escaped(each));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escaped(each)]));
}
