import { ASSET_TAG, choice, FLAG, fields, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * HPE iLO 6 1.66 of a ProLiant DL380a Gen11. Facts (a captured tree, HPE's documentation, bug reports): the values of
 * Reset, On while on answers 400 `InvalidOperationForSystemState`, messages of ID and arguments, weak ETags, legacy
 * Power, no NTP in NetworkProtocol (it is OEM DateTime), a change of SSH restarts the iLO, `OSRunning` for any host
 * that is on. Guessed: which protocols NetworkProtocol lists, the texts of serial numbers, `PowerLimit` in `null` when
 * there is no cap, how long things take.
 */

const TARGETS = ['None', 'Cd', 'Hdd', 'Usb', 'SDCard', 'Utilities', 'Diags', 'BiosSetup', 'Pxe', 'UefiTarget'];
const PROTOCOLS = ['HTTP', 'IPMI', 'KVMIP', 'SNMP', 'SSDP', 'SSH', 'VirtualMedia'];
const PORTS: Readonly<Record<string, number>> = { HTTP: 80, IPMI: 623, KVMIP: 443, SNMP: 161, SSDP: 1900, SSH: 22 };

const SYSTEM = {
  '@odata.type': '#ComputerSystem.v1_18_0.ComputerSystem',
  AssetTag: '',
  BiosVersion: 'U58 v2.44 (01/17/2025)',
  Boot: {
    BootOrder: ['Boot0016', 'Boot0015'],
    BootSourceOverrideEnabled: 'Disabled',
    BootSourceOverrideMode: 'UEFI',
    BootSourceOverrideTarget: 'None',
    'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
    UefiTargetBootSourceOverride: 'None',
  },
  HostName: 'simulated-host',
  Links: { Chassis: [link('Chassis/1')], ManagedBy: [link('Managers/1')] },
  LocationIndicatorActive: false,
  Manufacturer: 'HPE',
  MemorySummary: { Status: { HealthRollup: 'OK' }, TotalSystemMemoryGiB: 512 },
  Model: 'ProLiant DL380a Gen11',
  Name: 'Computer System',
  PowerRestorePolicy: 'LastState',
  SerialNumber: 'SIM0000001',
  Status: ENABLED,
  SystemType: 'Physical',
  UUID: '30303031-3030-3030-5349-4d3030303031',
  ...links('Systems/1', 'EthernetInterfaces', 'LogServices', 'Memory', 'Processors', 'Storage'),
};

const CHASSIS = {
  '@odata.type': '#Chassis.v1_25_1.Chassis',
  AssetTag: '',
  ChassisType: 'RackMount',
  Links: { ComputerSystems: [link('Systems/1')], ManagedBy: [link('Managers/1')] },
  LocationIndicatorActive: false,
  Manufacturer: 'HPE',
  Model: 'ProLiant DL380a Gen11',
  Name: 'Computer System Chassis',
  Power: link('Chassis/1/Power'),
  SerialNumber: 'SIM0000001',
  Status: ENABLED,
  ...links('Chassis/1', 'Sensors'),
};

const POWER = {
  '@odata.type': '#Power.v1_7_1.Power',
  Name: 'PowerMetrics',
  PowerControl: [
    {
      '@odata.id': '/redfish/v1/Chassis/1/Power#PowerControl/0',
      MemberId: '0',
      PowerCapacityWatts: 2200,
      PowerConsumedWatts: 421,
      PowerLimit: { LimitInWatts: null },
      PowerMetrics: { AverageConsumedWatts: 418, IntervalInMin: 20, MaxConsumedWatts: 560, MinConsumedWatts: 402 },
    },
  ],
};

const MANAGER = {
  '@odata.type': '#Manager.v1_19_1.Manager',
  DateTimeLocalOffset: '+00:00',
  FirmwareVersion: 'iLO 6 v1.66',
  Links: {
    ManagerForChassis: [link('Chassis/1')],
    ManagerForServers: [link('Systems/1')],
    ManagerInChassis: link('Chassis/1'),
  },
  ManagerType: 'BMC',
  Model: 'iLO 6',
  Name: 'Manager',
  NetworkProtocol: link('Managers/1/NetworkProtocol'),
  PowerState: 'On',
  Status: ENABLED,
  UUID: '8d0c5a6f-6e7a-5b18-9fd9-0d6b5a6f3c11',
  ...links('Managers/1', 'EthernetInterfaces', 'LogServices'),
};

const NETWORK = {
  '@odata.type': '#ManagerNetworkProtocol.v1_0_0.ManagerNetworkProtocol',
  FQDN: 'ilo.example',
  HTTPS: { Port: 443, ProtocolEnabled: true },
  HostName: 'ilo',
  Name: 'Manager Network Protocol',
  Status: ENABLED,
  ...Object.fromEntries(PROTOCOLS.map((name) => [name, { Port: PORTS[name] ?? 17988, ProtocolEnabled: true }])),
};

/** HPE's iLO 6. */
export const ilo: Preset = {
  title: 'HPE iLO 6, a ProLiant Gen11',
  managers: ['1'],
  root: {
    '@odata.type': '#ServiceRoot.v1_13_0.ServiceRoot',
    Name: 'HPE RESTful Root Service',
    Oem: { Hpe: { Manager: [{ ManagerFirmwareVersion: '1.66', ManagerType: 'iLO 6' }] } },
    Product: 'ProLiant DL380a Gen11',
    ProtocolFeaturesSupported: { FilterQuery: false, OnlyMemberQuery: true, SelectQuery: true },
    RedfishVersion: '1.20.0',
    UUID: '724d47b7-f6ec-5b98-bb39-6a46562d65da',
    Vendor: 'HPE',
  },
  services: [
    'AccountService',
    'CertificateService',
    'Chassis',
    'EventService',
    'JsonSchemas',
    'Managers',
    'Registries',
    'SessionService',
    'Systems',
    'TelemetryService',
    'UpdateService',
  ],
  bodies: () => ({
    'Systems/1': SYSTEM,
    'Chassis/1': CHASSIS,
    'Chassis/1/Power': POWER,
    'Managers/1': MANAGER,
    'Managers/1/NetworkProtocol': NETWORK,
  }),
  writable: () => ({
    'Systems/1': {
      AssetTag: ASSET_TAG,
      Boot: fields({
        BootSourceOverrideEnabled: choice('Once', 'Continuous', 'Disabled'),
        BootSourceOverrideMode: choice('UEFI', 'Legacy'),
        BootSourceOverrideTarget: choice(...TARGETS),
        UefiTargetBootSourceOverride: { kind: 'string', longest: 512 },
      }),
      LocationIndicatorActive: FLAG,
      PowerRestorePolicy: choice('AlwaysOn', 'AlwaysOff', 'LastState'),
    },
    'Chassis/1': { AssetTag: ASSET_TAG, LocationIndicatorActive: FLAG },
    'Chassis/1/Power': {
      PowerControl: {
        kind: 'objects',
        fields: { PowerLimit: fields({ LimitInWatts: { kind: 'number', least: 300, most: 2200, nullable: true } }) },
      },
    },
    'Managers/1': {},
    'Managers/1/NetworkProtocol': protocols(...PROTOCOLS),
  }),
  resets: () => [
    {
      at: 'Systems/1',
      of: 'ComputerSystem',
      values: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'Nmi', 'PushPowerButton', 'GracefulRestart'],
      told: 'AllowableValues',
    },
    { at: 'Managers/1', of: 'Manager', values: ['ForceRestart', 'GracefulRestart'], told: 'AllowableValues' },
  ],
  host: { system: 'Systems/1', chassis: ['Chassis/1'], habits: { transitions: false } },
  habits: {
    registry: 'Base.1.18',
    messages: 'IDs',
    patched: 'message',
    readOnly: 'PropertyNotWritable',
    alreadySo: 'InvalidOperationForSystemState',
    accepted: 200,
    bootProgress: 'OSRunning when on',
    lastResetTime: true,
    etag: 'weak',
    restartsFor: ['SSH'],
  },
};
