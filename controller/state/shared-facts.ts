// Memory: what has been parsed, until `forget`; all of it can be parsed again.
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';

/**
 * Parses the JSON of a start: the records of a journal and the readings of manifests. What they say alike (what a job
 * does and when, the conditions that most jobs are in) is parsed once and is one object; the rest is as by `JSON.parse`.
 */
export interface SharedFacts {
  record(text: string): JournalRecord;
  /** A key and the readings of a blob, as a cache has them. */
  reading(text: string): unknown;
  /** Lets go of what was shared; what was parsed keeps it. */
  forget(): void;
}

/** What stands before the parts of a text that others say alike; keys are in the order in which they are written. */
const STATUS = '{"kind":"status","path":';
const SPEC = '"documents":[{"spec":{"Name":';

/** Nothing has been parsed yet. */
export function createSharedFacts(): SharedFacts {
  const parts = new Map<string, unknown>();
  return {
    record: (text) => (text.startsWith(STATUS) && statusRecord(text, parts)) || (JSON.parse(text) as JournalRecord),
    reading: (text) => readingPair(text, parts) ?? JSON.parse(text),
    forget: () => parts.clear(),
  };
}

/**
 * A record of one job's facts; null for any other. No text of a string can be taken for a key, since its quotation
 * marks are escaped; a key of an inner object would leave braces open, and such a part is no JSON.
 */
function statusRecord(text: string, parts: Map<string, unknown>): JournalRecord | null {
  const spec = text.indexOf(',"Name":', text.indexOf('"documents":[{"Id":'));
  const rest = text.indexOf(',"Status":"', spec);
  const conditions = text.indexOf(',"Conditions":[', rest);
  const after = text.indexOf('],"LastTrigger":', conditions) + 1;
  if (spec < 0 || rest < 0 || conditions < 0 || after === 0 || text.includes('},{"Id":', after)) return null;
  try {
    const record = JSON.parse(
      `${text.slice(0, spec)}${text.slice(rest, conditions)},"Conditions":null${text.slice(after)}`,
    );
    const [{ Id, ...facts }] = record.documents;
    const said = part(`{${text.slice(spec + 1, rest)}}`, parts);
    const Conditions = part(text.slice(conditions + ',"Conditions":'.length, after), parts);
    return { ...record, documents: [{ Id, ...(said as object), ...facts, Conditions }] };
  } catch {
    return null;
  }
}

/** The readings of a blob whose first document is an accepted job; null for any other. */
function readingPair(text: string, parts: Map<string, unknown>): unknown {
  const documents = text.indexOf(SPEC);
  const end = text.indexOf('},"version":"', documents);
  if (documents < 0 || end < 0) return null;
  const spec = documents + '"documents":[{"spec":'.length;
  try {
    const [key, readings] = JSON.parse(`${text.slice(0, spec)}null${text.slice(end + 1)}`);
    readings.job.documents[0].spec = part(text.slice(spec, end + 1), parts);
    return [key, readings];
  } catch {
    return null;
  }
}

function part(text: string, parts: Map<string, unknown>): unknown {
  const known = parts.get(text);
  if (known !== undefined) return known;
  const value = JSON.parse(text) as unknown;
  parts.set(text, value);
  return value;
}
