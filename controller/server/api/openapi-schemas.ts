import { schemaOf } from '../../../definitions/schemas/index.ts';
import { isObject, type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { readSchemas } from './openapi-resources.ts';

const ADDRESS = { type: 'string', format: 'uri-reference' };

/** The schemas that the operations name: those of manifests and status files, and what Redfish puts around them. */
export function schemas(): JsonObject {
  const { own: manifest, shared: manifestShared } = hoisted('job', 'Manifest');
  const { own: status, shared: statusShared } = hoisted('status', 'Status');
  const fields = (own(manifest, 'properties') ?? {}) as JsonObject;
  return {
    ...manifestShared,
    ...statusShared,
    ...byAction(manifest),
    JobPatch: jobPatch(fields),
    Job: {
      ...status,
      additionalProperties: true,
      description: 'What its status file says, and where its manifest is.',
    },
    ...readSchemas(),
    ...jobService(),
    TriggerParameters: {
      type: 'object',
      properties: { Token: fields['Trigger'] ?? { type: 'string' } },
      additionalProperties: false,
    },
    RedfishError: REDFISH_ERROR,
  };
}

/**
 * A manifest as one of several, one an action: what the schema of the file says by `if` and `then`, in the words that
 * generators of clients and of tests understand.
 */
function byAction({ allOf = [], properties, title: _title, description = '', ...rest }: JsonObject): JsonObject {
  const conditions = allOf as readonly JsonObject[];
  const fields = properties as JsonObject;
  const { examples: _ofAnother, ...entries } = fields['Payload'] as JsonObject;
  const others = conditions.filter((each) => actionOf(each) === null);
  const variants = conditions.flatMap((each): [action: string, schema: JsonObject][] => {
    const action = actionOf(each);
    if (action === null) return [];
    const payload = ['then', 'properties', 'Payload'].reduce<Json | undefined>(own, each) as JsonObject;
    const narrowed = { ...fields, Action: { const: action }, Payload: { ...entries, ...payload } };
    return [[action, { ...rest, properties: narrowed, ...(others.length > 0 && { allOf: others }) }]];
  });
  const mapping = Object.fromEntries(variants.map(([action]) => [action, `#/components/schemas/${action}Job`]));
  return {
    ...Object.fromEntries(variants.map(([action, schema]) => [`${action}Job`, schema])),
    JobManifest: {
      description,
      oneOf: Object.values(mapping).map(($ref) => ({ $ref })),
      discriminator: { propertyName: 'Action', mapping },
    },
  };
}

/** The action of which a condition says what its payload is; null where it is about something else. */
function actionOf(condition: JsonObject): string | null {
  const action = ['if', 'properties', 'Action', 'const'].reduce<Json | undefined>(own, condition);
  return typeof action === 'string' ? action : null;
}

/** The fields of a manifest, each of which may be null: that takes it away (RFC 7396). */
function jobPatch(fields: JsonObject): JsonObject {
  const nullable = Object.entries(fields).map(([name, field]) => [
    name,
    { anyOf: [looser(field as JsonObject), { type: 'null' }] },
  ]);
  return { type: 'object', properties: Object.fromEntries(nullable), additionalProperties: false };
}

/** The service, and the two shapes in which a PATCH may name the size of its worker pool. */
function jobService(): JsonObject {
  const size = own(own(schemaOf('settings'), 'properties'), 'WorkerPoolSize') ?? {};
  const pool = {
    type: 'object',
    properties: { WorkerPoolSize: size },
    required: ['WorkerPoolSize'],
    additionalProperties: false,
  };
  const capacity = ['ActiveWorkers', 'AvailableWorkers', 'TotalJobs', 'RunningJobs', 'WaitingJobs'].map((name) => [
    name,
    { type: 'integer', minimum: 0 },
  ]);
  return {
    JobService: {
      type: 'object',
      properties: {
        '@odata.id': ADDRESS,
        ServiceCapabilities: { type: 'object', properties: { WorkerPoolSize: size, ...Object.fromEntries(capacity) } },
      },
    },
    JobServicePatch: {
      anyOf: [
        pool,
        {
          type: 'object',
          properties: { ServiceCapabilities: pool },
          required: ['ServiceCapabilities'],
          additionalProperties: false,
        },
      ],
    },
  };
}

const REDFISH_ERROR: JsonObject = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        '@Message.ExtendedInfo': { type: 'array', items: { type: 'object' } },
      },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
};

/** A schema, and its own definitions as components beside it: references begin at the document's root. */
function hoisted(kind: 'job' | 'status', prefix: string): { readonly own: JsonObject; readonly shared: JsonObject } {
  const text = JSON.stringify(schemaOf(kind)).replaceAll('"#/$defs/', `"#/components/schemas/${prefix}`);
  const { $schema: _dialect, $id: _name, $defs = {}, ...own } = partial(JSON.parse(text) as JsonObject) as JsonObject;
  const shared = Object.entries($defs as JsonObject).map(([name, schema]) => [prefix + name, schema]);
  return { own, shared: Object.fromEntries(shared) };
}

/**
 * A schema in which each `then` and `else` says that it names some fields only: checkers of documents take fields that a
 * schema does not name for refused.
 */
function partial(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(partial);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, Json] => {
    const inner = partial(value);
    const isPart = (key === 'then' || key === 'else') && isObject(inner);
    return [key, isPart ? { ...inner, unevaluatedProperties: true } : inner];
  });
  return Object.fromEntries(entries);
}

/** A field as a patch may have it: some fields of a mapping suffice. */
function looser(field: JsonObject): JsonObject {
  const { required: _all, allOf: _conditions, ...rest } = field;
  return rest;
}
