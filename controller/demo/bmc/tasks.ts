import { createBoundedMap } from '../../../definitions/values/bounded-map.ts';
import type { JsonObject } from '../../../definitions/values/json.ts';
import { etagOf, notFound, type Reply } from './answer.ts';
import type { Fault } from './faults.ts';

type TaskFault = Extract<Fault, { kind: 'task' }>;

interface Task {
  readonly id: string;
  readonly fault: TaskFault;
  readonly finish: () => Reply;
  polls: number;
  /** What the work came to; absent while it runs. */
  result?: Reply;
  /** bmcweb's monitor tells the end once. */
  told: boolean;
}

const SERVICE = '/redfish/v1/TaskService';
const MAX_TASKS = 100;

/** Work that a board does after it has answered 202. */
export class Tasks {
  readonly #tasks = createBoundedMap<string, Task>(MAX_TASKS, 'all');
  #next = 0;

  /** Accepts work; `finish` does it when the task ends well. */
  accept(fault: TaskFault, finish: () => Reply): Reply {
    const id = String(this.#next++);
    const task: Task = { id, fault, finish, polls: 0, told: false };
    this.#tasks.set(id, task);
    if (fault.end === 'gone' || fault.end === 'no location') this.#end(task);
    return this.#running(task);
  }

  /** What `/redfish/v1/TaskService/...` answers: monitors and tasks. */
  answer(kind: 'Tasks' | 'TaskMonitors', id: string): Reply {
    const task = this.#tasks.get(id);
    if (!task) return notFound('GET', 'Task', id);
    if (kind === 'Tasks') {
      if (task.fault.end !== 'gone') this.#poll(task);
      const body = this.#resource(task);
      return { status: 200, allow: 'GET', odata: true, etag: etagOf(body), body };
    }
    if (task.fault.end === 'gone' || task.told) return notFound('GET', 'Task', id);
    this.#poll(task);
    if (!task.result) return this.#running(task);
    task.told = true;
    const failed = task.fault.end === 'Exception';
    return failed ? { status: 200, allow: 'GET', odata: true, body: this.#resource(task) } : { status: 204 };
  }

  #poll(task: Task): void {
    task.polls += 1;
    if (task.fault.end !== 'never' && task.polls > (task.fault.polls ?? 2)) this.#end(task);
  }

  #end(task: Task): void {
    task.result ??= task.fault.end === 'Exception' ? { status: 500 } : task.finish();
  }

  #running(task: Task): Reply {
    const location: Record<string, string> =
      task.fault.end === 'no location'
        ? {}
        : { Location: `${task.fault.host ?? ''}${SERVICE}/TaskMonitors/${task.id}` };
    const wait: Record<string, string> =
      task.fault.retryAfter === undefined ? {} : { 'Retry-After': task.fault.retryAfter };
    const body = task.fault.end === 'no location' ? undefined : this.#resource(task);
    return { status: 202, allow: 'GET', odata: true, headers: { ...location, ...wait }, body };
  }

  #resource(task: Task): JsonObject {
    const failed = task.fault.end === 'Exception';
    return {
      '@odata.id': `${SERVICE}/Tasks/${task.id}`,
      '@odata.type': '#Task.v1_4_3.Task',
      Id: task.id,
      Messages: [],
      Name: `Task ${task.id}`,
      TaskMonitor: `${SERVICE}/TaskMonitors/${task.id}`,
      TaskState: task.result ? (failed ? 'Exception' : 'Completed') : 'Running',
      TaskStatus: task.result && failed ? 'Critical' : 'OK',
    };
  }
}
