import { ASSET_TAG, choice, type FieldRules, FLAG, fields, ntp, protocols } from '../machine/field-rules.ts';
import { ENABLED, link, links, type Preset } from './preset.ts';

/*
 * NVIDIA GB300, Supermicro's build: a host BMC and the HGX module's one behind it, both OpenBMC.
 * Facts (a captured tree): IDs and links, `HGX_Baseboard_0` is a system without Reset and Boot, resets in ActionInfo
 * alone, both lights, the control `TotalGPU_Power_0` in `Override` while its excerpt says `Automatic`, GPUs with limits
 * of their own, an HGX manager without NTP and IPMI. Left out: the fan control of `BMC_0`, two of four GPUs.
 * Guessed: serial numbers, that the excerpt and the control are written through one another, how long things take.
 */

const TARGETS = ['None', 'Pxe', 'Hdd', 'Cd', 'Diags', 'BiosSetup', 'Usb'];
const MODULE = { AllowableMax: 5600, AllowableMin: 800, DefaultSetPoint: 5600 };
const GPU = { AllowableMax: 1400, AllowableMin: 200, DefaultSetPoint: 1400 };
const GPUS = ['GPU_0', 'GPU_1'];
const HGX = 'Systems/HGX_Baseboard_0';
const CONTROL = 'Chassis/HGX_Chassis_0/Controls/TotalGPU_Power_0';

const SYSTEMS = {
  'Systems/System_0': {
    '@odata.type': '#ComputerSystem.v1_22_0.ComputerSystem',
    AssetTag: '',
    BiosVersion: '1.1.0',
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      'BootSourceOverrideEnabled@Redfish.AllowableValues': ['Once', 'Continuous', 'Disabled'],
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
    },
    IndicatorLED: 'Off',
    Links: { Chassis: [link('Chassis/Chassis_0')], ManagedBy: [link('Managers/BMC_0')] },
    LocationIndicatorActive: false,
    Manufacturer: 'Supermicro',
    Model: 'GB NVL',
    Name: 'System_0',
    PowerRestorePolicy: 'LastState',
    SerialNumber: 'SIM0000005',
    Status: ENABLED,
    SystemType: 'Physical',
    UUID: '53494d30-3030-3030-3035-474233303030',
    ...links('Systems/System_0', 'LogServices', 'Memory', 'Processors'),
  },
  [HGX]: {
    '@odata.type': '#ComputerSystem.v1_22_0.ComputerSystem',
    LastResetTime: '1970-01-01T00:00:00+00:00',
    Links: { Chassis: [link('Chassis/HGX_Chassis_0')], ManagedBy: [link('Managers/HGX_BMC_0')] },
    Manufacturer: 'NVIDIA',
    Model: 'GB300 NVL',
    Name: 'HGX_Baseboard_0',
    PowerMode: 'OEM',
    'PowerMode@Redfish.AllowableValues': [],
    PowerState: 'On',
    SerialNumber: 'SIM0000006',
    Status: ENABLED,
    SystemType: 'Physical',
    UUID: 'c01dc250-5678-11ed-9b6a-0242ac120002',
    ...links(HGX, 'LogServices', 'Memory', 'Processors'),
  },
  ...Object.fromEntries(
    GPUS.flatMap((id) => [
      [
        `${HGX}/Processors/${id}`,
        {
          '@odata.type': '#Processor.v1_18_0.Processor',
          EnvironmentMetrics: link(`${HGX}/Processors/${id}/EnvironmentMetrics`),
          Manufacturer: 'NVIDIA',
          Name: `Processor ${id}`,
          ProcessorType: 'GPU',
          Status: ENABLED,
        },
      ],
      [
        `${HGX}/Processors/${id}/EnvironmentMetrics`,
        {
          '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
          Name: `${id} Environment Metrics`,
          PowerLimitWatts: { ...GPU, ControlMode: 'Automatic', Reading: 231.939, SetPoint: 1400 },
          PowerWatts: { Reading: 231.939 },
        },
      ],
    ]),
  ),
};

