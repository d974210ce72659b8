/**
 * One filter over everything: a machine is found by its jobs, and a job by its machines. A bare number finds what says
 * it itself: nearly everything has machines with a 7.
 */
export function createFilter(state) {
  const jobTexts = new WeakMap();
  const machineTexts = new WeakMap();
  const targets = new WeakMap();
  return {
    /** What the words leave; all of it without words. */
    find(words) {
      const all = { jobs: [...state.jobs.values()], machines: [...state.machines.values()] };
      if (words.length === 0) return all;
      const jobs = all.jobs.map((row) => ({ row, text: known(jobTexts, row, jobText) }));
      const machines = all.machines.map((row) => ({ row, text: known(machineTexts, row, machineText) }));
      const reached = words.map((word) =>
        reachedBy(
          jobs.filter(({ text }) => text.names.includes(word)),
          targets,
        ),
      );
      const named = words.map((word) => {
        return new Set(machines.filter(isNamedBy(word)).map(({ row }) => row.id));
      });
      return {
        jobs: rowsOf(jobs, words, ({ row }, at) => known(targets, row, targetsOf).some((id) => named[at].has(id))),
        machines: rowsOf(machines, words, ({ row }, at) => reached[at].has(row.id)),
      };
    },
  };
}

/** The words of a filter's text. */
export function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether each word is found in one of the texts. */
export function isFound(words, texts) {
  const text = texts.join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function isNamedBy(word) {
  const isNumber = /^[\d.:-]+$/.test(word);
  return ({ text }) => !isNumber && text.names.includes(word);
}

/** Those that say each word themselves, or for which somebody else says it. */
function rowsOf(candidates, words, isSaidOf) {
  const fits = (each) => words.every((word, at) => each.text.all.includes(word) || isSaidOf(each, at));
  return candidates.filter(fits).map(({ row }) => row);
}

function reachedBy(jobs, targets) {
  const reached = new Set();
  for (const { row } of jobs) for (const id of known(targets, row, targetsOf)) reached.add(id);
  return reached;
}

/** What follows from a row is worked out once. */
function known(memory, row, work) {
  if (!memory.has(row)) memory.set(row, work(row));
  return memory.get(row);
}

/** `names` is what also finds the machines of a job: its status is not theirs. */
function jobText({ id, name, action, status, file, schedule, suspended, invalid, blocked }) {
  const states = [suspended && 'suspended', invalid !== null && 'refused edit', blocked !== null && 'blocked'];
  const names = `${id} ${name} ${action}`.toLowerCase();
  return { names, all: [names, status, file, schedule, ...states.filter(Boolean)].join(' ').toLowerCase() };
}

function machineText({ id, name, labels, failing }) {
  const names = `${id} ${name} ${labels}`.toLowerCase();
  return { names, all: failing === '' ? names : `${names} failed ${failing.toLowerCase()}` };
}

/** The machines of a job: `r1-[01-03],gate` are four. */
export function targetsOf({ targets }) {
  if (targets === '') return [];
  return targets.split(',').flatMap((part) => {
    const span = /^(.*)\[(\d+)-(\d+)\]$/.exec(part);
    if (!span) return [part];
    const [, prefix, from, to] = span;
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => {
      return prefix + String(Number(from) + at).padStart(from.length, '0');
    });
  });
}
