import { readFileSync } from 'node:fs';
import type { Consumer, ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream';
import type { Authenticator, Msg, NatsConnection } from '@nats-io/transport-node';

/** Where the engine is, and who asks. */
export interface EngineAddress {
  /** One URL or several with commas between them: `tls://a:4222,tls://b:4222`. */
  readonly url: string;
  /** A file of NATS credentials (JWT and seed), or with the seed of an NKey; absent: nobody logs in. */
  readonly credentials?: string | undefined;
  /** How connections are listed at the server. */
  readonly name: string;
  /** Answers come below this subject, so that permissions can tell who may read them; absent: `_INBOX`. */
  readonly inbox?: string;
}

/** Why the engine did not do what it was asked for; `isSent` false: it never heard of it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly isSent: boolean;
  constructor(message: string, isSent: boolean) {
    super(message);
    this.isSent = isSent;
  }
}

/** A message that is stored. */
export interface StoredMessage {
  readonly subject: string;
  readonly seq: number;
  readonly time: Date;
  readonly text: string;
}

/** A part that was delivered here. */
export interface Delivery {
  readonly subject: string;
  readonly text: string;
  /** It goes on: no wait for an answer. */
  working(): void;
  /** It is done with, and its message gone: true when the server says so. */
  done(): Promise<boolean>;
}

/** A message that is not stored. */
export interface HeardMessage {
  readonly subject: string;
  readonly text: string;
  /** Nothing where nobody asked. */
  answer(text: string): void;
}

/** What JetStream is asked to keep, in its own words; nanoseconds where it counts time. */
export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: string[];
  readonly retention: 'limits' | 'workqueue';
  readonly storage: 'file';
  readonly discard: 'new' | 'old';
  readonly discard_new_per_subject: boolean;
  readonly max_msgs_per_subject: number;
  readonly max_age: number;
  readonly allow_direct: boolean;
}

/** Who takes the parts of a site, in JetStream's words. */
export interface ConsumerDeclaration {
  readonly durable_name: string;
  readonly filter_subject: string;
  readonly ack_policy: 'explicit';
  readonly max_deliver: number;
  readonly ack_wait: number;
  readonly max_ack_pending: number;
}

/** What the engine knows of a stream. */
export interface StreamFacts {
  readonly created: Date;
  readonly messages: number;
  readonly lastSeq: number;
  readonly replicas: number;
}

/** A connection to NATS with JetStream, that comes back by itself. What fails rejects with an EngineError. */
export interface Engine {
  /** The server's version, such as `2.15.3`. */
  readonly version: string;
  readonly isConnected: boolean;
  /** Stores the first message of its subject; its sequence, or null where there is one already. */
  put(subject: string, text: string): Promise<number | null>;
  /** Stores what follows the subject's message of that sequence (0: none); null where another one has come since. */
  putAfter(subject: string, text: string, seq: number): Promise<number | null>;
  /** The last message of a subject, as the stream's leader knows it. */
  last(stream: string, subject: string): Promise<StoredMessage | null>;
  /** As `last`, by a permission for the one subject; a replica may answer, and lag behind. */
  lastNearby(stream: string, subject: string): Promise<StoredMessage | null>;
  /** Removes a message; false where there was none. */
  remove(stream: string, seq: number): Promise<boolean>;
  declareStream(stream: StreamDeclaration): Promise<StreamFacts>;
  declareConsumer(stream: string, consumer: ConsumerDeclaration): Promise<void>;
  /** Up to so many messages of a consumer, as they come, for up to `expiresMs`. */
  take(
    from: { readonly stream: string; readonly consumer: string },
    limits: { readonly most: number; readonly expiresMs: number },
    each: (delivery: Delivery) => void,
  ): Promise<void>;
  tell(subject: string, text: string): void;
  /** @returns what ends it */
  hear(subject: string, each: (message: HeardMessage) => void): () => void;
  /** Asks somebody, and waits for an answer. */
  ask(subject: string, text: string, timeoutMs: number): Promise<string>;
  /** Resolves when the server has read all that was sent before. */
  flush(): Promise<void>;
  /** Ends it; what was sent before is still written. */
  close(): Promise<void>;
}

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

/** Connects once. The packages are loaded here: nothing else pays for them. @throws EngineError */
export async function connectEngine(address: EngineAddress): Promise<Engine> {
  const { connect, credsAuthenticator, nkeyAuthenticator } = await import('@nats-io/transport-node');
  const { jetstream, jetstreamManager } = await import('@nats-io/jetstream');
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
  const { config, created, state } = await manager.streams.info(stream.name).then(
    ({ config: { num_replicas } }) => manager.streams.update(stream.name, { ...stream, num_replicas }),
    (error) => {
      if (!isApi(error, NO_STREAM)) throw error;
      const add = (num_replicas: number) => manager.streams.add({ ...stream, num_replicas });
      return add(3).catch((reason) => (isApi(reason, NOT_CLUSTERED) ? add(1) : Promise.reject(reason)));
    },
  );
  const { messages, last_seq } = state;
  return { created: new Date(created), messages, lastSeq: last_seq, replicas: config.num_replicas };
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