const CHASSIS = {
  'Chassis/Chassis_0': {
    '@odata.type': '#Chassis.v1_22_0.Chassis',
    AssetTag: '',
    ChassisType: 'Shelf',
    IndicatorLED: 'Off',
    Links: { ComputerSystems: [link('Systems/System_0')], ManagedBy: [link('Managers/BMC_0')] },
    LocationIndicatorActive: false,
    Manufacturer: 'Supermicro',
    Model: 'GB NVL',
    Name: 'Chassis_0',
    SerialNumber: 'SIM0000005',
    Status: ENABLED,
    ...links('Chassis/Chassis_0', 'Controls', 'EnvironmentMetrics', 'Sensors'),
  },
  'Chassis/Chassis_0/EnvironmentMetrics': {
    '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
    Name: 'Chassis Environment Metrics',
    PowerWatts: { Reading: 954.685 },
  },
  'Chassis/HGX_Chassis_0': {
    '@odata.type': '#Chassis.v1_22_0.Chassis',
    ChassisType: 'Zone',
    Links: { ComputerSystems: [link(HGX)], ManagedBy: [link('Managers/HGX_BMC_0')] },
    Manufacturer: 'NVIDIA',
    Model: 'GB300 NVL',
    Name: 'HGX_Chassis_0',
    Status: ENABLED,
    ...links('Chassis/HGX_Chassis_0', 'Controls', 'EnvironmentMetrics', 'Sensors'),
  },
  [CONTROL]: {
    '@odata.type': '#Control.v1_3_0.Control',
    ...MODULE,
    ControlMode: 'Override',
    ControlType: 'Power',
    Name: 'System Power Control',
    PhysicalContext: 'GPU',
    RelatedItem: GPUS.map((id) => link(`${HGX}/Processors/${id}`)),
    SetPoint: 5600,
    SetPointUnits: 'W',
    Status: ENABLED,
  },
  'Chassis/HGX_Chassis_0/EnvironmentMetrics': {
    '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
    Name: 'Chassis Environment Metrics',
    PowerLimitWatts: {
      ...MODULE,
      ControlMode: 'Automatic',
      DataSourceUri: `/redfish/v1/${CONTROL}`,
      SetPoint: 5600,
    },
  },
};

function manager(id: string, of: { readonly system: string; readonly chassis: string }, firmware: string) {
  return {
    '@odata.type': '#Manager.v1_15_0.Manager',
    DateTimeLocalOffset: '+00:00',
    Description: 'Baseboard Management Controller',
    FirmwareVersion: firmware,
    Links: {
      ManagerForChassis: [link(`Chassis/${of.chassis}`)],
      ManagerForServers: [link(`Systems/${of.system}`)],
    },
    ManagerType: 'BMC',
    Model: 'OpenBmc',
    Name: 'OpenBmc Manager',
    NetworkProtocol: link(`Managers/${id}/NetworkProtocol`),
    PowerState: 'On',
    ServiceIdentification: '',
    Status: ENABLED,
    ...links(`Managers/${id}`, 'EthernetInterfaces', 'LogServices'),
  };
}

function network(hostName: string, more: object) {
  return {
    '@odata.type': '#ManagerNetworkProtocol.v1_5_0.ManagerNetworkProtocol',
    FQDN: hostName,
    HTTP: { Port: null, ProtocolEnabled: false },
    HTTPS: { Port: 443, ProtocolEnabled: true },
    HostName: hostName,
    Name: 'Manager Network Protocol',
    SSH: { Port: 22, ProtocolEnabled: true },
    Status: ENABLED,
    ...more,
  };
}

