// OpenStack's sushy-tools as a BMC: another project's Redfish server, over TLS, with Basic logins and no sessions.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newCertificate } from '../../controller/demo/bmc/certificate.ts';
import { until } from './command.ts';
import { good, type PythonRoom } from './python.ts';

export const SUSHY_TOOLS = ['sushy-tools==2.2.0'];
/** The one machine of its fake driver. */
export const SUSHY_ID = '27946b59-9e44-4fa7-8e91-f3527a1ef094';

/** It marks its log with colours. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export interface SushyTools {
  readonly endpoint: string;
  readonly fingerprint: string;
  /** The requests that it answered, as `METHOD path status`. */
  requests(): readonly string[];
  /** Answers nothing until it goes on. */
  pause(): void;
  goOn(): void;
  stop(): Promise<void>;
}

/** Starts the emulator on a free port of the loopback, with one login. */
export async function startSushyTools(room: PythonRoom, username: string, password: string): Promise<SushyTools> {
  const certificate = await newCertificate();
  const at = (name: string) => join(room.folder, name);
  const hashing = 'import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())';
  const hash = good(await room.run('python', ['-c', hashing, password])).trim();
  writeFileSync(at('key.pem'), certificate.key, { mode: 0o600 });
  writeFileSync(at('cert.pem'), certificate.certificate);
  writeFileSync(at('htpasswd'), `${username}:${hash}\n`);
  writeFileSync(
    at('emulator.conf'),
    `SUSHY_EMULATOR_LISTEN_IP = '127.0.0.1'
SUSHY_EMULATOR_LISTEN_PORT = 0
SUSHY_EMULATOR_FAKE_DRIVER = True
SUSHY_EMULATOR_SSL_CERT = '${at('cert.pem')}'
SUSHY_EMULATOR_SSL_KEY = '${at('key.pem')}'
SUSHY_EMULATOR_AUTH_FILE = '${at('htpasswd')}'
SUSHY_EMULATOR_STATE_DIR = '${room.folder}'
`,
  );
  const child = spawn(room.path('sushy-emulator'), ['--config', at('emulator.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk) => (printed += String(chunk).replaceAll(COLOUR, '')));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const address = () => /Running on (https:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
  await until(() => address() !== undefined, 'sushy-emulator listens');
  return {
    endpoint: address() ?? '',
    fingerprint: certificate.fingerprint,
    requests: () =>
      [...printed.matchAll(/"([A-Z]+) (\S+) HTTP\/1\.1" (\d{3})/g)].map(
        ([, method, path, status]) => `${method} ${path} ${status}`,
      ),
    pause: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
