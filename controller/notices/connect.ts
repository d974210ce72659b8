import { join } from 'node:path';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import { forgeOf } from '../../definitions/values/forge.ts';
import type { Deps } from '../events/deps.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { Journal } from '../state/journal.ts';
import { createNotices, type Notices } from './notices.ts';
import type { NoticesPlace } from './notices-state.ts';
import { createOutboxFile } from './outbox-file.ts';
import type { Transport } from './transport.ts';

/** Notices of a service that is being put together: what happens before `open` is told nobody. */
export interface NoticesConnection extends Notices {
  /** Hears what happens, and passes it on. */
  observe(event: ControllerEvent): void;
  open(memory: { readonly journal: Journal; readonly agenda: Agenda; readonly inForce: InForce }): void;
}

export interface ConnectOptions extends Deps<ControllerEvent> {
  /** Absent: nobody is told anything. */
  readonly notices?: NoticesPlace;
  readonly pullIntervalMs: number;
}

/** Connects a service with those that it tells. */
export function connectNotices(options: ConnectOptions): NoticesConnection {
  const connected: { to: Notices | null } = { to: null };
  const observe = (event: ControllerEvent) => {
    connected.to?.observe(event);
    options.observe(event);
  };
  return {
    observe,
    open({ journal, agenda, inForce }) {
      const { notices: place, clock, pullIntervalMs } = options;
      if (!place) return;
      connected.to = createNotices({
        ...place,
        clock,
        observe,
        journal,
        pullIntervalMs,
        settings: () => inForce.settings,
        problems: () => inForce.problems,
        jobs: () => (inForce.commit === null ? null : agenda.jobs),
        async whoAsked(job, token) {
          const file = agenda.jobs.get(job)?.source.file;
          return file === undefined ? null : place.whoAsked(file, token);
        },
      });
    },
    nudge: () => connected.to?.nudge(),
    run: async (signal) => connected.to?.run(signal),
    flush: async (signal) => connected.to?.flush(signal),
    save: async () => connected.to?.save(),
    alerts: () => connected.to?.alerts() ?? [],
  };
}

/** What a service in Git offers to those who tell people of it. */
interface PlaceInGit {
  readonly stateDir: string;
  readonly url: string | null;
  /** Where in the repository STATUS.md is. */
  readonly statusPage: { readonly branch: string; readonly path: string };
  authorOf(file: string, text: string): Promise<string | null>;
}

/** Where the notices of a service in Git go, with the outbox in its state folder; without a transport nowhere. */
export function noticesOf(place: PlaceInGit, transport: Transport | undefined): { readonly notices?: NoticesPlace } {
  if (!transport) return {};
  const { branch, path } = place.statusPage;
  return {
    notices: {
      transport,
      file: createOutboxFile(join(place.stateDir, 'notices.json')),
      statusPage: forgeOf(place.url)?.file(branch, path) ?? `${path} on branch ${branch}`,
      whoAsked: place.authorOf,
    },
  };
}
