// Schemathesis against /openapi.json of a running service: npm run fuzz -- openapi [seed] [seconds]. It asks what the
// document allows, and what it does not; nothing is a 5xx, and no answer is one that the document does not tell of.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createPythonRoom } from '../support/python.ts';
import { openTestService } from '../support/service.ts';
import type { FuzzOptions } from './fuzz.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
/**
 * What it holds an answer against. Not that each valid body is taken, nor each other one refused: whether a machine is
 * there, or a job runs, no schema says.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
  'ensure_resource_availability',
  'ignored_auth',
];

/** Runs it; false when it has found something. What it says goes to the terminal. */
export async function fuzzOpenAPI({ seed, seconds }: FuzzOptions): Promise<boolean> {
  const limits = { writes: { burst: 1_000_000, perSecond: 1_000_000 } };
  const python = await createPythonRoom(['--requirement', REQUIREMENTS]);
  const server = await openTestService({ serving: { limits } });
  try {
    const code = await run(python.path('st'), python.folder, [
      'run',
      `${server.serving.origin}/openapi.json`,
      ...['--header', 'Authorization: Bearer sesame'],
      ...['--checks', CHECKS.join(',')],
      ...['--max-time', String(seconds)],
      ...['--seed', String(seed)],
      ...['--workers', '2', '--request-timeout', '60', '--continue-on-failure', '--warnings', 'off', '--no-color'],
    ]);
    const failures = server.events.filter(({ event }) => event === 'serveFailed');
    for (const failure of failures) console.log(failure);
    return code === 0 && failures.length === 0;
  } finally {
    await server.stop();
    python.remove();
  }
}

/** The exit code of a program; what it prints is ours. It writes its database of examples where it stands. */
function run(program: string, cwd: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject).on('close', (code) => resolve(code ?? 1));
  });
}
