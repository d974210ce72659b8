import type { JsonObject } from '../../../definitions/values/json.ts';

const ROOT = '/redfish/v1';

/** A resource that is only read, with the headers of its own. */
export interface OtherResource {
  readonly allow: string;
  readonly body: JsonObject;
  /** The path of its schema, where bmcweb sends a Link. */
  readonly schema?: string;
  /** Without the OData-Version header. */
  readonly plain?: boolean;
}

const link = (path: string): JsonObject => ({ '@odata.id': path });

function collection(path: string, type: string, members: readonly string[], name: string): JsonObject {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}.${type}`,
    Members: members.map(link),
    'Members@odata.count': members.length,
    Name: name,
  };
}

/** The service root: what a client may read without a login, and where it learns the way from. */
function serviceRoot(managers: readonly string[]): JsonObject {
  const services =
    'AccountService Cables CertificateService Chassis EventService Fabrics JsonSchemas Managers Registries';
  const more = 'SessionService Systems TelemetryService UpdateService';
  const links = Object.fromEntries(`${services} ${more}`.split(' ').map((name) => [name, link(`${ROOT}/${name}`)]));
  return {
    '@odata.id': ROOT,
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    ...links,
    Id: 'RootService',
    Links: {
      ManagerProvidingService: link(`${ROOT}/Managers/${managers[0] ?? 'bmc'}`),
      Sessions: link(`${ROOT}/SessionService/Sessions`),
    },
    Name: 'Root Service',
    ProtocolFeaturesSupported: {
      DeepOperations: { DeepPATCH: false, DeepPOST: false },
      ExcerptQuery: false,
      ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
      FilterQuery: false,
      OnlyMemberQuery: true,
      SelectQuery: true,
    },
    RedfishVersion: '1.17.0',
    Tasks: link(`${ROOT}/TaskService`),
    UUID: '09287113-3aeb-43bb-b4c4-99bc719abe17',
  };
}

/** Everything beside managers, sessions and tasks, by path without a slash at the end. */
export function otherResources(managers: readonly string[], now: string): ReadonlyMap<string, OtherResource> {
  return new Map<string, OtherResource>([
    [ROOT, { allow: 'GET, HEAD', body: serviceRoot(managers), schema: 'ServiceRoot/ServiceRoot' }],
    ['/redfish', { allow: 'GET', body: { v1: `${ROOT}/` } }],
    [at('Managers'), managerCollection(managers)],
    [at('Chassis'), chassisCollection()],
    [at('Systems'), systemCollection()],
    [at('SessionService'), sessionService()],
    [at('TaskService'), taskService(now)],
    [at('odata'), { allow: 'GET', body: odata(), plain: true }],
    ...registries(),
    ...managers.map((id): [string, OtherResource] => [at(`Managers/${id}/ResetActionInfo`), resetActionInfo(id)]),
  ]);
}

function at(name: string): string {
  return `${ROOT}/${name}`;
}

function managerCollection(managers: readonly string[]): OtherResource {
  const members = managers.map((id) => at(`Managers/${id}`));
  return { allow: 'GET', body: collection(at('Managers'), 'ManagerCollection', members, 'Manager Collection') };
}

function chassisCollection(): OtherResource {
  const members = [at('Chassis/Baseboard')];
  return { allow: 'GET', body: collection(at('Chassis'), 'ChassisCollection', members, 'Chassis Collection') };
}

function systemCollection(): OtherResource {
  const type = 'ComputerSystemCollection';
  const body = collection(at('Systems'), type, [at('Systems/system')], 'Computer System Collection');
  return { allow: 'GET, HEAD', schema: type, body };
}

function sessionService(): OtherResource {
  return {
    allow: 'GET, HEAD, PATCH',
    schema: 'SessionService/SessionService',
    body: {
      '@odata.id': at('SessionService'),
      '@odata.type': '#SessionService.v1_0_2.SessionService',
      Description: 'Session Service',
      Id: 'SessionService',
      Name: 'Session Service',
      ServiceEnabled: true,
      SessionTimeout: 1800,
      Sessions: link(at('SessionService/Sessions')),
    },
  };
}

function taskService(now: string): OtherResource {
  return {
    allow: 'GET',
    body: {
      '@odata.id': at('TaskService'),
      '@odata.type': '#TaskService.v1_1_4.TaskService',
      CompletedTaskOverWritePolicy: 'Oldest',
      DateTime: now,
      Id: 'TaskService',
      LifeCycleEventOnTaskStateChange: true,
      Name: 'Task Service',
      ServiceEnabled: true,
      Status: { State: 'Enabled' },
      Tasks: link(at('TaskService/Tasks')),
    },
  };
}

function odata(): JsonObject {
  const services = 'Systems Chassis Managers SessionService AccountService UpdateService'.split(' ');
  const paths = [
    ...['$metadata', 'odata', 'JsonSchemas', '', 'ServiceRoot'].map((name) => (name ? `${ROOT}/${name}` : ROOT)),
    ...services.map((name) => `${ROOT}/${name}`),
  ];
  return {
    '@odata.context': `${ROOT}/$metadata`,
    value: paths.map((url) => ({ kind: 'Singleton', name: '$metadata', url })),
  };
}

function registries(): [string, OtherResource][] {
  const at = `${ROOT}/Registries`;
  const names = ['Base', 'HeartbeatEvent', 'OpenBMC', 'ResourceEvent', 'TaskEvent', 'Telemetry', 'Update'];
  const all = collection(
    at,
    'MessageRegistryFileCollection',
    names.map((name) => `${at}/${name}`),
    'MessageRegistryFile Collection',
  );
  const base: JsonObject = {
    '@odata.id': `${at}/Base`,
    '@odata.type': '#MessageRegistryFile.v1_1_0.MessageRegistryFile',
    Description: 'DMTF Base Message Registry File Location',
    Id: 'Base',
    Languages: ['en'],
    'Languages@odata.count': 1,
    Location: [
      {
        Language: 'en',
        PublicationUri: 'https://redfish.dmtf.org/registries/Base.1.19.0.json',
        Uri: `${at}/Base/Base`,
      },
    ],
    'Location@odata.count': 1,
    Name: 'Base Message Registry File',
    Registry: 'Base.1.19',
  };
  return [
    [at, { allow: 'GET', body: { ...all, Description: 'Collection of MessageRegistryFiles' } }],
    [`${at}/Base`, { allow: 'GET', body: base }],
  ];
}

function resetActionInfo(manager: string): OtherResource {
  return {
    allow: 'GET',
    body: {
      '@odata.id': `${ROOT}/Managers/${manager}/ResetActionInfo`,
      '@odata.type': '#ActionInfo.v1_1_2.ActionInfo',
      Id: 'ResetActionInfo',
      Name: 'Reset Action Info',
      Parameters: [
        { AllowableValues: ['GracefulRestart', 'ForceRestart'], DataType: 'String', Name: 'ResetType', Required: true },
      ],
    },
  };
}