const MANAGERS = {
  'Managers/BMC_0': manager('BMC_0', { system: 'System_0', chassis: 'Chassis_0' }, '70.01.00.09'),
  'Managers/BMC_0/NetworkProtocol': network('GBNVL', {
    IPMI: { Port: 623, ProtocolEnabled: true },
    NTP: { NTPServers: [], ProtocolEnabled: true },
  }),
  'Managers/HGX_BMC_0': manager(
    'HGX_BMC_0',
    { system: 'HGX_Baseboard_0', chassis: 'HGX_Chassis_0' },
    'GB200Nvl-25.07-7',
  ),
  'Managers/HGX_BMC_0/NetworkProtocol': network('gb300nvl-hmc', {}),
};

function limit({ AllowableMin, AllowableMax }: { AllowableMin: number; AllowableMax: number }): FieldRules {
  return {
    ControlMode: choice('Automatic', 'Override', 'Disabled'),
    SetPoint: { kind: 'number', least: AllowableMin, most: AllowableMax },
  };
}

/** NVIDIA's GB300. */
export const gb300: Preset = {
  title: 'NVIDIA GB300, two managers and two systems',
  managers: ['BMC_0', 'HGX_BMC_0'],
  root: {
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    ProtocolFeaturesSupported: { FilterQuery: false, OnlyMemberQuery: true, SelectQuery: true },
    RedfishVersion: '1.17.0',
    UUID: 'a5d2bd4c-5c5f-4a1e-9a63-53494d303035',
    Vendor: 'NVIDIA',
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
  bodies: () => ({ ...SYSTEMS, ...CHASSIS, ...MANAGERS }),
  writable: () => ({
    'Systems/System_0': {
      AssetTag: ASSET_TAG,
      Boot: fields({
        BootSourceOverrideEnabled: choice('Once', 'Continuous', 'Disabled'),
        BootSourceOverrideTarget: choice(...TARGETS),
      }),
      IndicatorLED: choice('Lit', 'Blinking', 'Off'),
      LocationIndicatorActive: FLAG,
      PowerRestorePolicy: choice('AlwaysOn', 'AlwaysOff', 'LastState'),
    },
    'Chassis/Chassis_0': { IndicatorLED: choice('Lit', 'Blinking', 'Off'), LocationIndicatorActive: FLAG },
    [CONTROL]: limit(MODULE),
    'Chassis/HGX_Chassis_0/EnvironmentMetrics': { PowerLimitWatts: fields(limit(MODULE)) },
    ...Object.fromEntries(
      GPUS.map((id) => [`${HGX}/Processors/${id}/EnvironmentMetrics`, { PowerLimitWatts: fields(limit(GPU)) }]),
    ),
    'Managers/BMC_0': { ServiceIdentification: { kind: 'string', longest: 99 } },
    'Managers/HGX_BMC_0': { ServiceIdentification: { kind: 'string', longest: 99 } },
    'Managers/BMC_0/NetworkProtocol': { ...protocols('IPMI', 'SSH'), NTP: ntp(10) },
    'Managers/HGX_BMC_0/NetworkProtocol': protocols('SSH'),
  }),
  resets: () => [
    {
      at: 'Systems/System_0',
      of: 'ComputerSystem',
      values: ['On', 'ForceOff', 'ForceOn', 'ForceRestart', 'GracefulRestart', 'GracefulShutdown', 'PowerCycle', 'Nmi'],
      told: 'ActionInfo',
    },
    { at: 'Chassis/Chassis_0', of: 'Chassis', values: ['PowerCycle'], told: 'ActionInfo' },
    { at: 'Managers/BMC_0', of: 'Manager', values: ['GracefulRestart', 'ForceRestart'], told: 'ActionInfo' },
    { at: 'Managers/HGX_BMC_0', of: 'Manager', values: ['GracefulRestart', 'ForceRestart'], told: 'ActionInfo' },
  ],
  excerpts: [{ control: CONTROL, at: 'Chassis/HGX_Chassis_0/EnvironmentMetrics', property: 'PowerLimitWatts' }],
  host: { system: 'Systems/System_0', chassis: ['Chassis/Chassis_0'] },
  habits: {
    registry: 'Base.1.18',
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
