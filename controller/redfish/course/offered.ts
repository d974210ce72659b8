import type { Course } from '../../../definitions/actions/course/course.ts';
import { isObject, type Json, own } from '../../../definitions/values/json.ts';
import { Failure } from '../failure.ts';
import { type Resource, readResource } from '../manager.ts';
import type { Session } from '../session.ts';

/** An action of Redfish as a resource offers it. */
export interface OfferedAction {
  /** Where it is sent. */
  readonly path: string;
  /** What its parameter may be; null where the BMC does not say: then it judges. */
  readonly values: readonly Json[] | null;
}

/** Finds an action, and what its parameter may be: in its ActionInfo, else beside it. @throws Failure */
export async function findOffered(
  session: Session,
  { action, parameter }: Course,
  resource: Resource,
): Promise<OfferedAction> {
  const found = own(own(resource.body, 'Actions'), action);
  const target = own(found, 'target');
  if (typeof target !== 'string') throw new Failure('Unsupported', 'permanent', `it has no action ${action.slice(1)}`);
  const path = session.resolve(target, resource.path);
  const info = own(found, '@Redfish.ActionInfo');
  const told =
    typeof info === 'string' ? await infoValues(session, session.resolve(info, resource.path), parameter) : null;
  return { path, values: told ?? listOf(own(found, `${parameter}@Redfish.AllowableValues`)) };
}

/** What an ActionInfo says; one that is not there says nothing. */
async function infoValues(session: Session, path: string, parameter: string): Promise<readonly Json[] | null> {
  try {
    const { body } = await readResource(session, path);
    const parameters = own(body, 'Parameters');
    const one = Array.isArray(parameters)
      ? parameters.find((each: Json) => own(each, 'Name') === parameter)
      : undefined;
    return isObject(one) ? listOf(own(one, 'AllowableValues')) : null;
  } catch (error) {
    if (error instanceof Failure && [404, 405, 410, 501].includes(error.details.status ?? 0)) return null;
    throw error;
  }
}

function listOf(values: Json | undefined): readonly Json[] | null {
  return Array.isArray(values) && values.length > 0 ? values : null;
}
