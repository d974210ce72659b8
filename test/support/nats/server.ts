// nats-server as the tests need it: one node or three, each with its own store and ports, killed, paused, set back.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../command.ts';
import { checkVersion, natsServer } from './binary.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';

export interface NatsNode {
  readonly name: string;
  /** `nats://127.0.0.1:PORT`. */
  readonly url: string;
  /** Where its monitoring answers, as `http://127.0.0.1:PORT`. */
  readonly monitor: string;
  /** SIGKILL; gone when it resolves. */
  kill(): Promise<void>;
  pause(): void;
  proceed(): void;
  /** Starts it again on the same ports and store; ready when it resolves. */
  start(): Promise<void>;
  /** Removes the store; the node must not run. */
  wipe(): void;
  /** Copies the store; the node must not run. */
  keep(): void;
  /** Sets the store back to what was kept; the node must not run. */
  setBack(): void;
  /** What it logged since its last start. */
  log(): string;
}

export interface Nats {
  /** One URL a node, joined by commas. */
  readonly url: string;
  readonly nodes: readonly NatsNode[];
  /** The node. @throws RangeError */
  node(index: number): NatsNode;
  /** Waits until all nodes that run are ready, and the cluster has a leader. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface NatsOptions {
  readonly nodes?: 1 | 3;
  /** Further lines of the configuration: users and permissions, TLS. */
  readonly config?: string;
  /** Whether each acknowledged message is on disk; it is, where nothing is said. */
  readonly sync?: 'always' | 'default';
  /** Credentials in a URL of the tests' own, where `config` asks for them: `user:password@`. */
  readonly login?: string;
}

interface Ports {
  readonly client: number;
  readonly monitor: number;
  readonly cluster: number;
}

/** Starts it, ready to store; `close` ends it and removes its folder. */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  const program = natsServer();
  checkVersion(program);
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-nats-'));
  const count = options.nodes ?? 1;
  const free = await freePorts(3 * count);
  const ports = Array.from({ length: count }, (_, index): Ports => {
    const [client = 0, monitor = 0, cluster = 0] = free.slice(3 * index);
    return { client, monitor, cluster };
  });
  const nodes = ports.map((own, index) => createNode(program, folder, index, own, ports, options));
  const ready = () => isReady(nodes.filter((each) => each.isRunning()));
  for (const node of nodes) node.launch();
  await ready();
  return {
    url: nodes.map((each) => each.url).join(','),
    nodes,
    node(index) {
      const found = nodes[index];
      if (!found) throw new RangeError(`no node ${index}`);
      return found;
    },
    ready,
    async close() {
      await Promise.all(nodes.map((each) => each.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface RunnableNode extends NatsNode {
  launch(): void;
  isRunning(): boolean;
}

function createNode(
  program: string,
  folder: string,
  index: number,
  ports: Ports,
  all: readonly Ports[],
  options: NatsOptions,
): RunnableNode {
  const name = `n${index}`;
  const store = join(folder, name);
  const kept = `${store}.kept`;
  const config = join(folder, `${name}.conf`);
  mkdirSync(store);
  writeFileSync(config, configText(name, store, ports, all, options));
  let process: GuardedProcess | null = null;
  const launch = () => {
    process = startGuarded(program, ['-c', config], { folder });
  };
  const isRunning = () => process?.isRunning() ?? false;
  const node: RunnableNode = {
    name,
    url: `nats://${options.login ?? ''}127.0.0.1:${ports.client}`,
    monitor: `http://127.0.0.1:${ports.monitor}`,
    launch,
    isRunning,
    async kill() {
      if (isRunning()) await process?.kill();
    },
    pause: () => process?.signal('SIGSTOP'),
    proceed: () => process?.signal('SIGCONT'),
    async start() {
      if (isRunning()) throw new Error(`${name} runs`);
      launch();
      await isReady([node]);
    },
    wipe() {
      rmSync(store, { recursive: true, force: true });
      mkdirSync(store);
    },
    keep: () => cpSync(store, kept, { recursive: true }),
    setBack() {
      rmSync(store, { recursive: true, force: true });
      cpSync(kept, store, { recursive: true });
    },
    log: () => process?.printed() ?? '',
  };
  return node;
}

function configText(name: string, store: string, ports: Ports, all: readonly Ports[], options: NatsOptions): string {
  const routes = all.map(({ cluster }) => `"nats://127.0.0.1:${cluster}"`).join(', ');
  const cluster = `cluster { name: bmcron, listen: "127.0.0.1:${ports.cluster}", routes: [${routes}] }`;
  return [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${ports.client}"`,
    `http: "127.0.0.1:${ports.monitor}"`,
    `jetstream { store_dir: ${JSON.stringify(store)}${options.sync === 'default' ? '' : ', sync_interval: always'} }`,
    ...(all.length > 1 ? [cluster] : []),
    options.config ?? '',
    '',
  ].join('\n');
}

/** Waits until each node stores, and where they are several, has heard of a leader. */
async function isReady(nodes: readonly RunnableNode[]): Promise<void> {
  for (const node of nodes) {
    await until(
      async () => {
        if (!node.isRunning()) throw new Error(`${node.name} has ended:\n${node.log()}`);
        return (await healthy(node.monitor)) && (nodes.length === 1 || (await hasLeader(node.monitor)));
      },
      `${node.name} is ready`,
      20_000,
    );
  }
}

async function healthy(monitor: string): Promise<boolean> {
  const answer = await fetch(`${monitor}/healthz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}

async function hasLeader(monitor: string): Promise<boolean> {
  const answer = await fetch(`${monitor}/jsz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
  const facts = (await answer?.json()) as { meta_cluster?: { leader?: string; cluster_size?: number } } | undefined;
  return Boolean(facts?.meta_cluster?.leader);
}

/** Ports of the loopback that nobody listened on a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((each) => new Promise((resolve) => each.once('listening', resolve))));
  const ports = servers.map((each) => (each.address() as { port: number }).port);
  await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
  return ports;
}
