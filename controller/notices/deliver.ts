import { nextNotice, noteAttempt, tidy } from '../../definitions/notices/delivery.ts';
import type { Receiver } from '../../definitions/settings.ts';
import type { NoticesState } from './notices-state.ts';

const GIVEN_UP = {
  TooOld: 'it did not take them for a day, or too many wait',
  TooMany: 'it was sent 30 within an hour, STATUS.md has the rest',
} as const;

/** Delivers what is to be delivered now, to all receivers at once: one that is slow holds up no other. */
export async function deliverAll(state: NoticesState, signal: AbortSignal): Promise<void> {
  const { underway } = state;
  for (const { Name } of state.options.settings().Notifications) {
    if (underway.has(Name)) continue;
    const delivery = deliver(state, Name, signal).then((hasTried) => {
      underway.delete(Name);
      if (hasTried) state.alarm.abort('delivered'); // when it is tried next is known now
    });
    underway.set(Name, delivery);
  }
  await Promise.all(underway.values());
}

/** Delivers one notice after the other, until one is not taken or none is left; returns whether any was tried. */
async function deliver(state: NoticesState, name: string, signal: AbortSignal): Promise<boolean> {
  let hasTried = false;
  const { clock, observe, transport, statusPage } = state.options;
  while (!signal.aborted) {
    const receiver = receiverOf(state, name);
    const inbox = state.outbox?.receivers[name];
    if (!receiver || !inbox) return hasTried;
    for (const { reason, count } of tidy(name, inbox, clock.now())) {
      observe(event(name, 'dropped', GIVEN_UP[reason], count, inbox.notices.length));
    }
    const notice = nextNotice(inbox, clock.now());
    await state.keeper.save(state.outbox); // what is sent has the same name after a crash
    if (!notice) return hasTried;
    const attempt = await transport.send(receiver, notice, statusPage, signal);
    if (attempt.outcome === 'Failed' && signal.aborted) return hasTried;
    hasTried = true;
    noteAttempt(inbox, notice, attempt, clock.now());
    await state.keeper.save(state.outbox);
    const reason = attempt.outcome === 'Failed' ? attempt.reason : null;
    observe(event(name, reason === null ? 'sent' : 'failed', reason, 1, inbox.notices.length));
  }
  return hasTried;
}

function receiverOf({ options }: NoticesState, name: string): Receiver | undefined {
  return options.settings().Notifications.find(({ Name }) => Name === name);
}

function event(
  receiver: string,
  outcome: 'sent' | 'failed' | 'dropped',
  reason: string | null,
  count: number,
  waiting: number,
) {
  return { event: 'notice', receiver, outcome, reason, count, waiting } as const;
}
