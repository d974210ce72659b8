import type { Problem } from '../../definitions/problem.ts';
import { DONE } from '../../definitions/report/report.ts';
import { HOW_TO_CLOSE } from '../../definitions/safety/breaker.ts';
import { counted, some } from '../../definitions/values/text.ts';
import { engineText } from './engine-text.ts';
import type { ControllerEvent, NoticesEvent, RunnerEvent } from './event.ts';
import type { GitEvent } from './git-event.ts';

/** An event in words for people, and as data for machines. */
export interface EventText {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** An event as text. It holds no secret, because no event does (R43). */
export function eventText(event: ControllerEvent): EventText {
  const { event: name, ...rest } = event;
  const facts = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]));
  const { level, text } = message(event);
  return { level, text, facts: { event: name, ...facts } };
}

function plain(value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Message = Pick<EventText, 'level' | 'text'>;

function message(event: ControllerEvent): Message {
  if (event.event === 'engine') return engineText(event.detail);
  switch (event.event) {
    case 'ready':
      return info(`ready: ${counted(event.jobs, 'job')} in force, ${counted(event.machines, 'machine')}`);
    case 'recovered':
    case 'joined':
      return takenUpMessage(event);
    case 'stopping':
      return info(event.running ? `stopping; ${counted(event.running, 'run')} may finish first` : 'stopping');
    case 'reconciled':
      return reconciledMessage(event);
    case 'asked':
      return debug(`commit ${short(event.commit ?? '')} asks for ${event.run}`);
    case 'problem':
      return problemMessage(event.problem);
    case 'unreadable':
      return warn(`${event.file}: ${event.reason}`);
    case 'secretMissing':
      return warn(`${event.reason}; their runs will fail: ${some(event.machines)}`);
    case 'plaintext':
      return plaintextMessage(event);
    case 'passed':
      return debug(`looked at commit ${short(event.commit)} in ${event.elapsedMs} ms`);
    case 'reconcileFailed':
      return error(`could not read the fleet: ${why(event.error)}`);
    case 'started':
    case 'machine':
    case 'restored':
    case 'finished':
    case 'missed':
    case 'waiting':
    case 'skipped':
    case 'hold':
    case 'refused':
    case 'breaker':
    case 'unrecorded':
    case 'diskFull':
    case 'filesShort':
      return runMessage(event);
    case 'publishFailed':
      return error(`could not publish: ${why(event.error)}; trying again`);
    case 'published':
      return publishedMessage(event);
    case 'serving':
    case 'serveFailed':
    case 'jobMetricsLeftOut':
    case 'tracesOff':
    case 'tracesFailed':
      return watchedMessage(event);
    case 'sessionLeft':
      return warn(`a session may be left on ${event.machine}: ${event.reason}`);
    case 'watchFailed':
      return warn(`changes in Git are seen every --pull-interval only, not at once: ${why(event.error)}`);
    case 'notice':
    case 'noticesUnsaved':
    case 'deadManCalled':
      return noticesMessage(event);
    case 'git':
      return gitMessage(event.detail);
  }
}

function plaintextMessage({ machines }: EventOf<'plaintext'>): Message {
  return warn(`over http: the password of ${some(machines, 5)} is sent in clear text, to whoever listens; use https:`);
}

/** How the service is watched. */
function watchedMessage(
  event: EventOf<'serving' | 'serveFailed' | 'jobMetricsLeftOut' | 'tracesOff' | 'tracesFailed'>,
): Message {
  switch (event.event) {
    case 'serving':
      return info(`listening: ${event.origin}`);
    case 'serveFailed':
      return error(`an HTTP request failed: ${why(event.error)}`);
    case 'tracesOff':
      return warn(`no traces: ${event.reason}`);
    case 'tracesFailed':
      return warn(`traces could not be sent: ${why(event.error)}; those after them are tried anew`);
    case 'jobMetricsLeftOut':
      return warn(
        `/metrics has no metrics a job: ${event.jobs} jobs are more than Metrics.PerJob of bmcron.yaml allows (${event.most})`,
      );
  }
}

function runMessage(event: RunnerEvent): Message {
  switch (event.event) {
    case 'started':
      return info(`${event.job} started on ${counted(event.machines, 'machine')} (${event.run})`);
    case 'machine':
      return event.error === null
        ? info(`${event.job} on ${event.machine}: ${event.outcome} in ${event.elapsedMs} ms`)
        : failedMessage(event);
    case 'restored':
      return failedMessage(event);
    case 'finished':
      return finishedMessage(event);
    case 'missed': {
      const text = `${event.job}: the run of ${event.nominal} was missed: ${event.reason}`;
      return event.isAgain ? debug(text) : warn(text);
    }
    case 'waiting':
      return warn(
        event.machine === undefined
          ? `${event.job}: the run of ${event.nominal} waits: ${event.reason}`
          : `${event.job} waits on ${event.machine}: ${event.reason}`,
      );
    case 'skipped':
      return warn(`${event.job} on ${event.machine}: skipped: ${event.message}`);
    case 'breaker':
      return event.opened === null
        ? info('the breaker is closed: a commit gave Breaker.Resume another value')
        : error(`the breaker is open since ${event.opened}: ${HOW_TO_CLOSE}`);
    case 'hold':
      return event.isHeld
        ? warn(`on hold: nothing begins while ${event.path} is there`)
        : info(`no longer on hold: ${event.path} is gone, what waits begins within a minute`);
    case 'refused':
      return warn(`${event.job}: trigger ${event.token} refused: ${event.reason}`);
    case 'unrecorded':
      return error(`${event.job}: could not be recorded: ${why(event.error)}; trying again`);
    case 'diskFull':
      return error(
        `${event.job} does not start: no room on the disk of the state folder to record it; make room there`,
      );
    case 'filesShort':
      return error(
        `${event.job} does not start yet: the service may open no more files; raise its limit (ulimit -n, LimitNOFILE)`,
      );
  }
}

type EventOf<Name extends ControllerEvent['event']> = Extract<ControllerEvent, { event: Name }>;

/** What could not be put back needs a person. */
function failedMessage({ job, machine, outcome, error: why }: EventOf<'machine' | 'restored'>): Message {
  const text = `${job} on ${machine}: ${outcome}: ${why}`;
  return outcome === 'RestoreFailed' ? error(text) : warn(text);
}

function finishedMessage({ job, succeeded, failed, skipped, status }: EventOf<'finished'>): Message {
  const left = skipped > 0 ? `, ${skipped} skipped` : '';
  if (failed > 0) return warn(`${job} failed on ${failed} of ${counted(failed + succeeded, 'machine')}${left}`);
  const done = counted(succeeded, 'machine');
  return status === 'Failed' ? warn(`${job} failed: ${done} done${left}`) : info(`${job} completed on ${done}${left}`);
}

/** What a start found that had happened while the service was not there. */
function takenUpMessage(event: EventOf<'recovered'> | EventOf<'joined'>): Message {
  if (event.event === 'recovered')
    return warn(`${counted(event.runs, 'run')} cut off when the service ended: recorded as interrupted, not repeated`);
  return warn(
    `controller ${event.controllers.join(', ')} carried the jobs on meanwhile: ${counted(event.files, 'status file')} brought up to date`,
  );
}

function noticesMessage(event: NoticesEvent): Message {
  if (event.event === 'noticesUnsaved') return error(`what was told cannot be kept: ${why(event.error)}; trying again`);
  if (event.event === 'deadManCalled')
    return event.reason === null
      ? debug('the address of DeadMan was called')
      : warn(`the address of DeadMan did not answer well: ${event.reason}; it is called again after the next look`);
  const { receiver, outcome, reason, count, waiting } = event;
  if (outcome === 'sent') return info(`${receiver} was sent a notice`);
  if (outcome === 'dropped') return error(`${counted(count, 'notice')} for ${receiver} given up: ${reason}`);
  return warn(`${receiver} did not take a notice: ${reason}; trying again, ${waiting} wait`);
}

function reconciledMessage({ commit, changes, problems }: EventOf<'reconciled'>): Message {
  const found = problems === 0 ? 'no problem' : counted(problems, 'problem');
  const text = `commit ${short(commit)}: ${changesText(changes)}; ${found}`;
  return Object.keys(changes).length > 0 ? info(text) : debug(text); // most are our own commits
}

function problemMessage({ file, line, column, path, message: what, severity }: Problem): Message {
  const text = `${file}:${line}:${column} ${path}: ${what}`;
  return severity === 'error' ? error(text) : warn(text);
}

function publishedMessage(event: EventOf<'published'>): Message {
  if (event.outcome === 'Pushed') return info(`published as commit ${short(event.commit)}`);
  if (event.outcome === 'Unchanged') return debug('nothing to publish');
  return warn(
    `not published (${event.outcome}): ${event.reason}; results are kept, next try ${event.retryAt.toISOString()}`,
  );
}

function gitMessage(event: GitEvent): Message {
  switch (event.kind) {
    case 'JournalRepaired':
      return warn(`the journal's end was torn by a crash: ${event.bytes} bytes cut from ${event.file}`);
    case 'JournalDamaged':
      return error(`${event.lines} records of ${event.file} cannot be read, the others can: look after the disk`);
    case 'JournalRenewed':
      return warn(`Git knows more than this journal ${event.was}: it goes on as ${event.id}`);
    case 'RecordsGone':
      return error(`records ${event.after + 1} to ${event.before - 1} are neither in Git nor in the journal any more`);
    case 'SourceRewritten':
      return warn(`history was rewritten: ${short(event.was)} is kept as ${event.kept}, following ${short(event.tip)}`);
    case 'BranchGone':
      return error(
        `branch ${event.branch} is gone from the remote: what is in force goes on, results wait until somebody pushes it again; its tip ${short(event.was)} is kept as ${event.kept}`,
      );
    case 'CommitRefused':
      return error(`commit ${short(event.commit)} takes no effect: ${event.reason}`);
    case 'RemoteUnreachable':
      return warn(`the remote does not answer: ${event.reason}; runs go on, results are kept`);
    case 'RemoteReachable':
      return info('the remote answers again');
    case 'PushBlocked':
      return error(
        `the remote refuses the push: ${event.reason}; results are kept here; let the service push to the branch, or give it one with --status-branch`,
      );
    case 'PushContention':
      return warn(`others pushed first ${event.attempts} times in a row; results wait`);
    case 'PathConflict':
      return error(
        `not written, because something of somebody's stands there: ${event.paths.join(', ')}; move it away`,
      );
    case 'Overridden':
      return warn(
        `somebody had changed the service's files, put right in ${short(event.commit)}: ${event.paths.join(', ')}`,
      );
    case 'RivalController':
      return error(`controller ${event.id} publishes here too; only one may: stop one of the two`);
    case 'UpkeepFailed':
      return warn(`packing and pruning failed, tried again in an hour: ${event.reason}`);
    case 'LogsPruned':
      return info(`old logs left the branch: ${event.folders.join(', ')}`);
    case 'CloneRepaired':
      return warn(`the private clone was repaired: ${event.what}`);
  }
}

function changesText(changes: Readonly<Record<string, number>>): string {
  const counts = Object.entries(changes).map(
    ([op, count]) => `${counted(count, 'job')} ${DONE[op as keyof typeof DONE] ?? op}`,
  );
  return counts.length === 0 ? 'no job changes' : counts.join(', ');
}

function short(commit: string): string {
  return commit.slice(0, 10);
}

function debug(text: string): Message {
  return { level: 'debug', text };
}

function info(text: string): Message {
  return { level: 'info', text };
}

function warn(text: string): Message {
  return { level: 'warn', text };
}

function error(text: string): Message {
  return { level: 'error', text };
}
