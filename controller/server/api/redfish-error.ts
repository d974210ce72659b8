import type { Problem } from '../../../definitions/problem.ts';
import { type HttpError, type HttpResponse, json } from '../http.ts';
import { ProblemsFound } from './manifest-writer.ts';

/** Messages of Redfish's Base registry that say what a status means (DSP0268, Base 1.18). */
const BASE: Readonly<Record<number, string>> = {
  400: 'GeneralError',
  401: 'AccessDenied',
  403: 'InsufficientPrivilege',
  404: 'ResourceMissingAtURI',
  405: 'OperationNotAllowed',
  409: 'ResourceInUse',
  412: 'PreconditionFailed',
  429: 'ServiceTemporarilyUnavailable',
  500: 'InternalError',
  501: 'QueryNotSupportedOnResource',
  503: 'ServiceTemporarilyUnavailable',
  504: 'OperationTimeout',
};

/** An error body as Redfish has it (DSP0266 §8.5); a refused manifest comes with all of its problems (R01). */
export function redfishError(refusal: HttpError): HttpResponse {
  const id = `Base.1.18.${BASE[refusal.status] ?? 'GeneralError'}`;
  const info =
    refusal instanceof ProblemsFound
      ? refusal.problems.map(problemMessage)
      : [message(id, refusal.message, [], refusal.status >= 500 ? 'Critical' : 'Warning')];
  const code = refusal instanceof ProblemsFound ? 'Base.1.18.GeneralError' : id;
  const body = { error: { code, message: refusal.message, '@Message.ExtendedInfo': info } };
  return json(body, refusal.status, { 'odata-version': '4.0', ...refusal.headers });
}

function problemMessage({ file, line, column, path, stage, rule, message: text }: Problem) {
  return {
    ...message('Bmcron.1.0.ManifestRefused', `${path}: ${text}`, [file, path, stage, rule, text], 'Warning'),
    RelatedProperties: [pointer(path)],
    Resolution: 'Change the value to what the message allows, and send the request again.',
    Oem: { Bmcron: { File: file, Line: line, Column: column, Path: path, Stage: stage, Rule: rule } },
  };
}

function message(id: string, text: string, args: readonly string[], severity: 'Warning' | 'Critical') {
  return {
    '@odata.type': '#Message.v1_1_1.Message',
    MessageId: id,
    Message: text,
    MessageArgs: args,
    MessageSeverity: severity,
  };
}

/** `Payload[0].Payload.Profile` as the JSON pointer `#/Payload/0/Payload/Profile`. */
function pointer(path: string): string {
  if (path === '$') return '#/';
  return `#/${path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .join('/')}`;
}
