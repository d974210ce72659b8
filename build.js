// Builds dist/: compiles, copies the page (tsc copies nothing), makes the command executable (tsc emits no x bit).
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc');
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('controller/server/page', 'dist/controller/server/page', { recursive: true });
chmodSync('dist/controller/main.js', 0o755);
