// An editor as far as yaml-language-server sees one: LSP over its standard input and output.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from './git-folder.ts';

/** A problem that the editor shows; lines and characters count from 0. */
export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

export interface Editor {
  /** Opens a file of the folder, with this text in place of what is on the disk. */
  edit(path: string, text: string): void;
  /** What the editor shows about the text of a file that was opened. */
  problems(path: string): Promise<readonly Diagnostic[]>;
  /** The labels of what it offers at a place, which counts from 0. */
  complete(path: string, line: number, character: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface EditorState {
  readonly root: string;
  /** The settings of the section `yaml`. */
  readonly settings: unknown;
  readonly server: ChildProcess;
  /** By URI of the file. */
  readonly diagnostics: Map<string, readonly Diagnostic[]>;
  /** By ID of the request. */
  readonly waiting: Map<number, (result: unknown) => void>;
  /** The ID of the last request. */
  last: number;
  /** What the server sent and is not yet a whole message. */
  buffer: Buffer;
}

/** Starts an editor with a folder open. @param settings those of its section `yaml` */
export async function startEditor(root: string, settings: unknown): Promise<Editor> {
  const folder = dirname(createRequire(import.meta.url).resolve('yaml-language-server/package.json'));
  const server: ChildProcess = spawn(process.execPath, [join(folder, 'bin/yaml-language-server'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const state: EditorState = {
    root,
    settings,
    server,
    diagnostics: new Map(),
    waiting: new Map(),
    last: 0,
    buffer: Buffer.alloc(0),
  };
  server.stdout?.on('data', (chunk: Buffer) => read(state, chunk));
  await initialize(state);
  return {
    edit: (path, text) => edit(state, path, text),
    problems: (path) => problems(state, path),
    complete: (path, line, character) => complete(state, path, line, character),
    async close() {
      await ask(state, 'shutdown', {});
      write(state, { method: 'exit' });
      await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

async function initialize(state: EditorState): Promise<void> {
  const rootUri = pathToFileURL(state.root).href;
  const capabilities = {
    workspace: { configuration: true, workspaceFolders: true },
    textDocument: { completion: {}, publishDiagnostics: {} },
  };
  await ask(state, 'initialize', {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: 'fleet' }],
    capabilities,
  });
  write(state, { method: 'initialized', params: {} });
  write(state, { method: 'workspace/didChangeConfiguration', params: { settings: { yaml: state.settings } } });
}

function edit(state: EditorState, path: string, text: string): void {
  const uri = uriOf(state, path);
  state.diagnostics.delete(uri);
  write(state, {
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
  });
}

async function problems(state: EditorState, path: string): Promise<readonly Diagnostic[]> {
  const uri = uriOf(state, path);
  await until(() => state.diagnostics.has(uri), 60_000);
  return state.diagnostics.get(uri) ?? [];
}

async function complete(state: EditorState, path: string, line: number, character: number) {
  const result = await ask(state, 'textDocument/completion', {
    textDocument: { uri: uriOf(state, path) },
    position: { line, character },
  });
  return (result as { items: { label: string }[] }).items.map(({ label }) => label);
}

function uriOf({ root }: EditorState, path: string): string {
  return pathToFileURL(join(root, path)).href;
}

function ask(state: EditorState, method: string, params: object): Promise<unknown> {
  state.last += 1;
  const id = state.last;
  write(state, { id, method, params });
  return new Promise((resolve) => state.waiting.set(id, resolve));
}

function write({ server }: EditorState, message: object): void {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function read(state: EditorState, chunk: Buffer): void {
  state.buffer = Buffer.concat([state.buffer, chunk]);
  for (;;) {
    const { buffer } = state;
    const end = buffer.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.toString('latin1', 0, end))?.[1]);
    if (end < 0 || buffer.length < end + 4 + length) return;
    receive(state, JSON.parse(buffer.toString('utf8', end + 4, end + 4 + length)) as Message);
    state.buffer = buffer.subarray(end + 4 + length);
  }
}

function receive(state: EditorState, { id, method, params, result }: Message): void {
  if (method === 'textDocument/publishDiagnostics') {
    const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Diagnostic[] };
    state.diagnostics.set(uri, diagnostics);
  } else if (method === 'workspace/configuration') {
    const { items } = params as { items: readonly { section: string }[] };
    write(state, { id, result: items.map(({ section }) => (section === 'yaml' ? state.settings : {})) });
  } else if (method !== undefined && id !== undefined) write(state, { id, result: null });
  else if (id !== undefined) state.waiting.get(id)?.(result);
}
