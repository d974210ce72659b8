import { spawn } from 'node:child_process';
import { GIT_ENVIRONMENT } from '../support/git-folder.ts';

/** Git and nothing around it: no shell, no text, the input as it is. */
export function bareGit(folder: string, args: readonly string[], input: Buffer | string = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: GIT_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`git ended with ${code}`)),
    );
    child.stdin.on('error', () => undefined); // it may have read enough
    child.stdin.end(input);
  });
}
