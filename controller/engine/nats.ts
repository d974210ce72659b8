// The door to the packages of NATS. They take a while to load: this file is imported by who connects, when it does.
import { readFileSync } from 'node:fs';
import {
  type Consumer,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StoredMsg,
  type StreamInfo,
} from '@nats-io/jetstream';
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import {
  type ConsumerDeclaration,
  type Delivery,
  type Engine,
  type EngineAddress,
  EngineError,
  type HeardMessage,
  type StoredMessage,
  type StreamDeclaration,
  type StreamFacts,
} from './engine.ts';

/** How long an answer of the server is waited for. */
const ANSWER_MS = 3_000;
const RECONNECT_MS = 500;
/** A line that swallows everything is given up after two of these. */
const PING_MS = 4_000;

/** By these JetStream says that a message is there already, or that another one has come between. */
const TAKEN = 10_077;
const WRONG_SEQUENCE = 10_071;
const NO_MESSAGE = 10_037;
const NO_STREAM = 10_059;
const NO_CONSUMER = 10_014;
const NOT_CLUSTERED = 10_074;

/** Connects once. @throws EngineError */
export async function connectEngine(address: EngineAddress): Promise<Engine> {
  const { url, name, credentials, inbox } = address;
  const servers = url.split(',').map((each) => each.trim());
  const read = () => readFileSync(credentials ?? ''); // anew for each log-in: a file that was replaced counts
  const login = (): Authenticator =>
    read().includes('BEGIN NATS USER JWT')
      ? credsAuthenticator(read)
      : nkeyAuthenticator(() => new TextEncoder().encode(/^SU[A-Z2-7]{56}$/m.exec(`${read()}`)?.[0] ?? ''));
  const connection = await attempt(() =>
    connect({
      servers,
      name,
      ...(credentials !== undefined && { authenticator: login() }),
      ...(inbox !== undefined && { inboxPrefix: inbox }),
      ...(servers.some((each) => each.startsWith('tls:')) && { tls: {} }),
      timeout: ANSWER_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_MS / 2,
      pingInterval: PING_MS,
      maxPingOut: 2,
      ignoreAuthErrorAbort: true,
    }),
  );
  try {
    const manager = await attempt(() => jetstreamManager(connection, { timeout: ANSWER_MS, checkAPI: false }));
    return createEngine({ connection, manager, client: jetstream(connection, { timeout: ANSWER_MS }) });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Line {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

function createEngine({ connection, client, manager }: Line): Engine {
  const state = { isConnected: true };
  const consumers = new Map<string, Consumer>(); // to look one up asks the server
  void follow(connection, state);
  /** What is asked while the line is down is not even sent: it could be stored when nobody wants it any more. */
  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    state.isConnected ? attempt(work) : Promise.reject(new EngineError('the engine is not connected', false));
  const store = (subject: string, text: string, expect = {}) =>
    ask(() => client.publish(subject, text, { timeout: ANSWER_MS, retries: 1, expect })).then(
      ({ seq }) => seq,
      (error) => (isCode(error, TAKEN) || isCode(error, WRONG_SEQUENCE) ? null : Promise.reject(error)),
    );
  return {
    get version() {
      return connection.info?.version ?? '';
    },
    get isConnected() {
      return state.isConnected;
    },
    put: (subject, text) => store(subject, text),
    putAfter: (subject, text, seq) => store(subject, text, { lastSubjectSequence: seq }),
    last: (stream, subject) =>
      ask(() => manager.streams.getMessage(stream, { last_by_subj: subject })).then(stored, nothing),
    lastNearby: (stream, subject) =>
      ask(() => manager.direct.getMessage(stream, { last_by_subj: subject })).then(stored, nothing),
    subjects: (stream, pattern) =>
      ask(() => manager.streams.info(stream, { subjects_filter: pattern })).then(({ state: { subjects } }) =>
        Object.keys(subjects ?? {}),
      ),
    facts: (stream) =>
      ask(() => manager.streams.info(stream)).then(factsOf, (error) =>
        isCode(error, NO_STREAM) ? null : Promise.reject(error),
      ),
    remove: (stream, seq) =>
      ask(() => manager.streams.deleteMessage(stream, seq, false)).catch((error) =>
        /no message found|sequence .* not found/i.test(String(error)) ? false : Promise.reject(error),
      ),
    declareStream: (stream) => ask(() => declareStream(manager, stream)),
    declareConsumer: (stream, consumer) => ask(() => declareConsumer(manager, stream, consumer)),
    take: ({ stream, consumer }, { most, expiresMs }, each) =>
      ask(async () => {
        const name = `${stream} ${consumer}`;
        const from = consumers.get(name) ?? (await client.consumers.get(stream, consumer));
        consumers.delete(name); // until this has gone well
        await passOn(await from.fetch({ max_messages: most, expires: expiresMs }), each);
        consumers.set(name, from);
      }),
    tell(subject, text) {
      if (state.isConnected) connection.publish(subject, text);
    },
    hear(subject, each) {
      const callback = (error: Error | null, message: Msg) => {
        if (error === null) each(heard(message));
      };
      const subscription = connection.subscribe(subject, { callback });
      return () => subscription.unsubscribe();
    },
    ask: (subject, text, timeoutMs) =>
      ask(() => connection.request(subject, text, { timeout: timeoutMs })).then((answer) => answer.string()),
    flush: () => ask(() => withTimeout(connection.flush())),
    close: () => connection.close(),
  };
}

async function follow(connection: NatsConnection, state: { isConnected: boolean }): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect' || type === 'staleConnection' || type === 'close') state.isConnected = false;
    if (type === 'reconnect') state.isConnected = true;
  }
  state.isConnected = false;
}

async function passOn(messages: ConsumerMessages, each: (delivery: Delivery) => void): Promise<void> {
  for await (const message of messages) each(delivered(message));
}

function delivered(message: JsMsg): Delivery {
  return {
    subject: message.subject,
    text: message.string(),
    working: () => message.working(),
    done: () => message.ackAck({ timeout: ANSWER_MS }).catch(() => false),
  };
}

function heard(message: Msg): HeardMessage {
  return { subject: message.subject, text: message.string(), answer: (text) => void message.respond(text) };
}

function stored(message: StoredMsg | null): StoredMessage | null {
  if (message === null) return null;
  return { subject: message.subject, seq: message.seq, time: message.time, text: message.string() };
}

function nothing(error: unknown): null {
  if (isCode(error, NO_MESSAGE)) return null;
  throw error;
}

async function declareStream(manager: JetStreamManager, stream: StreamDeclaration): Promise<StreamFacts> {
  const info = await manager.streams.info(stream.name).then(
    ({ config: { num_replicas } }) => manager.streams.update(stream.name, { ...stream, num_replicas }),
    (error) => {
      if (!isApi(error, NO_STREAM)) throw error;
      const add = (num_replicas: number) => manager.streams.add({ ...stream, num_replicas });
      return add(3).catch((reason) => (isApi(reason, NOT_CLUSTERED) ? add(1) : Promise.reject(reason)));
    },
  );
  return factsOf(info);
}

function factsOf({ config, created, state: { messages, last_seq: lastSeq } }: StreamInfo): StreamFacts {
  return { created: new Date(created), messages, lastSeq, replicas: config.num_replicas };
}

async function declareConsumer(
  manager: JetStreamManager,
  stream: string,
  consumer: ConsumerDeclaration,
): Promise<void> {
  await manager.consumers.info(stream, consumer.durable_name).then(
    () => manager.consumers.update(stream, consumer.durable_name, consumer),
    (error) => {
      if (!isApi(error, NO_CONSUMER)) throw error;
      return manager.consumers.add(stream, { ...consumer });
    },
  );
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof EngineError && isApi(error.cause, code);
}

function isApi(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Whatever a package throws becomes an EngineError, with the package's as its cause. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const failure = new EngineError(`the engine: ${message}`, true);
    failure.cause = error;
    throw failure;
  }
}
