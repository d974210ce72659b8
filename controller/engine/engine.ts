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
  /** The subjects that a stream has messages of, by a pattern: `bmcron.claim.*`. */
  subjects(stream: string, pattern: string): Promise<readonly string[]>;
  /** What the engine knows of a stream; null where there is none. */
  facts(stream: string): Promise<StreamFacts | null>;
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
