import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Account } from '../bmc/accounts.ts';
import { baseRegistry } from '../bmc/messages.ts';
import { ENABLED, link, links, type Preset } from '../presets/preset.ts';

/** What most services say of themselves. */
function service(name: string, type: string, more: JsonObject = {}): JsonObject {
  return { '@odata.type': type, Name: name, ServiceEnabled: true, ...more };
}

const SESSION_SERVICE: JsonObject = service('Session Service', '#SessionService.v1_0_2.SessionService', {
  Description: 'Session Service',
  SessionTimeout: 1800,
  Sessions: link('SessionService/Sessions'),
});

const TASK_SERVICE: JsonObject = service('Task Service', '#TaskService.v1_1_4.TaskService', {
  CompletedTaskOverWritePolicy: 'Oldest',
  LifeCycleEventOnTaskStateChange: true,
  Status: { State: 'Enabled' },
  Tasks: link('TaskService/Tasks'),
});

/** Where a test event is asked for; nobody subscribes here, so that it goes to nobody. */
export const TEST_EVENT = 'EventService/Actions/EventService.SubmitTestEvent';

/** Services that a preset may name, with what stands below them; bodies by path below `/redfish/v1/`. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> = {
  CertificateService: {
    CertificateService: {
      '@odata.type': '#CertificateService.v1_0_0.CertificateService',
      CertificateLocations: link('CertificateService/CertificateLocations'),
      Name: 'Certificate Service',
    },
    'CertificateService/CertificateLocations': {
      '@odata.type': '#CertificateLocations.v1_0_0.CertificateLocations',
      Links: { Certificates: [], 'Certificates@odata.count': 0 },
      Name: 'Certificate Locations',
    },
  },
  EventService: {
    EventService: service('Event Service', '#EventService.v1_5_0.EventService', {
      Actions: { '#EventService.SubmitTestEvent': { target: `/redfish/v1/${TEST_EVENT}` } },
      DeliveryRetryAttempts: 3,
      DeliveryRetryIntervalSeconds: 30,
      EventFormatTypes: ['Event', 'MetricReport'],
      Status: ENABLED,
      ...links('EventService', 'Subscriptions'),
    }),
  },
  TelemetryService: {
    TelemetryService: service('Telemetry Service', '#TelemetryService.v1_2_1.TelemetryService', { Status: ENABLED }),
  },
  UpdateService: {
    UpdateService: service('Update Service', '#UpdateService.v1_11_1.UpdateService', {
      ...links('UpdateService', 'FirmwareInventory'),
    }),
  },
};

const ROLES: Readonly<Record<string, readonly string[]>> = {
  Administrator: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureComponents', 'ConfigureSelf'],
  Operator: ['Login', 'ConfigureComponents', 'ConfigureSelf'],
  ReadOnly: ['Login', 'ConfigureSelf'],
};

function accountService(accounts: readonly Account[]): Record<string, JsonObject> {
  const roles = Object.entries(ROLES).map(([id, privileges]): [string, JsonObject] => [
    `AccountService/Roles/${id}`,
    {
      '@odata.type': '#Role.v1_2_2.Role',
      AssignedPrivileges: privileges,
      IsPredefined: true,
      Name: 'User Role',
      RoleId: id,
    },
  ]);
  const members = accounts.map(({ username, role }): [string, JsonObject] => [
    `AccountService/Accounts/${encodeURIComponent(username)}`,
    {
      '@odata.type': '#ManagerAccount.v1_7_0.ManagerAccount',
      AccountTypes: ['Redfish'],
      Description: 'User Account',
      Enabled: true,
      Id: username,
      Links: { Role: link(`AccountService/Roles/${role}`) },
      Locked: false,
      Name: 'User Account',
      Password: null,
      PasswordChangeRequired: false,
      RoleId: role,
      UserName: username,
    },
  ]);
  return {
    AccountService: service('Account Service', '#AccountService.v1_15_0.AccountService', {
      Description: 'Account Service',
      MaxPasswordLength: 20,
      ...links('AccountService', 'Accounts', 'Roles'),
    }),
    ...Object.fromEntries([...roles, ...members]),
  };
}

/** A registry as it is read, and the file resource that points to it. */
function registry(id: string, release: string, description: string, messages: JsonObject): Record<string, JsonObject> {
  const [prefix = id] = release.split('.');
  const version = release
    .slice(prefix.length + 1)
    .replace(/^v/, '')
    .replaceAll('_', '.');
  const whole = version.split('.').length < 3 ? `${version}.0` : version;
  return {
    [`Registries/${id}`]: {
      '@odata.type': '#MessageRegistryFile.v1_1_0.MessageRegistryFile',
      Description: `${description} Message Registry File Location`,
      Languages: ['en'],
      'Languages@odata.count': 1,
      Location: [
        {
          Language: 'en',
          PublicationUri: `https://redfish.dmtf.org/registries/${prefix}.${whole}.json`,
          Uri: `/redfish/v1/Registries/${id}/${id}`,
        },
      ],
      'Location@odata.count': 1,
      Name: `${id} Message Registry File`,
      Registry: release,
    },
    [`Registries/${id}/${id}`]: {
      '@odata.type': '#MessageRegistry.v1_6_0.MessageRegistry',
      Description: `${description} Message Registry`,
      Id: `${prefix}.${whole}`,
      Language: 'en',
      Messages: messages,
      Name: `${id} Message Registry`,
      OwningEntity: 'DMTF',
      RegistryPrefix: prefix,
      RegistryVersion: whole,
    },
  };
}

