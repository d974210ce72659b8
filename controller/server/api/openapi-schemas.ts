import { schemaOf } from '../../../definitions/schemas/index.ts';
import { type JsonObject, own } from '../../../definitions/values/json.ts';

/** The schemas that the operations speak of: those of manifests and status files, and what Redfish puts around them. */
export function schemas(): JsonObject {
  const { own: manifest, parts: manifestParts } = hoisted('job', 'Manifest');
  const { own: status, parts: statusParts } = hoisted('status', 'Status');
  const fields = (own(manifest, 'properties') ?? {}) as JsonObject;
  const nullable = Object.entries(fields).map(([name, field]) => [
    name,
    { anyOf: [looser(field as JsonObject), { type: 'null' }] },
  ]);
  const address = { type: 'string', format: 'uri-reference' };
  const size = own(own(schemaOf('settings'), 'properties'), 'WorkerPoolSize') ?? {};
  const pool = {
    type: 'object',
    properties: { WorkerPoolSize: size },
    required: ['WorkerPoolSize'],
    additionalProperties: false,
  };
  const capacity = ['ActiveWorkers', 'AvailableWorkers', 'TotalJobs', 'RunningJobs'].map((name) => [
    name,
    { type: 'integer', minimum: 0 },
  ]);
  return {
    ...manifestParts,
    ...statusParts,
    JobManifest: manifest,
    JobPatch: { type: 'object', properties: Object.fromEntries(nullable), additionalProperties: false },
    Job: {
      ...status,
      additionalProperties: true,
      description: 'What its status file says, and where its manifest is.',
    },
    JobCollection: {
      type: 'object',
      properties: {
        '@odata.id': address,
        'Members@odata.count': { type: 'integer' },
        'Members@odata.nextLink': address,
        Members: { type: 'array', items: { type: 'object', properties: { '@odata.id': address } } },
      },
    },
    JobService: {
      type: 'object',
      properties: {
        '@odata.id': address,
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
    TriggerParameters: {
      type: 'object',
      properties: { Token: fields['Trigger'] ?? { type: 'string' } },
      additionalProperties: false,
    },
    RedfishError: {
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
    },
  };
}

/** A schema with what it shares inside itself as components of their own: references begin at the document's root. */
function hoisted(kind: 'job' | 'status', prefix: string): { readonly own: JsonObject; readonly parts: JsonObject } {
  const text = JSON.stringify(schemaOf(kind)).replaceAll('"#/$defs/', `"#/components/schemas/${prefix}`);
  const { $schema: _dialect, $id: _name, $defs = {}, ...own } = JSON.parse(text) as JsonObject;
  const parts = Object.entries($defs as JsonObject).map(([name, part]) => [prefix + name, part]);
  return { own, parts: Object.fromEntries(parts) };
}

/** A field as a patch may have it: parts of a mapping suffice. */
function looser(field: JsonObject): JsonObject {
  const { required: _all, allOf: _conditions, ...rest } = field;
  return rest;
}
