import type { Job, JobID } from '../../definitions/job.ts';
import type { Machine, MachineIdentity } from '../../definitions/machine.ts';
import { identityToWrite } from '../../definitions/safety/identity.ts';
import { findTarget } from '../redfish/apply.ts';
import { type ConversationOptions, withBmc } from '../redfish/conversation.ts';
import { asFailure, failureText, told } from '../redfish/failure.ts';
import { type SeenCertificate, seenCertificate } from '../redfish/http/certificate.ts';
import { inventoryOf, listOffers, type OffersByID, type ProbedManager, readIdentity } from '../redfish/inventory.ts';
import { listManagers, type Resource } from '../redfish/manager.ts';
import type { Session } from '../redfish/session.ts';
import { sendableAction } from './sendable.ts';

/** Whether a run of a job would find what it writes to. */
export interface ProbedJob {
  readonly job: JobID;
  /** Why not, as the run would say it; null where it would. */
  readonly error: string | null;
}

/** What a BMC says that it has, or why it does not say. */
export interface Probed {
  readonly machine: string;
  readonly reachable: boolean;
  readonly managers: readonly ProbedManager[];
  /** The IDs of its systems and chassis, in its order. */
  readonly systems: readonly string[];
  readonly chassis: readonly string[];
  /** What each of them offers of each action. */
  readonly offers: Readonly<Record<string, OffersByID>>;
  /** Null where it says nothing that would tell it from others. */
  readonly identity: MachineIdentity | null;
  /** The jobs that were asked about; none where it does not answer. */
  readonly jobs: readonly ProbedJob[];
  /** What it shows, where that is not trusted; null where it is, or nothing was seen. */
  readonly certificate: SeenCertificate | null;
  readonly error: string | null;
}

/** Asks one BMC what it has and whether the jobs fit, and changes nothing. Never rejects. */
export async function probeMachine(
  machine: Machine,
  jobs: readonly Job[],
  options: ConversationOptions,
): Promise<Probed> {
  const probed = await conversation(machine, jobs, options);
  if (!probed.untrusted) return probed.found;
  return { ...probed.found, certificate: await seenCertificate(machine.Endpoint, options.signal) };
}

/** What a conversation found, and whether it ended since the BMC's certificate is not trusted. */
interface Found {
  readonly found: Probed;
  readonly untrusted: boolean;
}

function conversation(machine: Machine, jobs: readonly Job[], options: ConversationOptions): Promise<Found> {
  const { ID, Timeout } = machine;
  const trusted = (found: Omit<Probed, 'certificate'>): Found => {
    return { found: { ...found, certificate: null }, untrusted: false };
  };
  return withBmc<Found>(
    machine,
    options,
    async (session) => {
      const managers = await listManagers(session);
      const inventory = (manager: Resource) => inventoryOf(manager, session.connection.secrets.scrub);
      const identity = identityToWrite(await readIdentity(session));
      const offers = { Systems: await listOffers(session, 'Systems'), Chassis: await listOffers(session, 'Chassis') };
      const [systems, chassis] = [Object.keys(offers.Systems), Object.keys(offers.Chassis)];
      const seen = { managers: managers.map(inventory), systems, chassis, offers };
      const found = { machine: ID, reachable: true, ...seen, identity };
      if (managers.length === 0)
        return trusted({ ...found, jobs: [], error: 'transient: it lists no managers; perhaps it is starting' });
      const judged: ProbedJob[] = [];
      for (const job of jobs) judged.push({ job: job.id, error: await misfit(session, machine, job) });
      return trusted({ ...found, jobs: judged, error: null });
    },
    ({ failure, timedOut, answered }) => {
      const late = `transient: no answer within the machine's Timeout of ${Timeout}`;
      const ended = 'transient: ended by a signal before it had answered';
      const error = options.signal.aborted ? ended : timedOut ? late : failureText(failure);
      const nothing = {
        managers: [],
        systems: [],
        chassis: [],
        offers: {},
        identity: null,
        jobs: [],
        certificate: null,
      };
      const found = { machine: ID, reachable: answered, ...nothing, error };
      return { found, untrusted: failure.details.untrusted === true };
    },
  );
}

/** Why a run of the job would fail before it sends anything; null when it would not. Asks what the run asks. */
async function misfit(session: Session, machine: Machine, { spec }: Job): Promise<string | null> {
  const { signal, secrets } = session.connection;
  try {
    const action = sendableAction({ action: spec.Action, machine, payload: spec.Payload });
    for (const entry of spec.Payload) await findTarget(session, action, entry);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return failureText(told(asFailure(error), secrets.scrub));
  }
}
