import type { PresetName } from './presets/index.ts';
import type { WantedMachine } from './rack.ts';

const VENDORS: readonly PresetName[] = ['openbmc', 'idrac', 'ilo', 'xcc', 'supermicro', 'gb300'];
/** From the evening to the morning of a demonstration. */
const NIGHT_MS = 60_000;

/** A mixed rack: so many machines, of each vendor one at least. */
export function vendorMachines(count: number): readonly WantedMachine[] {
  return Array.from({ length: Math.max(count, VENDORS.length) }, (_, index) => {
    const preset = VENDORS[index % VENDORS.length] ?? 'openbmc';
    return { id: `${preset}-${Math.floor(index / VENDORS.length) + 1}`, preset, labels: { room: 'lab' } };
  });
}

/** What the repository of so many machines begins with: hosts may be switched off all at once here, each night. */
export function vendorFiles(machines: number): Readonly<Record<string, string>> {
  const daily = (time: string) => `Type: Continuous\n  Time: "${time}"\n  Period: {}`;
  return {
    'bmcron.yaml': `TimeZone: UTC
Guards:
  - { Class: Host, MaxMachines: null, MaxPerDomain: null } # a demonstration: built in are 10 an hour
`,
    'jobs/evening.yaml': job(machines, 'Off', 'Evening', daily('20:00:00'), 'Every evening: all hosts off.'),
    'jobs/morning.yaml': job(machines, 'On', 'Morning', daily('07:00:00'), 'Every morning: all hosts on.'),
  };
}

/** An evening at a time of day (`HH:MM:SS`, UTC) and a morning a minute later, by the paths of their jobs. */
export function vendorNight(time: string, machines: number): Readonly<Record<string, string>> {
  const morning = new Date(Date.parse(`2026-01-01T${time}Z`) + NIGHT_MS).toISOString().slice(11, 19);
  const once = (at: string) => `Type: Once\n  Time: "${at}"`;
  return {
    'jobs/first-run.yaml': job(machines, 'Off', 'First run', once(time), 'Once, in a few seconds: all hosts off.'),
    'jobs/next-morning.yaml': job(machines, 'On', 'Next morning', once(morning), 'Once, a minute later: all hosts on.'),
  };
}

function job(machines: number, power: 'On' | 'Off', name: string, schedule: string, comment: string): string {
  const graceful = power === 'Off' ? ', Graceful: 2m' : '';
  return `# ${comment}
Name: ${name}
MachineSelector:
  MatchLabels: { room: lab }
${power === 'Off' ? `Confirm: { Machines: ${machines} }\n` : ''}Action: SetPowerState
Payload:
  Payload: { PowerState: "${power}"${graceful} }
Schedule:
  ${schedule}
`;
}