const OTHER_REGISTRIES = ['HeartbeatEvent', 'OpenBMC', 'ResourceEvent', 'TaskEvent', 'Telemetry', 'Update'];

function registries(preset: Preset): Record<string, JsonObject> {
  const others = preset.fans ? OTHER_REGISTRIES : [];
  return Object.assign(
    registry('Base', preset.habits.registry, 'DMTF Base', baseRegistry()),
    ...others.map((id) => registry(id, `${id}.1.0.0`, id === 'OpenBMC' ? 'OpenBMC' : `DMTF ${id}`, {})),
  );
}

/** The schemas that answers name in a Link header, and `JsonSchemas` lists: where to find the real ones. */
const SCHEMAS = ['ComputerSystemCollection', 'ServiceRoot', 'Session', 'SessionCollection', 'SessionService'];

/** Where the schema of a Link header is. */
function schemaPath(type: string): string {
  return type.endsWith('Collection') ? `JsonSchemas/${type}.json` : `JsonSchemas/${type}/${type}.json`;
}

function schemas(): Record<string, JsonObject> {
  const files = SCHEMAS.map((type): [string, JsonObject] => [
    `JsonSchemas/${type}`,
    {
      '@odata.type': '#JsonSchemaFile.v1_0_2.JsonSchemaFile',
      Description: `${type} Schema File Location`,
      Languages: ['en'],
      'Languages@odata.count': 1,
      Location: [
        {
          Language: 'en',
          PublicationUri: `http://redfish.dmtf.org/schemas/v1/${type}.json`,
          Uri: `/redfish/v1/${schemaPath(type)}`,
        },
      ],
      'Location@odata.count': 1,
      Name: `${type} Schema File`,
      Schema: `#${type}.${type}`,
    },
  ]);
  return Object.fromEntries(files);
}

/** The documents that are no resources: schemas by path, without `@odata.id`. */
export function schemaDocuments(): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    SCHEMAS.map((type) => [
      schemaPath(type),
      {
        $id: `http://redfish.dmtf.org/schemas/v1/${type}.json`,
        $ref: `#/definitions/${type}`,
        $schema: 'http://redfish.dmtf.org/schemas/v1/redfish-schema-v1.json',
        definitions: { [type]: { type: 'object' } },
        title: `#${type}.${type}`,
      },
    ]),
  );
}

/** The service root of a preset: what may be read without a login, and where a client learns the way from. */
export function serviceRoot(preset: Preset, managers: readonly string[]): JsonObject {
  return {
    '@odata.id': '/redfish/v1',
    Id: 'RootService',
    Links: {
      ManagerProvidingService: link(`Managers/${managers[0] ?? 'bmc'}`),
      Sessions: link('SessionService/Sessions'),
    },
    Name: 'Root Service',
    Tasks: link('TaskService'),
    ...Object.fromEntries(preset.services.map((name) => [name, link(name)])),
    ...preset.root,
  };
}

/** The bodies of a preset's services, by path below `/redfish/v1/`. */
export function serviceBodies(preset: Preset, accounts: readonly Account[]): Readonly<Record<string, JsonObject>> {
  return Object.assign(
    { SessionService: SESSION_SERVICE, TaskService: TASK_SERVICE },
    accountService(accounts),
    registries(preset),
    schemas(),
    ...preset.services.map((name) => SERVICES[name] ?? {}),
  );
}
