import { ASSET_TAG, choice, FLAG, fields, ntp, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * Lenovo XCC of a ThinkSystem. Facts (trimmed fixtures, vendor's scripts, bug reports): IDs, the values of Reset with
 * ForceOn, the boot targets, four NTP servers, a power control in Controls named PowerLimit, no cap as `null`.
 * Guessed: the range of the cap, shown fields of Chassis, a PATCH answered with the resource, NTP filled up with "",
 * how long things take.
 */

const TARGETS = ['None', 'Pxe', 'Cd', 'Usb', 'Hdd', 'BiosSetup', 'Diags', 'UefiTarget'];
const PROTOCOLS = ['HTTP', 'IPMI', 'KVMIP', 'SNMP', 'SSDP', 'SSH', 'VirtualMedia'];
const RANGE = { AllowableMax: 1100, AllowableMin: 250 };

const BODIES = {
  'Systems/1': {
    '@odata.type': '#ComputerSystem.v1_16_0.ComputerSystem',
    AssetTag: '',
    BiosVersion: 'ESE122T',
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      'BootSourceOverrideEnabled@Redfish.AllowableValues': ['Once', 'Disabled'],
      BootSourceOverrideMode: 'UEFI',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
    },
    Links: { Chassis: [link('Chassis/1')], ManagedBy: [link('Managers/1')] },
    LocationIndicatorActive: false,
    Manufacturer: 'Lenovo',
    Model: 'ThinkSystem SR650 V3',
    Name: 'ComputerSystem',
    PowerRestorePolicy: 'LastState',
    SerialNumber: 'SIM0000003',
    Status: { ...ENABLED, HealthRollup: 'OK' },
    SystemType: 'Physical',
    UUID: '53494d30-3030-3030-3033-4c656e6f766f',
    ...links('Systems/1', 'EthernetInterfaces', 'LogServices', 'Memory', 'Processors', 'Storage'),
  },
  'Chassis/1': {
    '@odata.type': '#Chassis.v1_19_0.Chassis',
    AssetTag: '',
    ChassisType: 'RackMount',
    Links: { ComputerSystems: [link('Systems/1')], ManagedBy: [link('Managers/1')] },
    LocationIndicatorActive: false,
    Manufacturer: 'Lenovo',
    Model: 'ThinkSystem SR650 V3',
    Name: 'Chassis',
    SerialNumber: 'SIM0000003',
    Status: ENABLED,
    ...links('Chassis/1', 'Controls', 'Sensors'),
  },
  'Chassis/1/Controls/PowerLimit': {
    '@odata.type': '#Control.v1_3_0.Control',
    ...RANGE,
    ControlMode: 'Disabled',
    ControlType: 'Power',
    Name: 'Power Limit',
    PhysicalContext: 'Chassis',
    SetPoint: null,
    SetPointUnits: 'W',
    Status: ENABLED,
  },
  'Managers/1': {
    '@odata.type': '#Manager.v1_15_0.Manager',
    DateTimeLocalOffset: '+00:00',
    FirmwareVersion: 'ESX324R 5.30',
    Links: {
      ManagerForChassis: [link('Chassis/1')],
      ManagerForServers: [link('Systems/1')],
      ManagerInChassis: link('Chassis/1'),
    },
    ManagerType: 'BMC',
    Model: 'Lenovo XClarity Controller',
    Name: 'Manager',
    NetworkProtocol: link('Managers/1/NetworkProtocol'),
    PowerState: 'On',
    Status: ENABLED,
    UUID: '53494d30-3030-3030-3033-4c656e6f7667',
    ...links('Managers/1', 'EthernetInterfaces', 'LogServices'),
  },
  'Managers/1/NetworkProtocol': {
    '@odata.type': '#ManagerNetworkProtocol.v1_9_0.ManagerNetworkProtocol',
    FQDN: 'xcc.example',
    HTTPS: { Port: 443, ProtocolEnabled: true },
    HostName: 'xcc',
    NTP: { NTPServers: ['', '', '', ''], ProtocolEnabled: true },
    Name: 'Manager Network Protocol',
    Status: ENABLED,
    ...Object.fromEntries(PROTOCOLS.map((name) => [name, { ProtocolEnabled: true }])),
  },
};

/** Lenovo's XClarity Controller. */
export const xcc: Preset = {
  title: 'Lenovo XCC, a ThinkSystem',
  managers: ['1'],
  root: {
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    ProtocolFeaturesSupported: { FilterQuery: false, OnlyMemberQuery: true, SelectQuery: true },
    RedfishVersion: '1.16.0',
    UUID: '00000000-0000-0000-0000-000000000001',
    Vendor: 'Lenovo',
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
  bodies: () => BODIES,
  writable: () => ({
    'Systems/1': {
      AssetTag: ASSET_TAG,
      Boot: fields({
        BootSourceOverrideEnabled: choice('Once', 'Disabled'),
        BootSourceOverrideMode: choice('UEFI', 'Legacy'),
        BootSourceOverrideTarget: choice(...TARGETS),
      }),
      LocationIndicatorActive: FLAG,
      PowerRestorePolicy: choice('AlwaysOn', 'AlwaysOff', 'LastState'),
    },
    'Chassis/1': { AssetTag: ASSET_TAG, LocationIndicatorActive: FLAG },
    'Chassis/1/Controls/PowerLimit': {
      ControlMode: choice('Automatic', 'Disabled'),
      SetPoint: { kind: 'number', least: RANGE.AllowableMin, most: RANGE.AllowableMax, nullable: true },
    },
    'Managers/1': {},
    'Managers/1/NetworkProtocol': { ...protocols(...PROTOCOLS), NTP: ntp(4) },
  }),
  resets: () => [
    {
      at: 'Systems/1',
      of: 'ComputerSystem',
      values: ['On', 'Nmi', 'GracefulShutdown', 'GracefulRestart', 'ForceOn', 'ForceOff', 'ForceRestart'],
      told: 'AllowableValues',
    },
    { at: 'Managers/1', of: 'Manager', values: ['GracefulRestart', 'ForceRestart'], told: 'AllowableValues' },
  ],
  host: { system: 'Systems/1', chassis: ['Chassis/1'], habits: { transitions: false } },
  habits: {
    registry: 'Base.1.15',
    messages: 'whole',
    patched: 'resource',
    readOnly: 'PropertyNotWritable',
    alreadySo: 'accepted',
    accepted: 204,
    bootProgress: 'stages',
    lastResetTime: true,
    etag: 'strong',
    padding: { length: 4, with: '' },
  },
};
