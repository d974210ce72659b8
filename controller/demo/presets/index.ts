import { gb300 } from './gb300.ts';
import { idrac } from './idrac.ts';
import { ilo } from './ilo.ts';
import { openBmcPreset } from './openbmc.ts';
import type { Preset } from './preset.ts';
import { supermicro } from './supermicro.ts';
import { xcc } from './xcc.ts';

/** The machines that can be simulated, by name. `demo` is an OpenBMC with what the example jobs patch. */
export const PRESETS = {
  demo: openBmcPreset('demo'),
  openbmc: openBmcPreset('openbmc'),
  idrac,
  ilo,
  xcc,
  supermicro,
  gb300,
} as const satisfies Readonly<Record<string, Preset>>;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;
