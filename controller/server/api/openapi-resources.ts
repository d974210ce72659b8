import { schemaOf } from '../../../definitions/schemas/index.ts';
import { type JsonObject, own } from '../../../definitions/values/json.ts';

const ADDRESS = { type: 'string', format: 'uri-reference' };
const LINK = { type: 'object', properties: { '@odata.id': ADDRESS }, required: ['@odata.id'] };
const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };

/** The schemas of what is only read: the root, machines, runs and their parts. */
export function readSchemas(): JsonObject {
  return {
    ServiceRoot: resource({ JobService: LINK, Machines: LINK, Runs: LINK }, 'Where everything begins.'),
    Machine: machine(),
    Run: run(),
    Part: part(),
    ...Object.fromEntries(['Job', 'Machine', 'Run', 'Part'].map((type) => [`${type}Collection`, collection(type)])),
  };
}

function collection(type: string): JsonObject {
  const member = { description: 'A link, or with $expand the whole.', anyOf: [LINK, reference(type)] };
  return {
    type: 'object',
    properties: {
      '@odata.id': ADDRESS,
      '@odata.type': TEXT,
      Name: TEXT,
      'Members@odata.count': { ...COUNT, description: 'All of them, whatever part was asked for.' },
      'Members@odata.nextLink': { ...ADDRESS, description: 'Where the members after these are; absent: nowhere.' },
      Members: { type: 'array', items: member },
    },
    required: ['@odata.id', '@odata.type', 'Name', 'Members@odata.count', 'Members'],
  };
}

/** What every resource has, and its own fields. */
function resource(fields: JsonObject, description: string): JsonObject {
  const properties = { '@odata.id': ADDRESS, '@odata.type': TEXT, Id: TEXT, Name: TEXT, ...fields };
  return { type: 'object', description, properties, required: ['@odata.id', '@odata.type', 'Id', 'Name'] };
}

function reference(type: string): JsonObject {
  return { $ref: `#/components/schemas/${type}` };
}

/** A machine's fields are those of its manifest; the name of its secret is not among them. */
function machine(): JsonObject {
  const manifest = own(schemaOf('machine'), 'properties') as JsonObject;
  const shown = ['Endpoint', 'Labels', 'Timeout', 'Identity', 'Managers', 'Systems', 'Chassis'];
  const day = {
    type: 'object',
    properties: { Date: { type: 'string', format: 'date' }, Succeeded: COUNT, Failed: COUNT },
  };
  const fields = {
    MachineType: manifest['Type'] ?? {},
    ...Object.fromEntries(shown.map((name) => [name, manifest[name] ?? {}])),
    Days: { type: 'array', items: day, description: 'Days (UTC) on which parts of runs ended on it.' },
    Links: {
      type: 'object',
      description: 'Only where one machine is asked for.',
      properties: { Jobs: { type: 'array', items: LINK, description: 'The jobs that reach it, as things stand.' } },
    },
  };
  return resource(fields, 'What the inventory in force says of a machine, and what became of runs on it.');
}

function run(): JsonObject {
  const nullable = { type: ['string', 'null'] };
  const fields = {
    JobID: TEXT,
    RunStatus: { type: 'string', enum: ['Running', 'Completed', 'Failed'] },
    Trigger: {
      ...nullable,
      description: 'Schedule, CatchUp or Manual; null: Git alone tells of it, and does not say.',
    },
    NominalTime: { ...nullable, description: 'The time that it was for; null: not known.' },
    StartTime: TEXT,
    EndTime: { ...nullable, description: 'null: it goes on.' },
    Action: TEXT,
    MachineCount: COUNT,
    Succeeded: COUNT,
    Failed: COUNT,
    Skipped: { ...COUNT, description: 'Parts that were never begun.' },
    Commit: { ...nullable, description: "The commit of the job's version that ran; null: not known." },
    Parts: LINK,
    Links: { type: 'object', properties: { Job: LINK }, description: 'No Job: it is not in force any more.' },
  };
  return resource(fields, 'One run of a job.');
}

function part(): JsonObject {
  const log = own(schemaOf('log'), 'properties') as JsonObject;
  const fields = {
    Action: TEXT,
    PartStatus: log['Status'] ?? {},
    Outcome: { ...TEXT, description: 'How it ended, in a word; of older runs success or failed.' },
    StartTime: TEXT,
    ExecutionTime: { ...TEXT, description: 'How long it took, in seconds: 1.234s.' },
    Result: log['Result'] ?? {},
    Error: log['Error'] ?? {},
    LogFile: { ...TEXT, description: 'Its path in the repository.' },
    Links: { type: 'object', properties: { Machine: LINK }, description: 'No Machine: it has left the inventory.' },
  };
  return resource(fields, "One machine's part of a run, as its log file tells of it.");
}
