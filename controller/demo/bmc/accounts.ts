import { randomBytes } from 'node:crypto';
import { createBoundedMap } from '../../../definitions/values/bounded-map.ts';

/** What an account may do: read, read and operate, or everything. */
export type Role = 'Administrator' | 'Operator' | 'ReadOnly';

/** An account of a simulated BMC. */
export interface Account {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
}

/** A login that holds until it is deleted or forgotten. */
export interface AccountSession {
  readonly id: string;
  readonly token: string;
  readonly account: Account;
  /** Made by Basic authentication without anybody asking; bmcweb lists it among the others. */
  readonly hidden: boolean;
}

const MAX_SESSIONS = 1000;

/** The accounts of a BMC and who is logged in. */
export class Accounts {
  readonly #accounts: readonly Account[];
  readonly #sessions = createBoundedMap<string, AccountSession>(MAX_SESSIONS, 'oldest');

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
  }

  /** The account, when the password is right. */
  check(username: string, password: string): Account | undefined {
    return this.#accounts.find((each) => each.username === username && each.password === password);
  }

  /** Begins a session; the oldest one goes when there are too many. */
  login(account: Account, hidden = false): AccountSession {
    const id = randomBytes(8).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, 10);
    const session: AccountSession = { id, token: randomBytes(15).toString('base64url'), account, hidden };
    this.#sessions.set(id, session);
    return session;
  }

  /** The session of a token. */
  byToken(token: string): AccountSession | undefined {
    return [...this.#sessions.values()].find((each) => !each.hidden && each.token === token);
  }

  /** The account of an `Authorization: Basic` header, when it is good. */
  basic(header: string): Account | undefined {
    if (!header.startsWith('Basic ')) return undefined;
    const text = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const account = colon < 0 ? undefined : this.check(text.slice(0, colon), text.slice(colon + 1));
    if (account && ![...this.#sessions.values()].some((each) => each.hidden && each.account === account)) {
      this.login(account, true);
    }
    return account;
  }

  get(id: string): AccountSession | undefined {
    return this.#sessions.get(id);
  }

  all(): readonly AccountSession[] {
    return [...this.#sessions.values()];
  }

  delete(id: string): boolean {
    return this.#sessions.delete(id);
  }

  /** Everybody is logged out, as after a restart. */
  forget(): void {
    this.#sessions.clear();
  }
}
