import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import { type Forge, startForge } from '../support/forge.ts';
import { createGitFolder, GIT_ENVIRONMENT, type GitFolder, git, until, workTree } from '../support/git-folder.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');
const MACHINES = 3;
export const JOBS = 4;

/** A change that a BMC took: machine, and the text that only one run of one job asks for. */
export interface Taken {
  readonly machine: string;
  readonly value: string;
}

/** Everything around the controller: BMCs that remember, a forge that can misbehave, a human's clone. */
export interface Surroundings {
  readonly folder: GitFolder;
  readonly bare: string;
  readonly human: string;
  readonly forge: Forge;
  readonly taken: readonly Taken[];
  /** `holds`: BMCs carry out what they are told and do not answer. */
  readonly behaviour: { holds: boolean };
  /** Starts the controller as a process of its own, `wrapping` before its command line. */
  start(wrapping?: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

/** The manifest of a job whose run writes a text of its own to each BMC, at once. */
export function manifest(job: string, token: string): string {
  return `Name: ${job}
Machines: [${machineIDs().join(', ')}]
Action: PatchManager
Payload: { ManagerID: bmc, Payload: { ServiceIdentification: ${job}-${token} } }
Schedule: { Type: Continuous, Time: "23:59:59", Period: { StartDay: 2099-01-01 } }
Trigger: ${token}
`;
}

/**
 * @param random decides which push answers are lost
 * @param timeout of each machine: longer where a BMC is held while something else is waited for
 */
export async function createSurroundings(random: () => number, timeout = '20s'): Promise<Surroundings> {
  const at = createGitFolder();
  const forge = await startForge(at.root, random);
  const taken: Taken[] = [];
  const behaviour = { holds: false };
  const bmcs = await Promise.all(machineIDs().map(() => startBmc({ plain: true, password: 'pw', username: 'op' })));
  const recorders = await Promise.all(
    bmcs.map((bmc, index) => record(bmc, machineIDs()[index] ?? '', taken, behaviour)),
  );
  const files: Record<string, string> = {};
  for (const [index, id] of machineIDs().entries()) {
    const endpoint = recorders[index]?.endpoint;
    files[`machines/${id}.yaml`] =
      `ID: ${id}\nEndpoint: ${endpoint}\nCredentialsRef: lab\nAllowPlaintext: true\nTimeout: ${timeout}\n`;
  }
  for (let job = 1; job <= JOBS; job += 1) files[`jobs/j${job}.yaml`] = manifest(`j${job}`, 't0');
  const human = workTree(at.path('human'), files);
  const bare = at.path('remote.git');
  git(at.root, 'clone', '--quiet', '--bare', human, bare);
  git(bare, 'config', 'http.receivepack', 'true');
  git(human, 'remote', 'add', 'origin', bare);
  git(human, 'fetch', '--quiet');
  git(human, 'branch', '--quiet', '--set-upstream-to=origin/main');
  for (const [name, text] of Object.entries({ username: 'op', password: 'pw', endpoints: '127.0.0.1' })) {
    mkdirSync(dirname(at.path('secrets/lab', name)), { recursive: true });
    writeFileSync(at.path('secrets/lab', name), text);
  }
  return {
    folder: at,
    bare,
    human,
    forge,
    taken,
    behaviour,
    start: (wrapping = []) => startController(at, `${forge.url}/remote.git`, wrapping),
    async close() {
      await forge.close();
      await Promise.all(recorders.map((each) => each.close()));
      await Promise.all(bmcs.map((bmc) => bmc.close()));
      at.remove();
    },
  };
}

function startController(at: GitFolder, url: string, wrapping: readonly string[]): ChildProcess {
  const options = ['--state-dir', at.path('state'), '--credentials-dir', at.path('secrets'), '--pull-interval', '1s'];
  const words = [
    ...wrapping,
    process.execPath,
    '--import',
    'tsx',
    MAIN,
    'run',
    url,
    ...options,
    '--format',
    'json',
    '--log-level',
    'debug',
  ];
  const [program = '', ...args] = words;
  const child = spawn(program, args, {
    env: { ...GIT_ENVIRONMENT },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const keep = (chunk: Buffer) => writeFileSync(at.path('controller.log'), chunk, { flag: 'a' });
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return child;
}

/** A proxy before a BMC that writes down what it takes: an oracle that knows nothing of the controller's journal. */
export async function record(bmc: Bmc, machine: string, taken: Taken[], behaviour: { readonly holds: boolean }) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = 'GET', headers, url = '/' } = request;
      const onward = forward(`${bmc.endpoint}${url}`, { method, headers }, (answer) => {
        const value = /"ServiceIdentification":"([^"]+)"/.exec(body.toString())?.[1];
        if (method === 'PATCH' && value && (answer.statusCode ?? 500) < 300) taken.push({ machine, value });
        void until(() => !(method === 'PATCH' && behaviour.holds), 120_000).then(() => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
      });
      onward.on('error', () => request.socket.destroy());
      onward.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function machineIDs(): string[] {
  return Array.from({ length: MACHINES }, (_, index) => `m${index + 1}`);
}
