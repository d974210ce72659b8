import type { FanSetup } from '../bmcweb/manager-resource.ts';
import { ASSET_TAG, choice, FLAG, fields, ntp, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * OpenBMC's bmcweb of 2026-08. Facts: its recorded answers (service root, managers, collections, messages) and its
 * source : resets in ActionInfo alone, `LocationIndicatorActive` without
 * `IndicatorLED` (2025-08), power limit in EnvironmentMetrics (2026-07) and no legacy Power, `PoweringOn` shown.
 * Guessed: serial numbers, firmware versions, the range of the power limit.
 */

const SERVICES = [
  'AccountService',
  'Cables',
  'CertificateService',
  'Chassis',
  'EventService',
  'Fabrics',
  'JsonSchemas',
  'Managers',
  'Registries',
  'SessionService',
  'Systems',
  'TelemetryService',
  'UpdateService',
];

const RESTORE = choice('AlwaysOn', 'AlwaysOff', 'LastState');
const TARGETS = ['None', 'Pxe', 'Hdd', 'Cd', 'Diags', 'BiosSetup', 'Usb'];
const TIMES = ['Once', 'Continuous', 'Disabled'];
const MODES = ['Legacy', 'UEFI'];
const RANGE = { AllowableMax: 1200, AllowableMin: 200 };

function system(managers: readonly string[]) {
  return {
    '@odata.type': '#ComputerSystem.v1_22_0.ComputerSystem',
    AssetTag: '',
    BiosVersion: '1.0.0',
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      'BootSourceOverrideEnabled@Redfish.AllowableValues': TIMES,
      BootSourceOverrideMode: 'UEFI',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
    },
    Description: 'Computer System',
    Links: { Chassis: [link('Chassis/Baseboard')], ManagedBy: managers.map((id) => link(`Managers/${id}`)) },
    LocationIndicatorActive: false,
    Manufacturer: 'OpenBMC',
    Model: 'Simulated board',
    Name: 'system',
    PowerRestorePolicy: 'AlwaysOff',
    SerialNumber: 'SIM-0001',
    Status: ENABLED,
    SystemType: 'Physical',
    UUID: '38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5',
    ...links('Systems/system', 'EthernetInterfaces', 'LogServices', 'Memory', 'Processors', 'Storage'),
  };
}

function networkProtocol(manager: string) {
  return {
    '@odata.type': '#ManagerNetworkProtocol.v1_5_0.ManagerNetworkProtocol',
    Description: 'Manager Network Service',
    FQDN: 'testhost',
    HTTP: { Port: null, ProtocolEnabled: false },
    HTTPS: {
      Certificates: link(`Managers/${manager}/NetworkProtocol/HTTPS/Certificates`),
      Port: 443,
      ProtocolEnabled: true,
    },
    HostName: 'testhost',
    IPMI: { Port: 623, ProtocolEnabled: true },
    NTP: { NTPServers: [], NetworkSuppliedServers: [], ProtocolEnabled: true },
    Name: 'Manager Network Protocol',
    SSH: { Port: 22, ProtocolEnabled: true },
    Status: ENABLED,
  };
}

function managerBodies(id: string) {
  return {
    [`Managers/${id}/NetworkProtocol`]: networkProtocol(id),
    [`Managers/${id}/ManagerDiagnosticData`]: {
      '@odata.type': '#ManagerDiagnosticData.v1_2_0.ManagerDiagnosticData',
      Name: 'Manager Diagnostic Data',
    },
  };
}

const CHASSIS = {
  '@odata.type': '#Chassis.v1_22_0.Chassis',
  AssetTag: '',
  ChassisType: 'RackMount',
  EnvironmentMetrics: link('Chassis/Baseboard/EnvironmentMetrics'),
  Links: { ComputerSystems: [link('Systems/system')], ManagedBy: [link('Managers/bmc')] },
  LocationIndicatorActive: false,
  Manufacturer: 'OpenBMC',
  Model: 'Simulated board',
  Name: 'Baseboard',
  Status: ENABLED,
  ...links('Chassis/Baseboard', 'Sensors'),
};

const METRICS = {
  '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
  Name: 'Chassis Environment Metrics',
  PowerLimitWatts: { ...RANGE, ControlMode: 'Disabled', SetPoint: 1200 },
  PowerWatts: { Reading: 310 },
};

const OPENBMC: Omit<Preset, 'title' | 'fans'> = {
  managers: ['bmc'],
  root: {
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    ProtocolFeaturesSupported: {
      DeepOperations: { DeepPATCH: false, DeepPOST: false },
      ExcerptQuery: false,
      ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
      FilterQuery: false,
      OnlyMemberQuery: true,
      SelectQuery: true,
    },
    RedfishVersion: '1.17.0',
    UUID: '09287113-3aeb-43bb-b4c4-99bc719abe17',
  },
  services: SERVICES,
  bodies: (managers) => ({
    'Systems/system': system(managers),
    'Chassis/Baseboard': CHASSIS,
    'Chassis/Baseboard/EnvironmentMetrics': METRICS,
    ...Object.assign({}, ...managers.map(managerBodies)),
  }),
  writable: (managers) => ({
    'Systems/system': {
      AssetTag: ASSET_TAG,
      Boot: fields({
        BootSourceOverrideEnabled: choice(...TIMES),
        BootSourceOverrideMode: choice(...MODES),
        BootSourceOverrideTarget: choice(...TARGETS),
      }),
      LocationIndicatorActive: FLAG,
      PowerRestorePolicy: RESTORE,
    },
    'Chassis/Baseboard': { AssetTag: ASSET_TAG, LocationIndicatorActive: FLAG },
    'Chassis/Baseboard/EnvironmentMetrics': {
      PowerLimitWatts: fields({
        ControlMode: choice('Automatic', 'Disabled'),
        SetPoint: { kind: 'number', least: RANGE.AllowableMin, most: RANGE.AllowableMax },
      }),
    },
    ...Object.fromEntries(
      managers.map((id) => [`Managers/${id}/NetworkProtocol`, { ...protocols('IPMI', 'SSH'), NTP: ntp(10) }]),
    ),
  }),
  resets: (managers) => [
    {
      at: 'Systems/system',
      of: 'ComputerSystem',
      values: ['ForceOff', 'PowerCycle', 'Nmi', 'On', 'ForceOn', 'ForceRestart', 'GracefulRestart', 'GracefulShutdown'],
      told: 'ActionInfo',
    },
    { at: 'Chassis/Baseboard', of: 'Chassis', values: ['PowerCycle'], told: 'ActionInfo' },
    ...managers.map((id) => ({
      at: `Managers/${id}`,
      of: 'Manager' as const,
      values: ['GracefulRestart', 'ForceRestart'],
      told: 'ActionInfo' as const,
    })),
  ],
  host: { system: 'Systems/system', chassis: ['Chassis/Baseboard'] },
  habits: {
    registry: 'Base.1.19',
    messages: 'whole',
    patched: 'empty',
    readOnly: 'PropertyUnknown',
    alreadySo: 'accepted',
    accepted: 204,
    bootProgress: 'stages',
    lastResetTime: true,
    etag: 'strong',
  },
};

/** A board of OpenBMC with one of two setups of its fans. */
export function openBmcPreset(fans: FanSetup): Preset {
  const title = fans === 'demo' ? 'OpenBMC as the example jobs want it' : 'OpenBMC, a stock board';
  return { ...OPENBMC, title, fans };
}
