import type { Receiver } from '../../definitions/settings.ts';

const HTTP = ['https:', 'http:'];

/** What the address of a receiver may begin with, by its format. */
export const SCHEMES: Readonly<Record<Receiver['Format'], readonly string[]>> = {
  Webhook: HTTP,
  Slack: HTTP,
  Alertmanager: HTTP,
  Email: ['smtps:', 'smtp:'],
};
