import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { type JsonObject, own } from '../../definitions/values/json.ts';
import { PASSWORD } from '../support/bmc.ts';
import { createGitFolder, git, remoteAndClone, until } from '../support/git-folder.ts';
import { machine, text } from '../support/manifests.ts';
import { ended, pause, ready } from './child-process.ts';

const CHILD = join(import.meta.dirname, 'wire-child.ts');
const MACHINES = 3;
const JOBS = 80;
const ZONE = 'Oem/OpenBmc/Fan/FanZones/cpu_zone';
const FIELDS = ['FailSafePercent', 'MinThermalOutput'] as const;
/** Most kills shall come while something is under way. */
const SLOW_MS = 60;
/** Long enough for a change and its second look. */
const LONGEST_LIFE_MS = 400;
/** So often it is killed while it starts, with what the one before owed. */
const UNBORN = 0.25;
/** Seconds between which a job falls due, by kill: more than a start takes on a busy machine. */
const PER_KILL_S = 5;
/** No job may be left that falls due. */
const LONGEST_WAIT_MS = 3_000;

/** What became of a batch. */
export interface KilledOnWire {
  readonly changes: number;
  readonly interrupted: number;
  readonly reverted: number;
}

/** A part as its BMC saw it. */
interface Seen {
  patches: number;
}

/**
 * Kills a controller so often at random moments while it changes real BMCs, lets the last one come to its end, and
 * holds its logs against what the BMCs heard and hold (R61): what each held before a change is in the log of that
 * change, whatever became of it. Of some changes a BMC makes a part; what fails is put back, once (R66).
 * @throws Assertion
 */
export async function killOnWire(kills: number): Promise<KilledOnWire> {
  const folder = createGitFolder();
  const bmcs = new Map<string, Bmc>();
  for (let index = 1; index <= MACHINES; index += 1)
    bmcs.set(`machine-${index}`, await startBmc({ password: PASSWORD }));
  try {
    for (const bmc of bmcs.values()) {
      for (const field of FIELDS) bmc.put(`${ZONE}/${field}`, 1);
      bmc.faults.set({ kind: 'slow', ms: SLOW_MS, method: 'PATCH' });
      for (let change = 2; change < 3 * JOBS; change += 3)
        bmc.faults.set({ kind: 'partly', fields: ['FailSafePercent'], method: 'PATCH', skip: change, times: 1 });
    }
    const heard = folder.path('heard');
    writeFileSync(heard, '');
    mkdirSync(folder.path('state'), { recursive: true });
    const { bare } = remoteAndClone(folder, files(bmcs, kills * PER_KILL_S));
    const start = () => spawn(process.execPath, ['--import', 'tsx', CHILD, bare, folder.path('state'), heard]);
    const parts = () => readFileSync(heard, 'utf8').split('\n').length;
    const another = (before = parts(), end = Date.now() + LONGEST_WAIT_MS) =>
      until(() => parts() > before || Date.now() > end);
    for (let kill = 0; kill < kills; kill += 1) {
      const child = start();
      if (Math.random() > UNBORN) {
        await ready(child);
        await another();
      }
      await pause(Math.random() * LONGEST_LIFE_MS);
      child.kill('SIGKILL');
      await ended(child);
    }
    const last = start();
    await ready(last);
    await another();
    last.kill('SIGTERM');
    assert.is(await ended(last), 0, 'R30 a stop ends with 0');
    return compare(bare, readFileSync(heard, 'utf8'), bmcs);
  } finally {
    for (const bmc of bmcs.values()) await bmc.close();
    folder.remove();
  }
}

