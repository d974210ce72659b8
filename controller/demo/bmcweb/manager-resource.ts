import type { JsonObject } from '../../../definitions/values/json.ts';
import type { MutableObject } from '../machine/resource.ts';

/** How OpenBMC's fan control is set up: as the example jobs want it, or as on a stock board that was recorded. */
export type FanSetup = 'demo' | 'openbmc';

const ROOT = '/redfish/v1';
const NUMBERS = { FFGainCoefficient: 0, FFOffCoefficient: 0, ICoefficient: 0, ILimitMax: 0, ILimitMin: 0 };
const LIMITS = { NegativeHysteresis: 0, OutLimitMax: 100, OutLimitMin: 30, PCoefficient: 0, PositiveHysteresis: 0 };
const SLEW = { SlewNeg: 0, SlewPos: 0 };
const CONTROLLER = { ...NUMBERS, ...LIMITS, ...SLEW };

interface Fan {
  readonly profile: string;
  readonly profiles: readonly string[];
  readonly zones: Readonly<Record<string, JsonObject>>;
  readonly fans: Readonly<Record<string, JsonObject>>;
  readonly pids: Readonly<Record<string, JsonObject>>;
  readonly steps: Readonly<Record<string, JsonObject>>;
}

/** `zones` in a controller are names; they become references once the manager is known. */
const OPENBMC: Fan = {
  profile: 'Performance',
  profiles: ['Acoustic', 'Performance'],
  zones: { Left: {}, PSU: { MinThermalOutput: 30 }, Right: {} },
  fans: {
    Fan_1: { FFGainCoefficient: 1, Inputs: ['Fan 1a', 'Fan 1b'], Outputs: ['Pwm 1'], Zones: ['Left'] },
    Fan_4: { FFGainCoefficient: 1, Inputs: ['Fan 4a', 'Fan 4b'], Outputs: ['Pwm 4'], Zones: ['Right'] },
    PSU2_Fan_1: {
      FFGainCoefficient: 1,
      Inputs: ['PSU2 Fan Speed 1'],
      NegativeHysteresis: 2,
      OutLimitMin: 0,
      Outputs: ['Pwm PSU2 Fan 1'],
      Zones: ['PSU'],
    },
  },
  pids: {
    Front_Panel_LCC: {
      Inputs: ['Front Panel Temp'],
      NegativeHysteresis: 5,
      PCoefficient: -0.15,
      SetPoint: 60,
      SlewNeg: -1,
      Zones: ['Left', 'Right'],
    },
    PSU1_Temperature: {
      ICoefficient: -4.64,
      ILimitMax: 100,
      ILimitMin: 30,
      Inputs: ['PSU1 Temperature'],
      NegativeHysteresis: 2,
      SetPoint: 55,
      SetPointOffset: 'UpperThresholdNonCritical',
      Zones: ['PSU'],
    },
  },
  steps: {
    Ambient_Curve: {
      Direction: 'Ceiling',
      Inputs: ['Front Panel Temp'],
      NegativeHysteresis: 5,
      PositiveHysteresis: 0,
      Steps: [
        { Output: 40, Target: 25 },
        { Output: 50, Target: 31 },
        { Output: 75, Target: 40 },
      ],
      Zones: ['Left'],
    },
  },
};

const DEMO_FAN = { FFGainCoefficient: 1, Multiplier: 1, StepDown: 2, StepUp: 5 };

const DEMO: Fan = {
  profile: 'Performance',
  profiles: ['Performance', 'Balanced', 'PowerSaver', 'Custom'],
  zones: { cpu_zone: { MinThermalOutput: 20 }, sys_zone: { MinThermalOutput: 25 } },
  fans: {
    cpu_fan_controller: { ...DEMO_FAN, Inputs: ['CPU Fan 1', 'CPU Fan 2'], Outputs: ['Pwm 1'], Zones: ['cpu_zone'] },
    sys_fan_controller: { ...DEMO_FAN, Inputs: ['Sys Fan 1', 'Sys Fan 2'], Outputs: ['Pwm 2'], Zones: ['sys_zone'] },
  },
  pids: {
    cpu_temp_controller: { Inputs: ['CPU Temp'], PCoefficient: -0.15, SetPoint: 70, Zones: ['cpu_zone'] },
    dimm_temp_controller: { Inputs: ['DIMM Temp'], PCoefficient: -0.1, SetPoint: 65, Zones: ['sys_zone'] },
  },
  steps: {},
};

