/**
 * What an action endangers where it reaches more machines than was meant, and in words. The windows and the guards of a
 * fleet speak of actions by their class.
 */
export const GUARD_CLASSES = {
  None: 'settings that neither cut off the BMC nor disturb its host',
  Access: 'how people and programs reach the BMC',
  Thermal: 'how the machine is cooled',
  Manager: 'the BMC is away for a while',
  Host: 'the host is away for a while',
} as const;

export type GuardClass = keyof typeof GUARD_CLASSES;