/** The fleet, and jobs that fall due one after the other for so many seconds from now; each sets values of its own. */
function files(bmcs: ReadonlyMap<string, Bmc>, seconds: number): Readonly<Record<string, string>> {
  const inventory = [...bmcs].map(([ID, { endpoint, fingerprint }]) =>
    machine(ID, { Type: 'Extend', Endpoint: endpoint, TLS: { Fingerprint: fingerprint } }),
  );
  const begin = Date.now() + 1_500;
  const jobs = Array.from({ length: JOBS }, (_, index): [string, string] => {
    const Time = new Date(begin + (index * seconds * 1_000) / JOBS).toISOString().slice(11, 19);
    const Payload = { FailSafePercent: 10 + index, MinThermalOutput: 1_000 + index };
    const manifest = {
      Name: `Job ${index}`,
      Machines: [...bmcs.keys()],
      Action: 'PatchFanZone',
      Payload: [{ ManagerID: 'bmc', FanZoneID: 'cpu_zone', Payload }],
      Schedule: { Type: 'Continuous', Time, Period: {} },
      OnFailure: 'Revert',
    };
    return [`jobs/job-${index}.yaml`, text(manifest)];
  });
  return { 'machines/all.yaml': inventory.join('---\n'), ...Object.fromEntries(jobs) };
}

function compare(bare: string, heard: string, bmcs: ReadonlyMap<string, Bmc>): KilledOnWire {
  const logs = logsOf(bare);
  const parts = partsOf(heard, bmcs);
  let changes = 0;
  let interrupted = 0;
  let reverted = 0;
  for (const [id, bmc] of bmcs) {
    const zone = bmc.get(ZONE) as JsonObject;
    let holds: JsonObject = { FailSafePercent: 1, MinThermalOutput: 1 };
    for (const [part, { patches }] of parts) {
      if (!part.endsWith(`/${id}`)) continue;
      const log = logs.get(part);
      assert.ok(log, `R24 ${part} began and has no log`);
      assert.ok(patches <= 2, `R66 ${part} was put back more than once: ${patches} changes`);
      if (patches > 0) {
        changes += 1;
        for (const field of FIELDS) {
          const old = own(log.Result, `Old${field}`);
          assert.is(old, own(holds, field), `R61 ${part} has lost what ${field} was: ${JSON.stringify(log)}`);
        }
      }
      const now = log.Result === null ? holds : newOf(log);
      if (log.Status === 'failed') {
        assert.match(log.Error ?? '', /interrupted|reverted/);
        const isOwed = log.Error?.includes('RestoreFailed') === true; // the fault struck what put it back
        if (!isOwed) assert.equal(now, holds, `R66 ${part} failed, and all is as it was: ${JSON.stringify(log)}`);
        if (log.Error?.includes('interrupted')) interrupted += 1;
        if (log.Error?.includes('reverted')) reverted += 1;
      } else assert.is(patches > 1, false, `${part} did not fail, and sent ${patches} changes`);
      holds = now;
    }
    assert.equal(
      holds,
      Object.fromEntries(FIELDS.map((field) => [field, own(zone, field)])),
      `the logs say what ${id} holds`,
    );
  }
  return { changes, interrupted, reverted };
}

/** What a log says that there is now. */
function newOf({ Result: result }: LogRecord): JsonObject {
  return Object.fromEntries(FIELDS.map((field) => [field, own(result, `New${field}`) ?? null]));
}

/** Each part in the order in which they began first, and how many changes its BMC was asked for until the next. */
function partsOf(heard: string, bmcs: ReadonlyMap<string, Bmc>): ReadonlyMap<string, Seen> {
  const lines = heard.trimEnd().split('\n');
  const begun = lines.map((line) => {
    const [at = '', part = ''] = line.split(' ');
    return { at: Number(at), part, machine: part.slice(part.indexOf('/') + 1) };
  });
  const parts = new Map<string, Seen>(begun.map(({ part }) => [part, { patches: 0 }]));
  for (const [id, { requests }] of bmcs) {
    for (const { method, time } of requests) {
      if (method !== 'PATCH') continue;
      const of = begun.findLast(({ at, machine: on }) => on === id && at <= time.getTime());
      const seen = of && parts.get(of.part);
      assert.ok(seen, `${id} was changed by nobody`);
      seen.patches += 1;
    }
  }
  return parts;
}

function logsOf(bare: string): ReadonlyMap<string, LogRecord> {
  const paths = git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n');
  return new Map(
    paths.map((path) => {
      const log = JSON.parse(git(bare, 'show', `main:${path}`)) as LogRecord;
      return [`${log.JobID}/${log.MachineID}`, log];
    }),
  );
}
