import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { init } from '../../controller/cli/init.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { ground, until } from '../support/git-folder.ts';
import { sink } from '../support/pull-request.ts';

interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** An editor as far as yaml-language-server sees one: LSP over its standard input and output. */
function editor(root: string, settings: unknown) {
  const folder = dirname(createRequire(import.meta.url).resolve('yaml-language-server/package.json'));
  const server: ChildProcess = spawn(process.execPath, [join(folder, 'bin/yaml-language-server'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const diagnostics = new Map<string, readonly Diagnostic[]>();
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  let buffer = Buffer.alloc(0);

  function write(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  function hear(message: Message): void {
    if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics: found } = message.params as { uri: string; diagnostics: readonly Diagnostic[] };
      diagnostics.set(uri, found);
    } else if (message.method === 'workspace/configuration') {
      const { items } = message.params as { items: readonly { section: string }[] };
      const sections = items.map(({ section }) => (section === 'yaml' ? settings : {}));
      write({ id: message.id, result: sections });
    } else if (message.method !== undefined && message.id !== undefined) write({ id: message.id, result: null });
    else if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  }

  server.stdout?.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.toString('latin1', 0, end))?.[1]);
      if (end < 0 || buffer.length < end + 4 + length) return;
      hear(JSON.parse(buffer.toString('utf8', end + 4, end + 4 + length)) as Message);
      buffer = buffer.subarray(end + 4 + length);
    }
  });

  const ask = (method: string, params: object) => {
    last += 1;
    const id = last;
    write({ id, method, params });
    return new Promise<unknown>((resolve) => waiting.set(id, resolve));
  };
  const uriOf = (path: string) => pathToFileURL(join(root, path)).href;
  return {
    async open() {
      const folders = [{ uri: pathToFileURL(root).href, name: 'fleet' }];
      const capabilities = {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: { completion: {}, publishDiagnostics: {} },
      };
      await ask('initialize', {
        processId: process.pid,
        rootUri: folders[0]?.uri,
        workspaceFolders: folders,
        capabilities,
      });
      write({ method: 'initialized', params: {} });
      write({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: settings } } });
    },
    edit(path: string, text: string) {
      diagnostics.delete(uriOf(path));
      write({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri: uriOf(path), languageId: 'yaml', version: 1, text } },
      });
    },
    async problems(path: string): Promise<readonly Diagnostic[]> {
      await until(() => diagnostics.has(uriOf(path)), 60_000);
      return diagnostics.get(uriOf(path)) ?? [];
    },
    async complete(path: string, line: number, character: number): Promise<readonly string[]> {
      const result = await ask('textDocument/completion', {
        textDocument: { uri: uriOf(path) },
        position: { line, character },
      });
      return (result as { items: { label: string }[] }).items.map(({ label }) => label);
    },
    async close() {
      await ask('shutdown', {});
      write({ method: 'exit' });
      await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

const at = ground();
const root = at.path('fleet');
let session: ReturnType<typeof editor>;

test.before(async () => {
  await init({ root, prefix: '', format: 'json', version: '1.0.0', out: sink(), err: sink() });
  const all = JSON.parse(readFileSync(join(root, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>;
  const yaml = Object.fromEntries(Object.entries(all).map(([key, value]) => [key.replace(/^yaml\./, ''), value]));
  session = editor(root, { ...yaml, schemaStore: { enable: false } });
  await session.open();
});
test.after(async () => {
  await session.close();
  at.remove();
});

const NIGHTLY = 'jobs/nightly-powersaver.yaml';
const written = () => readFileSync(join(root, NIGHTLY), 'utf8');
const bare = () => written().replace(/^# yaml-language-server.*\n/, '');

test('an editor has nothing to say about what init wrote', async () => {
  for (const path of [NIGHTLY, 'jobs/workday-performance.yaml', 'machines/example.yaml', 'bmcron.yaml']) {
    session.edit(path, readFileSync(join(root, path), 'utf8'));
    assert.equal(await session.problems(path), [], path);
  }
});

for (const [how, text] of [
  ['by the modeline', () => written()],
  ['by .vscode/settings.json', () => bare()],
] as const) {
  const name = how.replaceAll(/\W/g, '-');
  test(`an editor flags a wrong profile, ${how}`, async () => {
    const path = `jobs/wrong-${name}.yaml`;
    const wrong = text().replace('PowerSaver }', 'Turbo }');
    session.edit(path, wrong);
    const [first] = await session.problems(path);
    assert.match(first?.message ?? '', 'PowerSaver');
    const lines = wrong.split('\n');
    assert.is(lines[first?.range.start.line ?? 0]?.slice(first?.range.start.character).startsWith('Turbo'), true);
  });

  test(`an editor completes the values of Action, ${how}`, async () => {
    const path = `jobs/complete-${name}.yaml`;
    const lines = text().replace('Action: PatchProfile', 'Action: ').split('\n');
    session.edit(path, lines.join('\n'));
    await session.problems(path);
    const labels = await session.complete(
      path,
      lines.findIndex((line) => line.startsWith('Action:')),
      'Action: '.length,
    );
    for (const action of ACTIONS.keys()) assert.ok(labels.includes(action), `${action} of ${labels.join()}`);
  });
}

test('an editor takes no status file for a job', async () => {
  const path = 'jobs/nightly-powersaver.status.yaml';
  session.edit(path, 'Id: nightly-powersaver\nStatus: Dreadful\n');
  const messages = (await session.problems(path)).map(({ message }) => message).join('; ');
  assert.match(messages, 'Pending');
  assert.not.match(messages, 'Property Id is not allowed');
});

test.run();
