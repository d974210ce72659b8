import { noWorkerText } from '../../definitions/engine/verdict.ts';
import { counted } from '../../definitions/values/text.ts';
import type { EngineEvent } from './engine-event.ts';

/** What happened to the engine or at a worker, in words. */
export function engineText(event: EngineEvent): {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
} {
  switch (event.kind) {
    case 'Connected':
      return { level: 'info', text: `connected to the engine (nats-server ${event.version})` };
    case 'Away':
      return { level: 'warn', text: `the engine does not answer: ${event.reason}; trying again` };
    case 'Unfit':
      return { level: 'error', text: `the engine cannot be used: ${event.reason}` };
    case 'OneReplica':
      return {
        level: 'warn',
        text: 'the engine is one server: while it is down sites wait, and its disk is the only one; run three',
      };
    case 'NoWorker':
      return { level: 'warn', text: `${noWorkerText(event.site, event.machines)}: start bmcron worker there` };
    case 'WorkersBack':
      return { level: 'info', text: `site ${event.site} has a worker again` };
    case 'Serving':
      return { level: 'info', text: `serving site ${event.site}, ${counted(event.places, 'machine')} at once` };
    case 'SiteUnknown':
      return {
        level: 'warn',
        text: `no controller knows site ${event.site} yet: name it under Sites in bmcron.yaml; waiting`,
      };
    case 'PartEnded':
      return event.error === null
        ? { level: 'info', text: `${event.run} on ${event.machine}: ${event.outcome} in ${event.elapsedMs} ms` }
        : { level: 'warn', text: `${event.run} on ${event.machine}: ${event.outcome}: ${event.error}` };
    case 'PartLeft':
      return { level: 'warn', text: `${event.run} on ${event.machine} is not carried out here: ${event.reason}` };
    case 'Unreadable':
      return { level: 'error', text: `a message at ${event.subject} is not read: ${event.reason}` };
    case 'ResultLate':
      return {
        level: 'warn',
        text: `${event.run} on ${event.machine}: the result ${event.outcome} came late, another stands already`,
      };
    case 'OutboxFailed':
      return { level: 'error', text: `a result cannot be written to the state folder: ${event.reason}` };
    case 'OutboxFound':
      return { level: 'info', text: `${counted(event.results, 'result')} of an earlier process to pass on` };
    case 'Stopping':
      return {
        level: 'info',
        text: event.busy === 0 ? 'stopping' : `stopping; ${counted(event.busy, 'part')} may finish first`,
      };
    case 'StandingBy':
      return { level: 'info', text: `standing by: ${event.holder ?? 'nobody that is known'} has the lease` };
    case 'Leads':
      return { level: 'info', text: 'has the lease: this controller leads' };
    case 'GaveUp':
      return { level: 'info', text: 'has given the lease up: another controller may lead at once' };
    case 'Deposed':
      return { level: 'error', text: `does not lead any more, and ends: ${event.reason}` };
    case 'TookOver':
      return {
        level: 'warn',
        text: `${counted(event.runs, 'run')} that another process began: taken over, each part from where it is`,
      };
    case 'LostMemory':
      return {
        level: 'error',
        text: `EngineLostMemory: ${event.reason}; nothing that was open begins again, what was due is missed`,
      };
  }
}
