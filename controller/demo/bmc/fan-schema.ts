import type { ValueKind } from './body.ts';

/** Properties that must be numbers. */
export const numbers = (names: string): Record<string, ValueKind> =>
  Object.fromEntries(names.split(' ').map((name): [string, ValueKind] => [name, 'number']));

const CONTROLLER_KINDS: Readonly<Record<string, ValueKind>> = {
  ...numbers('DCoefficient FFGainCoefficient FFOffCoefficient ICoefficient ILimitMax ILimitMin NegativeHysteresis'),
  ...numbers('OutLimitMax OutLimitMin PCoefficient PositiveHysteresis SetPoint SlewNeg SlewPos'),
  CheckHysteresisWithSetpoint: 'string',
  Inputs: 'strings',
  Outputs: 'strings',
  SetPointOffset: 'string',
  Zones: 'any',
};

/** One of the four maps of the fan tree. */
export interface Container {
  readonly key: string;
  readonly kinds: Readonly<Record<string, ValueKind>>;
  /** Maps in which an ID is looked for: a PID controller and a fan controller are one kind of thing to bmcweb. */
  readonly among: readonly string[];
  /** Writes that bmcweb makes besides the properties given. */
  readonly besides: number;
}

const CONTROLLERS = ['PidControllers', 'FanControllers'];
/** In the order in which bmcweb carries them out. */
export const CONTAINERS: readonly Container[] = [
  { key: 'PidControllers', kinds: CONTROLLER_KINDS, among: CONTROLLERS, besides: 1 },
  { key: 'FanControllers', kinds: CONTROLLER_KINDS, among: CONTROLLERS, besides: 1 },
  {
    key: 'FanZones',
    kinds: { ...numbers('FailSafePercent MinThermalOutput'), Chassis: 'object' },
    among: ['FanZones'],
    besides: 2,
  },
  {
    key: 'StepwiseControllers',
    kinds: { Direction: 'string', Inputs: 'strings', Steps: 'any', Zones: 'any' },
    among: ['StepwiseControllers'],
    besides: 2,
  },
];
