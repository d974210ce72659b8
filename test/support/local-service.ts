import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { openService, type Service } from '../../controller/service.ts';
import { createBmcs } from './bmcs.ts';
import { createFastClock } from './fast-clock.ts';
import { ADA, createGitFolder, GIT_ENVIRONMENT, git, until, workTree } from './git-folder.ts';
import { daily, machines } from './manifests.ts';

const run = promisify(execFile);
const JOB = 'jobs/nightly.yaml';
/** How much faster than the host's its clock runs: 2 s of quiet before a publication are 100 ms. */
const SPEED = 20;

/** A commit by somebody, and how the service heard of it. */
export interface HumanCommit {
  /** Resolves with how many milliseconds after the commit what it says was in force. */
  readonly inForce: Promise<number>;
}

/** A whole service in a repository of this machine that it writes to itself, without a remote. */
export interface LocalService {
  readonly service: Service;
  readonly events: readonly ControllerEvent[];
  /** Commits an edit of the job; resolves once it is the tip. */
  commit(): Promise<HumanCommit>;
  /** Resolves in the moment in which a commit of the service is the tip. */
  published(): Promise<void>;
  stop(): Promise<void>;
}

/** How people commit: as most do, or past the index, so that the service never makes them wait. */
export type Committing = 'git commit' | 'git fast-import';

export interface LocalServiceOptions {
  readonly by: Committing;
  readonly branch?: string;
  /** Whether it watches the repository; otherwise only what the service itself does leads to a look. */
  readonly listens?: boolean;
}

/** Starts one. Its next periodic look is a day away: by that, nothing is noticed in time. */
export async function openLocalService({ by, branch = 'main', listens = true }: LocalServiceOptions) {
  const at = createGitFolder();
  const top = workTree(at.path('fleet'), { ...machines(1), [JOB]: daily({ Name: 'Edit 0' }) });
  if (branch !== 'main') git(top, 'switch', '--quiet', '--create', branch);
  const began = performance.now();
  const clock = createFastClock('2026-03-10T10:00:00Z', SPEED, () => performance.now() - began);
  const events: ControllerEvent[] = [];
  const service = await openService({
    location: { fleet: top },
    push: true,
    skipCI: false,
    stateDir: at.path('state'),
    environment: GIT_ENVIRONMENT,
    pullIntervalMs: 86_400_000,
    random: Math.random,
    clock,
    executor: createBmcs().executor(clock),
    observe: (event) => void events.push(event),
  });
  await service.controller.start();
  if (listens) await service.listen();
  const running = service.controller.run();
  const people = createPeople(top, branch, by, service);
  return {
    service,
    events,
    ...people,
    async stop() {
      await service.controller.stop();
      await running;
      await service.close();
      at.remove();
    },
  } satisfies LocalService;
}

/** What people do in a repository, and what they see of the service there. */
function createPeople(top: string, branch: string, by: Committing, service: Service) {
  const theirs = new Set<string>();
  let edits = 0;
  const tip = () => readFileSync(`${top}/.git/refs/heads/${branch}`, 'utf8').trim();
  const edit = () => Number(service.agenda.jobs.get('nightly')?.spec.Name.split(' ')[1]);
  return {
    async commit(): Promise<HumanCommit> {
      edits += 1;
      const number = edits;
      const text = daily({ Name: `Edit ${number}` });
      theirs.add(by === 'git commit' ? await commitAll(top, text) : await importCommit(top, branch, tip, text));
      const committed = performance.now();
      return { inForce: until(() => edit() >= number).then(() => performance.now() - committed) };
    },
    async published() {
      const limit = performance.now() + 20_000;
      while (theirs.has(tip())) {
        if (performance.now() > limit) throw new Error('nothing was published');
        await sleep(1);
      }
    },
  };
}

/** `git commit`, again while git or the service is at work there. Returns the commit. */
async function commitAll(top: string, text: string): Promise<string> {
  const options = { cwd: top, env: { ...GIT_ENVIRONMENT, ...ADA, TEXT: text, JOB } };
  const script = 'printf %s "$TEXT" > "$JOB" && git commit --quiet --message edit -- "$JOB" && git rev-parse HEAD';
  for (;;) {
    try {
      return (await run('/bin/sh', ['-c', script], options)).stdout.trim();
    } catch (error) {
      if (!/index\.lock|cannot lock ref/.test(String(error))) throw error;
    }
  }
}

/** A commit on the tip past index and work tree, again while the tip moves. Returns the commit. */
async function importCommit(top: string, branch: string, tip: () => string, text: string): Promise<string> {
  for (;;) {
    const from = tip();
    const stream = [
      `commit refs/heads/${branch}`,
      'mark :1',
      'committer Ada <ada@example.com> now',
      'data 4\nedit',
      `from ${from}`,
      `M 100644 inline ${JOB}`,
      `data ${Buffer.byteLength(text)}\n${text}`,
      'get-mark :1\n',
    ].join('\n');
    const done = await feed(top, stream);
    if (done.code === 0) return done.printed.trim();
  }
}

function feed(top: string, input: string): Promise<{ readonly code: number | null; readonly printed: string }> {
  return new Promise((resolve, reject) => {
    const args = ['fast-import', '--quiet', '--date-format=now'];
    const child = spawn('git', args, { cwd: top, env: GIT_ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.on('error', reject).on('close', (code) => resolve({ code, printed }));
    child.stdin.end(input);
  });
}
