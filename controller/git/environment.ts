/** What any git command needs of the operator's environment. */
const ALWAYS = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'TMPDIR',
  'SYSTEMROOT',
  'GIT_EXEC_PATH',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'SUDO_UID', // whose repositories root may use as well
];
/** Settings that the operator has put in the environment. */
const SETTINGS = /^GIT_CONFIG_(COUNT|KEY_\d+|VALUE_\d+)$/;

/** How Git users say how their remotes are reached; let through on purpose, and to remote commands alone. */
const NETWORK = [
  /^SSH_(AUTH_SOCK|ASKPASS|ASKPASS_REQUIRE|AGENT_PID)$/,
  /^GIT_(ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|PROXY_COMMAND|ALLOW_PROTOCOL|TERMINAL_PROMPT)$/,
  /^GIT_(SSL|HTTP)_[A-Z0-9_]+$/,
  SETTINGS,
  /^(HTTPS?|ALL|NO)_PROXY$/i,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|KRB5[A-Z0-9_]*|USER|LOGNAME|DISPLAY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS)$/,
];

/** Strict host keys and no questions: nobody sits at the service's terminal. An unknown host fails at once. */
const SSH_COMMAND = 'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=10';

/**
 * What every command has. An ID names one object, whatever stands in `refs/replace/`, which anybody may push, or in the
 * graft file.
 */
const ITS_OWN = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_NO_LAZY_FETCH: '1', // a partial clone would run whatever its own settings name, to get what it lacks
};

/**
 * The environment of a git command: never GIT_DIR, GIT_INDEX_FILE and the like of whoever started the service (a hook,
 * say), and for a remote what its user set for it.
 * @param settings git settings, by name; later ones win over the operator's
 */
export function gitEnvironment(
  ambient: NodeJS.ProcessEnv,
  use: 'local' | 'network',
  settings: readonly (readonly [string, string])[] = [],
): Record<string, string> {
  const environment: Record<string, string> = { ...ITS_OWN };
  for (const [key, value] of Object.entries(ambient)) {
    const wanted = ALWAYS.includes(key) || (use === 'network' && NETWORK.some((pattern) => pattern.test(key)));
    if (wanted && value !== undefined) environment[key] = value;
  }
  if (use === 'local') return environment;
  environment['GIT_TERMINAL_PROMPT'] = '0';
  const ownSsh = settings.some(([name]) => name.toLowerCase() === 'core.sshcommand');
  if (!environment['GIT_SSH_COMMAND'] && !environment['GIT_SSH'] && !ownSsh) {
    environment['GIT_SSH_COMMAND'] = SSH_COMMAND;
  }
  return withSettings(environment, settings);
}

function withSettings(
  environment: Record<string, string>,
  settings: readonly (readonly [string, string])[],
): Record<string, string> {
  const count = Number(environment['GIT_CONFIG_COUNT'] ?? 0) || 0;
  const result = { ...environment, GIT_CONFIG_COUNT: String(count + settings.length) };
  for (const [index, [name, value]] of settings.entries()) {
    Object.assign(result, { [`GIT_CONFIG_KEY_${count + index}`]: name, [`GIT_CONFIG_VALUE_${count + index}`]: value });
  }
  return result;
}

/** The environment of a command that finds a repository: the operator's settings say whose folders are trusted. */
export function discoveryEnvironment(ambient: NodeJS.ProcessEnv): Record<string, string> {
  const environment = gitEnvironment(ambient, 'local');
  for (const [key, value] of Object.entries(ambient))
    if (SETTINGS.test(key) && value !== undefined) environment[key] = value;
  return environment;
}

/**
 * For a command whose answer decides what is trusted: history is what the commits say, not what a file beside them does
 * (`shallow`, a commit graph).
 * @param settings git settings of this command, by name; they win over every file's
 */
export function asWritten(settings: readonly (readonly [string, string])[] = []): Record<string, string> {
  return withSettings({ GIT_SHALLOW_FILE: '' }, [['core.commitGraph', 'false'], ...settings]);
}
