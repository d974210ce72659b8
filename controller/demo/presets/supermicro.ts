import { choice, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * Supermicro X10 of 2017. Facts (a captured tree): IDs, old schema versions, `IndicatorLED` and no
 * `LocationIndicatorActive`, boot targets of its own (`CD/DVD`, `UsbKey`), no boot mode, Manager.Reset without a list
 * of values, NetworkProtocol without NTP, no RedfishVersion beyond 1.0.1, legacy Power without a limit.
 * Guessed: that `AssetTag` of the system is absent and the chassis' is read only, `Blinking` beside `Lit`, answers to
 * what cannot be written, how long things take.
 */

const TARGETS = [
  'None',
  'Pxe',
  'Hdd',
  'Diags',
  'CD/DVD',
  'BiosSetup',
  'UsbKey',
  'UsbHdd',
  'UsbCd',
  'UefiUsbKey',
  'UefiHdd',
];
const PROTOCOLS = ['HTTP', 'IPMI', 'KVMIP', 'SNMP', 'SSH', 'VirtualMedia'];
const PORTS: Readonly<Record<string, number>> = {
  HTTP: 80,
  IPMI: 623,
  KVMIP: 5900,
  SNMP: 161,
  SSH: 22,
  VirtualMedia: 623,
};

const BODIES = {
  'Systems/1': {
    '@odata.type': '#ComputerSystem.v1_3_0.ComputerSystem',
    BiosVersion: '1.2',
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
    },
    Description: 'Description of server',
    IndicatorLED: 'Off',
    Links: { Chassis: [link('Chassis/1')], ManagedBy: [link('Managers/1')] },
    Manufacturer: 'Supermicro',
    MemorySummary: { Status: ENABLED, TotalSystemMemoryGiB: 64 },
    Model: 'Super Server',
    Name: 'System',
    PartNumber: '',
    ProcessorSummary: { Count: 1, Model: 'Intel(R) Xeon(R) processor', Status: ENABLED },
    SerialNumber: '          ',
    Status: ENABLED,
    SystemType: 'Physical',
    UUID: '00000000-0000-0000-0000-53494d303034',
    ...links('Systems/1', 'EthernetInterfaces', 'LogServices', 'Memory', 'Processors', 'SimpleStorage', 'Storage'),
  },
  'Chassis/1': {
    '@odata.type': '#Chassis.v1_4_0.Chassis',
    AssetTag: '',
    ChassisType: 'RackMount',
    IndicatorLED: 'Off',
    Links: { ComputerSystems: [link('Systems/1')], ManagedBy: [link('Managers/1')] },
    Manufacturer: 'Supermicro',
    Model: '',
    Name: 'Computer System Chassis',
    Power: link('Chassis/1/Power'),
    SerialNumber: '',
    Status: { ...ENABLED, HealthRollup: 'OK' },
  },
  'Chassis/1/Power': {
    '@odata.type': '#Power.v1_1_0.Power',
    Name: 'Power',
    PowerControl: [
      {
        '@odata.id': '/redfish/v1/Chassis/1/Power#/PowerControl/0',
        MemberId: '0',
        Name: 'System Power Control',
        PowerConsumedWatts: 0,
        PowerMetrics: { AverageConsumedWatts: 0, IntervalInMin: 5, MaxConsumedWatts: 0, MinConsumedWatts: 0 },
        Status: ENABLED,
      },
    ],
  },
  'Managers/1': {
    '@odata.type': '#Manager.v1_3_2.Manager',
    DateTimeLocalOffset: '+00:00',
    Description: 'BMC',
    FirmwareVersion: '4.0',
    Links: { ManagerForChassis: [link('Chassis/1')], ManagerForServers: [link('Systems/1')] },
    ManagerType: 'BMC',
    Model: 'ASPEED',
    Name: 'Manager',
    NetworkProtocol: link('Managers/1/NetworkProtocol'),
    Status: ENABLED,
    UUID: '00000000-0000-0000-0000-53494d303041',
    ...links('Managers/1', 'EthernetInterfaces'),
  },
  'Managers/1/NetworkProtocol': {
    '@odata.type': '#ManagerNetworkProtocol.v1_0_0.ManagerNetworkProtocol',
    FQDN: '',
    HTTPS: { Port: 443, ProtocolEnabled: true },
    HostName: 'blade01',
    Name: 'Manager Network Protocol',
    Status: ENABLED,
    ...Object.fromEntries(
      PROTOCOLS.map((name) => [name, { Port: PORTS[name] ?? 0, ProtocolEnabled: name !== 'SNMP' }]),
    ),
  },
};

/** Supermicro's X10, an old one. */
export const supermicro: Preset = {
  title: 'Supermicro X10, of 2017',
  managers: ['1'],
  root: {
    '@odata.type': '#ServiceRoot.v1_1_0.ServiceRoot',
    Oem: {},
    RedfishVersion: '1.0.1',
    UUID: '00000000-0000-0000-0000-53494d303041',
  },
  services: [
    'AccountService',
    'Chassis',
    'EventService',
    'JsonSchemas',
    'Managers',
    'Registries',
    'SessionService',
    'Systems',
    'UpdateService',
  ],
  bodies: () => BODIES,
  writable: () => ({
    'Systems/1': {
      Boot: {
        kind: 'object',
        fields: {
          BootSourceOverrideEnabled: choice('Once', 'Continuous', 'Disabled'),
          BootSourceOverrideTarget: choice(...TARGETS),
        },
      },
      IndicatorLED: choice('Lit', 'Blinking', 'Off'),
    },
    'Chassis/1': { IndicatorLED: choice('Lit', 'Blinking', 'Off') },
    'Managers/1': {},
    'Managers/1/NetworkProtocol': protocols(...PROTOCOLS),
  }),
  resets: () => [
    {
      at: 'Systems/1',
      of: 'ComputerSystem',
      values: ['On', 'ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart', 'Nmi', 'ForceOn'],
      told: 'AllowableValues',
    },
    { at: 'Managers/1', of: 'Manager', values: ['GracefulRestart', 'ForceRestart'], told: 'nowhere' },
  ],
  host: { system: 'Systems/1', chassis: [], habits: { transitions: false } },
  habits: {
    registry: 'Base.v1_4_0',
    messages: 'whole',
    patched: 'message',
    readOnly: 'PropertyNotWritable',
    alreadySo: 'accepted',
    accepted: 200,
    bootProgress: 'absent',
    lastResetTime: false,
    etag: 'strong',
  },
};