const FANS: Readonly<Record<FanSetup, Fan>> = { demo: DEMO, openbmc: OPENBMC };

/** The manager resource of a board, without what changes by itself (DateTime). */
export function managerResource(fans: FanSetup, id: string): MutableObject {
  const at = `${ROOT}/Managers/${id}`;
  const link = (path: string): JsonObject => ({ '@odata.id': path });
  return {
    '@odata.id': at,
    '@odata.type': '#Manager.v1_15_0.Manager',
    Actions: {
      '#Manager.Reset': {
        '@Redfish.ActionInfo': `${at}/ResetActionInfo`,
        target: `${at}/Actions/Manager.Reset`,
      },
      '#Manager.ResetToDefaults': {
        'ResetType@Redfish.AllowableValues': ['ResetAll'],
        target: `${at}/Actions/Manager.ResetToDefaults`,
      },
    },
    DateTimeLocalOffset: '+00:00',
    Description: 'Baseboard Management Controller',
    EthernetInterfaces: link(`${at}/EthernetInterfaces`),
    ...(fans === 'demo' ? { FirmwareVersion: '2.18.0' } : {}),
    Id: id,
    LastResetTime: '2026-01-01T00:00:00+00:00',
    Links: {
      ManagerForChassis: [link(`${ROOT}/Chassis/Baseboard`)],
      'ManagerForChassis@odata.count': 1,
      ManagerForServers: [link(`${ROOT}/Systems/system`)],
      'ManagerForServers@odata.count': 1,
    },
    LogServices: link(`${at}/LogServices`),
    ManagerDiagnosticData: link(`${at}/ManagerDiagnosticData`),
    ManagerType: 'BMC',
    Model: 'OpenBmc',
    Name: 'OpenBmc Manager',
    NetworkProtocol: link(`${at}/NetworkProtocol`),
    Oem: { OpenBmc: openBmc(FANS[fans], at) },
    PowerState: 'On',
    ServiceEntryPointUUID: '09287113-3aeb-43bb-b4c4-99bc719abe17',
    ServiceIdentification: '',
    Status: { Health: 'OK', State: 'Enabled' },
    TimeZoneName: 'UTC',
    UUID: '4dab59cc-3142-4fc7-a02b-49d234583cdd',
  };
}

function openBmc(fan: Fan, manager: string): MutableObject {
  const at = `${manager}#/Oem/OpenBmc`;
  return {
    '@odata.id': at,
    '@odata.type': '#OpenBMCManager.v1_1_0.Manager',
    Certificates: { '@odata.id': `${manager}/Truststore/Certificates` },
    Fan: {
      '@odata.id': `${at}/Fan`,
      '@odata.type': '#OpenBMCManager.v1_1_0.Manager.Fan',
      FanControllers: map(at, 'FanController', CONTROLLER, fan.fans),
      FanZones: map(at, 'FanZone', zoneDefaults(), fan.zones),
      PidControllers: map(at, 'PidController', CONTROLLER, fan.pids),
      Profile: fan.profile,
      'Profile@Redfish.AllowableValues': fan.profiles,
      StepwiseControllers: map(at, 'StepwiseController', {}, fan.steps),
    },
  };
}

/** What a zone has that nobody gave anything. */
export function zoneDefaults(): JsonObject {
  return { Chassis: { '@odata.id': `${ROOT}/Chassis/Baseboard` }, FailSafePercent: 100, MinThermalOutput: 0 };
}

function map(
  at: string,
  kind: string,
  defaults: JsonObject,
  objects: Readonly<Record<string, JsonObject>>,
): MutableObject {
  const path = `${at}/Fan/${kind}s`;
  const entries: MutableObject = { '@odata.id': path, '@odata.type': `#OpenBMCManager.v1_1_0.Manager.${kind}s` };
  for (const [id, own] of Object.entries(objects)) {
    const zones = (own['Zones'] ?? []) as readonly string[];
    entries[id] = structuredClone({
      ...entryHead(`${path}/${id}`, kind),
      ...defaults,
      ...own,
      ...(zones.length > 0 ? { Zones: zones.map((zone) => ({ '@odata.id': `${at}/Fan/FanZones/${zone}` })) } : {}),
    }) as MutableObject;
  }
  return entries;
}

/** The two annotations that every object of the fan tree begins with. */
export function entryHead(path: string, kind: string): JsonObject {
  return { '@odata.id': path, '@odata.type': `#OpenBMCManager.v1_1_0.Manager.${kind}` };
}
