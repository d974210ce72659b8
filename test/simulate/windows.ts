import type { Claim, Part } from '../../definitions/run.ts';
import { text } from '../support/manifests.ts';
import { push } from './edits.ts';
import { type Manifest, NAMES, RACKS } from './fleet.ts';
import { holds } from './invariant.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulate.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FILES = ['windows/one.yaml', 'windows/two.yaml'];

/** A human commits a freeze, or an Allow; changes one, spoils one, or takes one out. All times are UTC. */
export async function rewindow(simulation: Simulation): Promise<void> {
  const { random, memory, clock } = simulation;
  const file = random.pick(FILES);
  const isThere = memory.manifests.has(file);
  if (isThere && random.chance(0.5)) return push(simulation, { [file]: null });
  const manifest = randomWindow(random, file, clock.now());
  return push(simulation, { [file]: text(random.chance(0.1) ? { ...manifest, Kind: 'Thaw' } : manifest) });
}

/** A freeze is committed while a run has parts that have not begun: its machines are slow, and few are talked to. */
export async function freezeDuringRun(simulation: Simulation): Promise<void> {
  const { random, bmcs, clock, service } = simulation;
  const due = service?.agenda.nextDue();
  if (!due || due.getTime() > clock.now().getTime() + 12 * HOUR) return;
  for (const name of NAMES) bmcs.next(name, { takesMs: 20_000 });
  await simulation.advance(Math.max(0, due.getTime() - clock.now().getTime()) + random.below(15_000));
  const at = (ms: number) => new Date(clock.now().getTime() + ms).toISOString().slice(0, 19);
  const freeze = {
    Name: FILES[0] ?? '',
    Kind: 'Freeze',
    TimeZone: 'UTC',
    From: at(random.pick([-1000, 5000])),
    To: at(2 * HOUR),
  };
  await push(simulation, { [FILES[0] ?? '']: text({ ...freeze, Overrun: random.pick(['Finish', 'Stop']) }) });
  await simulation.advance(random.below(120_000));
}

function randomWindow(random: Random, file: string, now: Date): Manifest {
  const at = (ms: number) => new Date(now.getTime() + ms).toISOString().slice(0, 19);
  const from = random.pick([-2 * HOUR, 0, random.below(12 * HOUR)]);
  const two = (value: number) => String(value).padStart(2, '0');
  const hour = random.below(24);
  const times: Manifest = random.chance(0.7)
    ? { Kind: 'Freeze', From: at(from), To: at(Math.max(from, 0) + HOUR + random.below(12 * HOUR)) }
    : { Kind: 'Allow', Time: `${two(hour)}:00:00`, Until: `${two((hour + 6 + random.below(15)) % 24)}:30:00` };
  return {
    Name: file,
    TimeZone: 'UTC',
    Manual: random.pick(['Allow', 'Deny']),
    Overrun: random.pick(['Finish', 'Stop']),
    ...times,
    ...(random.chance(0.4) && { Applies: { MachineSelector: { MatchLabels: { rack: random.pick(RACKS) } } } }),
  };
}

/** What the oracle knows of a window that is in force. */
interface Known {
  readonly kind: string;
  readonly manual: boolean;
  readonly finishes: boolean;
  readonly since: number;
  /** The stretch of it in which a moment lies; null: none. */
  readonly at: (moment: number) => { readonly from: number; readonly to: number } | null;
}

/** Nothing begins that a window forbids: judged here from the texts in force, by arithmetic in UTC alone. */
export function checkBegin({ service, clock, memory }: Simulation, { run, machine }: Part): void {
  if (!service) return;
  const entry = memory.entries.findLast(({ record }) => record.kind === 'claim' && record.claim.run === run);
  const claim = entry?.record.kind === 'claim' ? entry.record.claim : undefined;
  if (!claim) return;
  const [now, rack] = [clock.now().getTime(), machine.Labels?.['rack']];
  const about = [...service.inForce.windows.values()].flatMap(({ window, since }): Known[] => {
    const wanted = window.Applies?.MachineSelector?.MatchLabels?.['rack'];
    if (wanted !== undefined && wanted !== rack) return [];
    const { Kind: kind, Manual, Overrun } = window;
    const at =
      window.From === undefined ? daily(window.Time ?? '', window.Until ?? '') : once(window.From, window.To ?? '');
    return [{ kind, manual: Manual === 'Allow', finishes: Overrun === 'Finish', since: Number(since), at }];
  });
  const allows = about.filter(({ kind }) => kind === 'Allow');
  for (const each of about) if (each.kind === 'Freeze') checkFreeze(each, claim, now);
  if (allows.length === 0 || allows.some(({ at }) => at(now))) return;
  const isManual = claim.trigger === 'Manual' && allows.every(({ manual }) => manual);
  const began = Date.parse(claim.start);
  const goesOn = allows.every(({ finishes }) => finishes) && allows.some(({ at }) => at(began));
  holds(isManual || goesOn, `F02 ${run} began on ${machine.ID} outside its windows`);
}

function checkFreeze({ manual, finishes, since, at }: Known, claim: Claim, now: number): void {
  const active = at(now);
  if (!active || (manual && claim.trigger === 'Manual')) return;
  const began = Date.parse(claim.start);
  holds(finishes, `F07 a part of ${claim.run} began during a freeze that stops runs`);
  holds(active.from > began, `F04 ${claim.run} began during a freeze`);
  holds(since <= began, `F08 a part of ${claim.run} began though a freeze was committed during the run`);
}

function once(From: string, To: string): Known['at'] {
  const [from, to] = [Date.parse(`${From}Z`), Date.parse(`${To}Z`)];
  return (moment) => (from <= moment && moment < to ? { from, to } : null);
}

function daily(Time: string, Until: string): Known['at'] {
  const [begins, until] = [Time, Until].map((each) => Date.parse(`1970-01-01T${each}Z`)) as [number, number];
  const lasts = until > begins ? until - begins : until + DAY - begins;
  return (moment) => {
    const from = Math.floor((moment - begins) / DAY) * DAY + begins;
    return moment < from + lasts ? { from, to: from + lasts } : null;
  };
}
