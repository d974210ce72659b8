import type { Job, JobID } from '../../../definitions/job.ts';
import { slugOf } from '../../../definitions/manifest/job-id.ts';
import { isObject, type Json, type JsonObject, mergePatch, own } from '../../../definitions/values/json.ts';
import { parse, print } from '../../../definitions/yaml/document.ts';
import { edit, withoutDocument } from '../../../definitions/yaml/edit.ts';
import { HttpError } from '../http.ts';
import type { Base, Edit } from './manifest-writer.ts';

/** Lists that are replaced as a whole: what one element means depends on the others. */
const WHOLE = ['Payload', 'Machines'];
const SETTINGS = 'bmcron.yaml';
const LONGEST_SLUG = 100;
/** What a service writes is not written by others, here as in the manifest (R03). */
const MARKS = /^@/;

/** A new job in a file of its own, named after it. */
export function creation(body: JsonObject): (base: Base) => Promise<Edit & { readonly id: JobID }> {
  return async (base) => {
    const name = own(body, 'Name');
    const slug = typeof name === 'string' ? slugOf(name).slice(0, LONGEST_SLUG).replace(/-+$/, '') : '';
    const id = freeID(base, slug === '' ? 'job' : slug);
    return { id, files: new Map([[`jobs/${id}.yaml`, print([body])]]), subject: `Create job ${id}` };
  };
}

/** An ID that no file has; a file of several documents has all IDs that begin with its own. */
function freeID({ files }: Base, slug: string): JobID {
  const taken = new Set<string>();
  for (const path of files.keys()) {
    const stem = /^jobs\/(.+)\.(yaml|yml|json)$/.exec(path)?.[1];
    if (stem) taken.add(stem.replaceAll('/', '.').toLowerCase());
  }
  for (let copy = 1; ; copy += 1) {
    const id = copy === 1 ? slug : `${slug}-${copy}`;
    if (!taken.has(id)) return id;
  }
}

/** Fields of a job's manifest, by RFC 7396: null takes a field away. */
export function patching(job: Job, body: JsonObject): (base: Base) => Promise<Edit> {
  return async (base) => {
    const { file } = job.source;
    const { text, index } = await manifest(job, base);
    const value = parse(new TextEncoder().encode(text))[index]?.value;
    const patched = mergePatch(value, body, WHOLE) as JsonObject;
    const fields = Object.keys(body).filter((key) => !MARKS.test(key));
    const subject = `Change job ${job.id}: ${fields
      .slice(0, 8)
      .join(', ')
      .replace(/[^\w, -]/g, '?')}`;
    return { files: new Map([[file, edited(file, text, index, patched)]]), subject };
  };
}

/** A job's manifest goes; of a file with several, its document. */
export function deletion(job: Job): (base: Base) => Promise<Edit> {
  return async (base) => {
    const { file } = job.source;
    const { text, index, documents } = await manifest(job, base);
    const subject = `Delete job ${job.id}`;
    if (documents === 1) return { files: new Map([[file, null]]), subject };
    const rest = withoutDocument(text, index);
    if (rest === null) throw inGit(file, 'its documents cannot be told apart');
    if (documents > 2) return { files: new Map([[file, rest]]), subject };
    const left = otherOf(job, base, index);
    if (base.files.has(left)) throw inGit(file, `the document that would be left has no other place than ${left}`);
    return {
      files: new Map([
        [file, null],
        [left, rest],
      ]),
      subject,
    };
  };
}

/**
 * Where the only document that is left of a file goes: alone in its file it would have the file's ID, and be a new job
 * (R17); in a file that has its ID it stays the job that it is.
 */
function otherOf({ source }: Job, { files }: Base, index: number): string {
  const file = files.get(source.file);
  const documents = file && 'reading' in file && file.reading.kind === 'job' ? file.reading.documents : [];
  const name = documents[1 - index]?.name;
  if (typeof name !== 'string') throw inGit(source.file, 'the document that would be left has no Name');
  return source.file.replace(/\.(yaml|yml|json)$/, `.${slugOf(name)}.yaml`);
}

/** The size of the worker pool. */
export function resizing(size: Json): (base: Base) => Promise<Edit> {
  return async (base) => {
    const text = (await base.text(SETTINGS)) ?? '';
    const [first, second] = parse(new TextEncoder().encode(text));
    if (second) throw inGit(SETTINGS, 'it holds several documents');
    const files = (to: string) => new Map([[SETTINGS, to]]);
    const subject = `Set WorkerPoolSize to ${JSON.stringify(size).slice(0, 20)}`;
    if (!first) return { files: files(`${text}${print([{ WorkerPoolSize: size }])}`), subject };
    const value = { ...(isObject(first.value) ? first.value : {}), WorkerPoolSize: size };
    return { files: files(edited(SETTINGS, text, 0, value)), subject };
  };
}

interface Manifest {
  readonly text: string;
  readonly index: number;
  readonly documents: number;
}

/** A job's manifest as the newest commit has it, which may be another than the one in force (R21). */
async function manifest({ id, source }: Job, base: Base): Promise<Manifest> {
  const text = await base.text(source.file);
  if (text === null) throw new HttpError(409, `${source.file}, the manifest of ${id}, is not there any more`);
  const documents = parse(new TextEncoder().encode(text));
  const broken = documents.find(({ faults }) => faults.length > 0)?.faults[0];
  if (broken) throw inGit(source.file, `it is not readable as YAML: ${broken.message}`);
  const file = base.files.get(source.file);
  const same = file && 'blob' in file && file.blob === source.blob;
  if (!same && documents.length > 1) throw inGit(source.file, 'its newest version is refused');
  return { text, index: same ? source.document : 0, documents: documents.length };
}

function edited(file: string, text: string, index: number, value: JsonObject): string {
  if (file.endsWith('.json')) return `${JSON.stringify(value, null, 2)}\n`;
  const result = edit(text, index, value);
  if (result === null) throw inGit(file, 'it cannot be changed without touching what else stands there');
  return result;
}

function inGit(file: string, reason: string): HttpError {
  return new HttpError(409, `${file}: ${reason}. Nothing was changed: change it in Git`);
}
