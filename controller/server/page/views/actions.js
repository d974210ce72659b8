import { byId, counted, h } from '../elements.js';
import { ask, hasToken, send } from '../store.js';

const JOBS = '/MultiFish/v1/JobService/Jobs';

/** What who has a token may do; each is a commit by the token's name. Nothing is offered to others. */
export function createActions(state) {
  const confirm = createConfirm();
  const mayAct = () => state.service.readOnly === null && hasToken();
  const button = ({ label, ...what }) => h('button', { type: 'button', onclick: () => confirm(what) }, label);

  function retry(id, machines) {
    const job = state.jobs.get(id);
    return mayAct() && job && machines.length > 0 ? button(retrying(job, machines)) : null;
  }

  return {
    ofJob(job, { failing }) {
      if (!mayAct()) return [];
      return [retry(job.id, failing), button(running(job)), button(suspending(job))].filter(Boolean);
    },
    /** Of the newest run alone: what failed before may have been put right since. */
    ofRun({ job, run }, parts) {
      if (state.jobs.get(job)?.endings.at(-1)?.[0] !== run) return [];
      const failed = parts.filter((part) => part.Error !== null).map(({ MachineID }) => MachineID);
      return [retry(job, failed)].filter(Boolean);
    },
    retry,
  };
}

function address(id) {
  return `${JOBS}/${encodeURIComponent(id)}`;
}

function running(job) {
  return {
    label: 'Run now',
    title: `Run ${job.name} now?`,
    text: `${job.action} on ${counted(job.machines, 'machine')}, at once. A Trigger is written to ${job.file}.`,
    act: () => send('POST', `${address(job.id)}/Actions/Trigger`, {}),
  };
}

function suspending(job) {
  const [label, text] = job.suspended
    ? ['Resume', 'It runs by its schedule again; what fell due meanwhile is not made up for.']
    : ['Suspend', 'It will not run by its schedule until somebody resumes it.'];
  return {
    label,
    title: `${label} ${job.name}?`,
    text: `${text} Suspend is written to ${job.file}.`,
    act: () => send('PATCH', address(job.id), { Suspend: !job.suspended }),
  };
}

/** A new job of its own: the job itself would run on all of its machines. */
function retrying(job, machines) {
  const named = machines.length <= 3 ? machines.join(', ') : counted(machines.length, 'machine');
  return {
    label: machines.length === 1 ? `Retry ${named}` : `Retry ${machines.length} failed machines`,
    title: `Retry ${job.name} on ${named}?`,
    text: `${job.action}, at once, on what failed alone: by a job that runs this once, in a manifest of its own.`,
    async act() {
      const view = await (await ask(`/page/jobs/${encodeURIComponent(job.id)}`)).json();
      await send('POST', JOBS, retryManifest(job, view, machines));
    },
  };
}

/** It is suspended from the start, and a job that arrives with a Trigger runs at once. */
function retryManifest(job, { payload, onBlocked, onFailure, confirm }, machines) {
  const at = new Date().toISOString().slice(0, 19);
  return {
    Name: `Retry of ${job.name} ${at.replace('T', ' ')}`,
    Machines: machines,
    Action: job.action,
    Payload: payload,
    Schedule: { Type: 'Once', Time: '00:00:00' },
    ...(onBlocked !== null && { OnBlocked: onBlocked }),
    ...(onFailure !== null && { OnFailure: onFailure }),
    ...(confirm !== null && { Confirm: { Machines: machines.length } }),
    Suspend: true,
    Trigger: `retry-${at.replaceAll(':', '')}-${crypto.getRandomValues(new Uint16Array(1))[0].toString(16)}`,
  };
}

/** Asks before anything is committed, and says what came of it. */
function createConfirm() {
  const dialog = byId('dialog');
  const button = byId('dialog-do');
  let act = null;
  byId('dialog-close').addEventListener('click', () => dialog.close());
  button.addEventListener('click', async () => {
    button.disabled = true;
    tell('Committing …');
    try {
      await act();
      tell('Committed, pushed and in force.', true);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      button.disabled = false;
    }
  });

  function tell(text, isDone = false) {
    byId('dialog-answer').textContent = text;
    button.hidden = isDone;
    byId('dialog-close').textContent = isDone ? 'Close' : 'Cancel';
  }

  return ({ title, text, act: next }) => {
    act = next;
    button.disabled = false;
    byId('dialog-title').textContent = title;
    byId('dialog-text').textContent = text;
    tell('');
    dialog.showModal();
    button.focus();
  };
}
