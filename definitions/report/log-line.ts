import type { LogRecord } from '../run-log.ts';
import { isObject, type Json, type JsonObject } from '../values/json.ts';
import { show } from '../values/text.ts';

const TARGETS = ['ManagerID', 'SystemID', 'ChassisID', 'FanControllerID', 'FanZoneID', 'PidControllerID'];

/** What a log says that became of the fields, for people: `bmc Profile "Performance" → "PowerSaver"`. */
export function changesText({ Result: result }: Pick<LogRecord, 'Result'>): string {
  const entries = (Array.isArray(result) ? result : [result]).filter(isObject);
  return entries.map(entryText).join('; ');
}

function entryText(entry: JsonObject): string {
  const where = TARGETS.flatMap((key) => (typeof entry[key] === 'string' ? [entry[key]] : [])).join(' ');
  const fields = [...new Set(Object.keys(entry).flatMap((key) => /^(?:Old|New)(.+)$/.exec(key)?.[1] ?? []))];
  const values = fields.map((field) => fieldText(field, entry[`Old${field}`], entry[`New${field}`]));
  return [where, [...values, ...besides(entry)].join(', ')].filter((text) => text !== '').join(' ');
}

/** What was sent to get there, what waits for a reset, what else there is to say. */
function besides({ Sent, Pending, Note }: JsonObject): readonly string[] {
  const sent = Array.isArray(Sent) ? [`sent ${Sent.map(String).join(', ')}`] : [];
  const pending = isObject(Pending) ? [`${Object.keys(Pending).join(', ')} pending until a reset`] : [];
  return [...sent, ...pending, ...(typeof Note === 'string' ? [Note] : [])];
}

/** A value that was not read is a `?`. */
function fieldText(field: string, was: Json | undefined, is: Json | undefined): string {
  const text = (value: Json | undefined) => (value === undefined ? '?' : show(value));
  return text(was) === text(is) ? `${field} ${text(is)}` : `${field} ${text(was)} → ${text(is)}`;
}
