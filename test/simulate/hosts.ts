import { readStatus, statusPath } from '../../definitions/status.ts';
import { own } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { asPlanned, documentsOf } from './edits.ts';
import { checkPublic } from './invariants.ts';
import type { Simulation } from './simulate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The process ends, some time passes, another one begins. */
export async function restart(simulation: Simulation, end: () => Promise<void>): Promise<void> {
  await end();
  simulation.memory.killAt(null);
  const downMs = simulation.random.below(simulation.random.pick([MINUTE, MINUTE, MINUTE, HOUR, 4 * HOUR, 50 * HOUR]));
  simulation.clock.advance(new Date(simulation.clock.now().getTime() + downMs));
  simulation.memory.faults.diskFull = false;
  await begin(simulation);
}

async function begin(simulation: Simulation): Promise<void> {
  simulation.history.push(`${simulation.clock.now().toISOString()} starts`);
  await simulation.start();
  await simulation.advance(0);
}

/**
 * The service moves to another host, orderly: of what it knew there is what is public, and no more. Now and then a
 * human has edited or deleted a status file in between.
 */
export async function moveHost(simulation: Simulation): Promise<void> {
  const { memory, lostRuns, countsBefore } = simulation;
  Object.assign(memory.faults, { diskFull: false, remoteDown: false });
  await simulation.advance(2 * MINUTE); // whatever had to wait for the disk or the remote goes out
  const { service } = simulation;
  if (!service) return;
  await simulation.stop();
  if (memory.died) return restart(simulation, () => simulation.kill());
  if (!memory.isPublic) throw new Error('R30 an orderly stop leaves results unpublished, with the remote there');
  checkPublic({ ...simulation, service });
  for (const { record } of memory.entries) if (record.kind === 'claim') lostRuns.add(record.claim.run);
  const tampered = simulation.random.chance(0.5) ? tamper(simulation) : null;
  memory.forget();
  countsBefore.clear();
  for (const [path, text] of memory.branch) {
    if (!path.endsWith('.status.yaml')) continue;
    const facts = parse(Buffer.from(text)).map(({ value, faults }) => (faults.length > 0 ? null : readStatus(value)));
    for (const each of facts) if (each) countsBefore.set(each.Id, each.ExecutionCount);
  }
  // logs of one second and one name are told apart by who publishes to Git (faults/hosts), which is not simulated
  simulation.clock.advance(new Date(simulation.clock.now().getTime() + 1000));
  await begin(simulation);
  if (tampered !== null) disarmed(simulation, tampered);
}

/** What people do to status files. */
const TAMPERINGS: readonly (readonly [does: string, change: (text: string) => string | null, loses: boolean])[] = [
  ['deletes', () => null, true],
  ['empties', () => '', true],
  ['spoils', () => '}{', true],
  ['spoils the tokens of', (text) => text.replaceAll(/^LastTrigger:[^\n]*(\n +[^\n]*)*/gm, 'LastTrigger: 5'), true],
  ['breaks the days of', (text) => text.replaceAll(/^( +)DaysOfWeek:.*(\n\1 +- .*)*/gm, '$1DaysOfWeek: 5'), true],
  [
    'counts up',
    (text) => text.replaceAll(/^ExecutionCount: (\d+)/gm, (_, n) => `ExecutionCount: ${Number(n) + 5}`),
    false,
  ],
  ['sets back', (text) => text.split('\n---\n').map(setBack).join('\n---\n'), false],
  ['forgets the failures of', (text) => text.replaceAll(/^Status: Failed/gm, 'Status: Completed'), false],
];

/** What has run by its schedule is to run once more. */
function setBack(document: string): string {
  const [, ran] = /Trigger: (?:Schedule|CatchUp)\n +NominalTime: ("[^"]+")/.exec(document) ?? [];
  return ran === undefined ? document : document.replace(/^NextRunTime: .*$/m, `NextRunTime: ${ran}`);
}

/** The manifest whose facts a human made unreadable; null when none. */
function tamper(simulation: Simulation): string | null {
  const { random, memory, jobs } = simulation;
  const files = [...new Set([...jobs.values()].map(({ file }) => file))].filter(
    (file) => memory.branch.has(statusPath(file)) && asPlanned(simulation, file),
  );
  const [does, change, loses] = random.pick(TAMPERINGS);
  // a token, or a time that comes again, would be new where nothing is known of them
  const isBehind = simulation.clock.now() < simulation.latest;
  const asked = (file: string) =>
    documentsOf(simulation, file).some(({ manifest }) => manifest['Trigger'] !== undefined);
  const fit = files.filter((file) => !loses || !(isBehind || asked(file)));
  if (fit.length === 0) return null;
  const file = random.pick(fit);
  simulation.history.push(`  a human ${does} the status file of ${file}`);
  memory.tamper(statusPath(file), change(memory.branch.get(statusPath(file)) ?? ''));
  return does.startsWith('spoils') ? file : null;
}

/** Where the facts of a Once job cannot be read it is not run before somebody says so (R41). */
function disarmed(simulation: Simulation, file: string): void {
  for (const { id, manifest } of documentsOf(simulation, file)) {
    const status = simulation.service?.agenda.status(id);
    if (own(manifest['Schedule'], 'Type') !== 'Once' || !status || status.NextRunTime === null) continue;
    throw new Error(`R41 ${id} would run at ${status.NextRunTime}, and its status file could not be read`);
  }
}

/** The clock of the host is set. */
export async function jump(simulation: Simulation, ms: number): Promise<void> {
  if (ms < 0) simulation.resumed.clear();
  simulation.clock.jump(new Date(simulation.clock.now().getTime() + ms));
  await simulation.advance(2 * MINUTE);
}
