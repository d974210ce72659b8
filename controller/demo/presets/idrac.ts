import { choice, FLAG, fields, ntp, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * Dell iDRAC10 of a PowerEdge. Facts (trimmed fixtures, vendor's scripts, bug reports): IDs, 409 PSU501 where the host
 * is so already, a conflict on On soon after Off, If-Match on an action refused, the light on the chassis, a boot
 * override in the settings resource alone, legacy Power with 32767 for no cap and LimitException HardPowerOff.
 * Guessed: the range of the cap, which protocols can be switched, that `AssetTag` is writable on the system, how long
 * things take. NTP here reads and takes values without effect on the clock, as reported.
 */

const AT = 'System.Embedded.1';
const BMC = 'iDRAC.Embedded.1';
const TARGETS = ['None', 'Pxe', 'Cd', 'Usb', 'Hdd', 'BiosSetup', 'Utilities', 'Diags', 'UefiHttp'];
const PROTOCOLS = ['IPMI', 'KVMIP', 'SNMP', 'SSH', 'VirtualMedia'];

const BOOT = {
  BootSourceOverrideEnabled: 'Disabled',
  BootSourceOverrideMode: 'UEFI',
  BootSourceOverrideTarget: 'None',
  UefiTargetBootSourceOverride: null,
};

const BODIES = {
  [`Systems/${AT}`]: {
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_5.Settings',
      SettingsObject: link(`Systems/${AT}/Settings`),
      SupportedApplyTimes: ['OnReset'],
    },
    '@odata.type': '#ComputerSystem.v1_20_1.ComputerSystem',
    AssetTag: '',
    BiosVersion: '2.2.8',
    Boot: BOOT,
    IndicatorLED: 'Lit',
    Links: { Chassis: [link(`Chassis/${AT}`)], ManagedBy: [link(`Managers/${BMC}`)] },
    Manufacturer: 'Dell Inc.',
    Model: 'PowerEdge R770',
    Name: 'System',
    SerialNumber: 'SIM0000002',
    SKU: 'SIMDELL',
    Status: ENABLED,
    SystemType: 'Physical',
    UUID: '4c4c4544-0053-494d-8044-454c4c303031',
    ...links(`Systems/${AT}`, 'EthernetInterfaces', 'Memory', 'Processors', 'Storage'),
  },
  [`Systems/${AT}/Settings`]: {
    '@odata.type': '#ComputerSystem.v1_20_1.ComputerSystem',
    Boot: { ...BOOT, 'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS },
    Name: 'System Pending Settings',
  },
  [`Chassis/${AT}`]: {
    '@odata.type': '#Chassis.v1_25_0.Chassis',
    AssetTag: '',
    ChassisType: 'RackMount',
    IndicatorLED: 'Lit',
    Links: { ComputerSystems: [link(`Systems/${AT}`)], ManagedBy: [link(`Managers/${BMC}`)] },
    LocationIndicatorActive: false,
    Manufacturer: 'Dell Inc.',
    Model: 'PowerEdge R770',
    Name: 'Computer System Chassis',
    Power: link(`Chassis/${AT}/Power`),
    Status: ENABLED,
    ...links(`Chassis/${AT}`, 'Sensors'),
  },
  [`Chassis/${AT}/Power`]: {
    '@odata.type': '#Power.v1_7_1.Power',
    Name: 'Power',
    PowerControl: [
      {
        '@odata.id': `/redfish/v1/Chassis/${AT}/Power#/PowerControl/0`,
        MemberId: 'PowerControl',
        Name: 'System Power Control',
        PowerCapacityWatts: 1400,
        PowerConsumedWatts: 296,
        PowerLimit: { CorrectionInMs: 0, LimitException: 'HardPowerOff', LimitInWatts: 32767 },
      },
    ],
  },
  [`Managers/${BMC}`]: {
    '@odata.type': '#Manager.v1_20_0.Manager',
    DateTimeLocalOffset: '+00:00',
    FirmwareVersion: '1.20.25.00',
    Links: {
      ManagerForChassis: [link(`Chassis/${AT}`)],
      ManagerForServers: [link(`Systems/${AT}`)],
      ManagerInChassis: link(`Chassis/${AT}`),
    },
    ManagerType: 'BMC',
    Model: 'iDRAC10',
    Name: 'Manager',
    NetworkProtocol: link(`Managers/${BMC}/NetworkProtocol`),
    Oem: { Dell: { '@odata.type': '#DellManager.v1_4_0.DellManager' } },
    PowerState: 'On',
    Status: ENABLED,
    UUID: '3136344f-c0c9-4d80-4410-00534d494c4c',
    ...links(`Managers/${BMC}`, 'EthernetInterfaces', 'LogServices'),
  },
  [`Managers/${BMC}/NetworkProtocol`]: {
    '@odata.type': '#ManagerNetworkProtocol.v1_10_1.ManagerNetworkProtocol',
    FQDN: 'idrac.example',
    HTTP: { Port: 80, ProtocolEnabled: true },
    HTTPS: { Port: 443, ProtocolEnabled: true },
    HostName: 'idrac',
    NTP: { NTPServers: ['', '', ''], ProtocolEnabled: false },
    Name: 'Manager Network Protocol',
    Status: ENABLED,
    ...Object.fromEntries(PROTOCOLS.map((name) => [name, { ProtocolEnabled: name !== 'IPMI' }])),
  },
};

const BOOT_FIELDS = fields({
  BootSourceOverrideEnabled: choice('Once', 'Continuous', 'Disabled'),
  BootSourceOverrideMode: choice('UEFI', 'Legacy'),
  BootSourceOverrideTarget: choice(...TARGETS),
  UefiTargetBootSourceOverride: { kind: 'string', longest: 512 },
});

/** Dell's iDRAC10. */
export const idrac: Preset = {
  title: 'Dell iDRAC10, a PowerEdge',
  managers: [BMC],
  root: {
    '@odata.type': '#ServiceRoot.v1_17_0.ServiceRoot',
    Oem: { Dell: { '@odata.type': '#DellServiceRoot.v1_0_0.DellServiceRoot', ServiceTag: 'SIMDELL' } },
    Product: 'Integrated Dell Remote Access Controller',
    ProtocolFeaturesSupported: { FilterQuery: false, OnlyMemberQuery: true, SelectQuery: true },
    RedfishVersion: '1.20.0',
    Vendor: 'Dell',
  },
  services: [
    'AccountService',
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
  ],
  bodies: () => BODIES,
  writable: () => ({
    [`Systems/${AT}`]: { AssetTag: { kind: 'string', longest: 63 } },
    [`Systems/${AT}/Settings`]: { Boot: BOOT_FIELDS },
    [`Chassis/${AT}`]: {
      AssetTag: { kind: 'string', longest: 63 },
      IndicatorLED: choice('Lit', 'Blinking'),
      LocationIndicatorActive: FLAG,
    },
    [`Chassis/${AT}/Power`]: {
      PowerControl: {
        kind: 'objects',
        fields: { PowerLimit: fields({ LimitInWatts: { kind: 'number', least: 300, most: 1400, nullable: true } }) },
      },
    },
    [`Managers/${BMC}`]: {},
    [`Managers/${BMC}/NetworkProtocol`]: { ...protocols(...PROTOCOLS), NTP: ntp(3) },
  }),
  resets: () => [
    {
      at: `Systems/${AT}`,
      of: 'ComputerSystem',
      values: [
        'On',
        'ForceOff',
        'ForceRestart',
        'GracefulRestart',
        'GracefulShutdown',
        'PushPowerButton',
        'Nmi',
        'PowerCycle',
      ],
      told: 'AllowableValues',
    },
    {
      at: `Chassis/${AT}`,
      of: 'Chassis',
      values: ['On', 'ForceOff', 'ForceRestart', 'GracefulRestart', 'GracefulShutdown', 'PowerCycle'],
      told: 'AllowableValues',
    },
    { at: `Managers/${BMC}`, of: 'Manager', values: ['GracefulRestart', 'ForceRestart'], told: 'AllowableValues' },
  ],
  host: { system: `Systems/${AT}`, chassis: [`Chassis/${AT}`], habits: { transitions: false } },
  habits: {
    registry: 'Base.1.18',
    messages: 'whole',
    patched: 'message',
    readOnly: 'PropertyNotWritable',
    alreadySo: 'PSU501',
    accepted: 204,
    bootProgress: 'stages',
    lastResetTime: true,
    etag: 'weak',
    actionsRefuseIfMatch: true,
    padding: { length: 3, with: '' },
  },
};
