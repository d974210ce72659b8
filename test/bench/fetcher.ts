// The floor of `idle`: a process that fetches a repository as often as the controller does by default.
import { execFile } from 'node:child_process';

const PULL_INTERVAL_MS = 30_000;
const [repository = '.'] = process.argv.slice(2);
setInterval(() => execFile('git', ['-C', repository, 'fetch', '--quiet'], () => undefined), PULL_INTERVAL_MS);
