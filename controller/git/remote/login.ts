import { open, stat } from 'node:fs/promises';
import { modeFault } from '../../file-mode.ts';
import { GitError } from '../error.ts';

/** What a remote over HTTP asks for. */
export interface RemoteLogin {
  readonly username: string;
  /** Or a token. */
  readonly password: string;
}

const MOST_BYTES = 65_536;
const SHAPE = 'lines "username=…" and "password=…", as git credential prints them';

/**
 * The login in a file, read when it is used: a new token counts from the next conversation on.
 * @param username of a file that has none
 * @throws GitError that quotes nothing of the file
 */
export async function readLogin(path: string, username: string): Promise<RemoteLogin> {
  const fields = fieldsIn(await readPrivate(path), path);
  const login = { username: fields.get('username') ?? username, password: fields.get('password') ?? '' };
  if (login.password === '') throw new GitError(`${path} has no password: write ${SHAPE}`, null);
  if (login.username === '') throw new GitError(`${path} has no username, nor has the URL: write ${SHAPE}`, null);
  return login;
}

/** The text of a file that nobody but its owner and group can read. The mode is that of the file that was read. */
async function readPrivate(path: string): Promise<string> {
  const there = await stat(path).catch(() => null); // a pipe would be waited for
  if (there !== null && !there.isFile()) throw new GitError(`--remote-credentials ${path} is no file`, null);
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new GitError(`--remote-credentials ${path} cannot be read: ${error.code}`, null);
  });
  try {
    const found = await file.stat();
    const fault = modeFault(found, 'secret');
    if (fault !== null) throw new GitError(`${path}: ${fault}`, null);
    if (found.size > MOST_BYTES)
      throw new GitError(`${path} is larger than 64 KiB: ${SHAPE} are all that it holds`, null);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof GitError) throw error;
    throw new GitError(`--remote-credentials ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, null);
  } finally {
    await file.close();
  }
}

function fieldsIn(text: string, path: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = /^(username|password)=([^\0\r]+)$/.exec(line) ?? [];
    if (name === '' || fields.has(name))
      throw new GitError(`${path}:${index + 1} is not understood: write ${SHAPE}`, null);
    fields.set(name, value);
  }
  return fields;
}
