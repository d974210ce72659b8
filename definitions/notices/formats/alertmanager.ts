import type { JsonObject } from '../../values/json.ts';
import { printable } from '../../values/text.ts';
import type { Fact } from '../fact.ts';
import type { Notice } from '../outbox.ts';
import { noticeText } from '../text.ts';

const HOUR_MS = 3_600_000;
/** What has begun and not ended is an alert for so long, unless its end is told before or it is told again. */
const LASTS_MS = 7 * 24 * HOUR_MS;

const CRITICAL: readonly Fact['event'][] = ['BreakerOpen', 'RestoreFailed', 'ControllerUnhealthy'];
const OVER_AT_ONCE: readonly Fact['event'][] = ['Missed', 'GuardRefused', 'RestoreFailed', 'WavePassed'];

/**
 * A notice as alerts, one a fact: Alertmanager groups and routes by itself. An alert that has begun and the one that
 * ends it have the same labels.
 * @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export function alertmanagerBody(notice: Notice, statusPage: string): readonly JsonObject[] {
  const { facts, event, made } = notice;
  const generatorURL = /^https?:/.test(statusPage) ? { generatorURL: statusPage } : {};
  if (facts.length === 0) {
    const { title } = noticeText(notice);
    const labels = { alertname: `Bmcron${event}`, severity: 'warning' };
    return [
      { labels, annotations: { summary: title, status_page: statusPage }, ...span(made, HOUR_MS), ...generatorURL },
    ];
  }
  return facts.map((fact) => {
    const { title, lines } = noticeText({ ...notice, facts: [fact], more: 0 });
    const annotations = { summary: title, description: lines.join('\n'), status_page: statusPage };
    return { labels: labelsOf(fact), annotations, ...spanOf(fact), ...generatorURL };
  });
}

function labelsOf({ event, job, subject, key }: Fact): Record<string, string> {
  const name = event === 'RunRecovered' ? 'RunFailed' : event;
  const severity = CRITICAL.includes(name) ? 'critical' : 'warning';
  const about = printable(job ?? subject ?? key);
  // Of what has no end, several of one job are several alerts.
  const one = subject === null ? { fact: printable(key) } : {};
  return { alertname: `Bmcron${name}`, severity, [job === null ? 'subject' : 'bmcron_job']: about, ...one };
}

/** What is over as soon as it is told is an alert for an hour, so that somebody sees it. */
function spanOf({ state, event, at }: Fact): { readonly startsAt?: string; readonly endsAt: string } {
  if (state === 'Ended') return { endsAt: at };
  return span(at, OVER_AT_ONCE.includes(event) ? HOUR_MS : LASTS_MS);
}

function span(at: string, ms: number) {
  return { startsAt: at, endsAt: new Date(Date.parse(at) + ms).toISOString() };
}
