import { sampleOf } from '../selection/placeholders.ts';
import { type Json, own } from '../values/json.ts';
import { entriesOf } from './payload.ts';
import type { Objection } from './reading.ts';

/** What stock OpenBMC's web server takes as ServiceIdentification. */
const STOCK_IDENTIFICATION = /^[A-Za-z0-9 _-]{1,99}$/;
/** Fields of a fan controller that stock OpenBMC's schema does not have; a vendor's may. */
const NOT_STOCK = ['Multiplier', 'StepUp', 'StepDown'];

/** What is valid and yet deserves a second look, before somebody merges it. Never a reason to refuse. */
export function adviceOn(job: Json): readonly Objection[] {
  const found: Objection[] = [];
  for (const [path, entry] of entriesOf(job)) {
    const payload = own(entry, 'Payload');
    const identification = own(payload, 'ServiceIdentification');
    if (typeof identification === 'string' && !STOCK_IDENTIFICATION.test(sampleOf(identification))) {
      const message = 'stock OpenBMC refuses this: it takes 1 to 99 of A-Z a-z 0-9, blank, _ and -';
      found.push({ path: [...path, 'Payload', 'ServiceIdentification'], stage: 'payload', rule: 'R02', message });
    }
    if (['SSH', 'IPMI'].every((service) => own(own(payload, service), 'ProtocolEnabled') === false)) {
      const message = 'with SSH and IPMI both off nobody gets at this BMC but over HTTPS: tools that speak IPMI stop';
      found.push({ path: [...path, 'Payload'], atKey: true, stage: 'payload', rule: 'R51', message });
    }
    for (const field of NOT_STOCK.filter((each) => own(payload, each) !== undefined)) {
      const message = `stock OpenBMC has no ${field}: a board without it will refuse the change`;
      found.push({ path: [...path, 'Payload', field], atKey: true, stage: 'payload', rule: 'R02', message });
    }
  }
  const schedule = own(job, 'Schedule');
  if (own(schedule, 'Type') === 'Once' && own(schedule, 'Day') === undefined && own(job, 'Suspend') !== true) {
    const message = 'without Day it runs the next time that Time comes round after the merge, whenever that is';
    found.push({ path: ['Schedule', 'Type'], stage: 'schedule', rule: 'R13', message });
  }
  return found;
}
