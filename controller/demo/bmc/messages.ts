import type { JsonObject } from '../../../definitions/values/json.ts';

/** One Redfish message: what a BMC says beside, or instead of, a resource. */
export type Message = JsonObject;

const AGAIN = 'resubmit the request if the operation failed.';
const VALUE = `Correct the value for the property in the request body and ${AGAIN}`;
const NOTHING = 'None.';

/** Text, severity and resolution as bmcweb's Base registry 1.19 has them; `%1` and on are the arguments. */
const BASE: Readonly<Record<string, readonly [string, 'OK' | 'Warning' | 'Critical', string]>> = {
  ActionParameterNotSupported: [
    'The parameter %1 for the action %2 is not supported on the target resource.',
    'Warning',
    `Remove the parameter supplied and ${AGAIN}`,
  ],
  ActionParameterUnknown: [
    'The action %1 was submitted with the invalid parameter %2.',
    'Warning',
    `Correct the invalid action parameter and ${AGAIN}`,
  ],
  ActionParameterValueConflict: [
    'The parameter %1 with the requested value of %2 does not meet the constraints of the implementation.',
    'Warning',
    'Resubmit the action with a parameter value that meets the constraints of the implementation.',
  ],
  ActionParameterValueNotInList: [
    "The value '%1' for the parameter %2 in the action %3 is not in the list of acceptable values.",
    'Warning',
    `Choose a value from the list of acceptable values and ${AGAIN}`,
  ],
  EmptyJSON: [
    'The request body submitted contained an empty JSON object and the service is unable to process it.',
    'Warning',
    'Add properties in the JSON object and resubmit the request.',
  ],
  InsufficientPrivilege: [
    'There are insufficient privileges for the account or credentials associated with the current session to perform ' +
      'the requested operation.',
    'Critical',
    `Either abandon the operation or change the associated access rights and ${AGAIN}`,
  ],
  InternalError: [
    'The request failed due to an internal service error.  The service is still operational.',
    'Critical',
    'Resubmit the request.  If the problem persists, consider resetting the service.',
  ],
  MalformedJSON: [
    'The request body submitted was malformed JSON and could not be parsed by the receiving service.',
    'Critical',
    'Ensure that the request body is valid JSON and resubmit the request.',
  ],
  NoOperation: [
    'The request body submitted contain no data to act upon and no changes to the resource took place.',
    'Warning',
    'Add properties in the JSON object and resubmit the request.',
  ],
  OperationNotAllowed: ['The HTTP method is not allowed on this resource.', 'Critical', NOTHING],
  PasswordChangeRequired: [
    'The password provided for this account must be changed before access is granted.  PATCH the Password property ' +
      "for this account located at the target URI '%1' to complete this process.",
    'Critical',
    'Change the password for this account using a PATCH to the Password property at the URI provided.',
  ],
  PreconditionFailed: [
    'The ETag supplied did not match the ETag required to change this resource.',
    'Critical',
    'Try the operation again using the appropriate ETag.',
  ],
  PreconditionRequired: [
    'A precondition header or annotation is required to change this resource.',
    'Critical',
    'Try the operation again using an If-Match or If-None-Match header and appropriate ETag.',
  ],
  PropertyMissing: [
    'The property %1 is a required property and must be included in the request.',
    'Warning',
    `Ensure that the property is in the request body and has a valid value and ${AGAIN}`,
  ],
  PropertyNotWritable: [
    'The property %1 is a read only property and cannot be assigned a value.',
    'Warning',
    `Remove the property from the request body and ${AGAIN}`,
  ],
  PropertyUnknown: [
    'The property %1 is not in the list of valid properties for the resource.',
    'Warning',
    `Remove the unknown property from the request body and ${AGAIN}`,
  ],
  PropertyValueConflict: [
    "The property '%1' could not be written because its value would conflict with the value of the '%2' property.",
    'Warning',
    NOTHING,
  ],
  PropertyValueError: ['The value provided for the property %1 is not valid.', 'Warning', VALUE],
  PropertyValueFormatError: [
    "The value '%1' for the property %2 is not a format that the property can accept.",
    'Warning',
    VALUE,
  ],
  PropertyValueNotInList: [
    "The value '%1' for the property %2 is not in the list of acceptable values.",
    'Warning',
    `Choose a value from the enumeration list that the implementation can support and ${AGAIN}`,
  ],
  PropertyValueOutOfRange: [
    "The value '%1' for the property %2 is not in the supported range of acceptable values.",
    'Warning',
    VALUE,
  ],
  PropertyValueTypeError: [
    "The value '%1' for the property %2 is not a type that the property can accept.",
    'Warning',
    VALUE,
  ],
  QueryNotSupportedOnResource: [
    'Querying is not supported on the requested resource.',
    'Warning',
    `Remove the query parameters and ${AGAIN}`,
  ],
  QueryParameterValueFormatError: [
    "The value '%1' for the parameter %2 is not a format that the parameter can accept.",
    'Warning',
    `Correct the value for the query parameter in the request and ${AGAIN}`,
  ],
  ResetRequired: [
    'One or more properties were changed and will not take effect until the component or system is reset.',
    'Warning',
    'Reset the component or system for the changes to take effect.',
  ],
  ResourceAtUriUnauthorized: [
    "While accessing the resource at '%1', the service received an authorization error '%2'.",
    'Critical',
    'Ensure that the appropriate access is provided for the service in order for it to access the URI.',
  ],
  ResourceCannotBeDeleted: [
    'The delete request failed because the resource requested cannot be deleted.',
    'Critical',
    'Do not attempt to delete a non-deletable resource.',
  ],
  ResourceMissingAtURI: [
    "The resource at the URI '%1' was not found.",
    'Critical',
    'Place a valid resource at the URI or correct the URI and resubmit the request.',
  ],
  ResourceNotFound: [
    "The requested resource of type %1 named '%2' was not found.",
    'Critical',
    'Provide a valid resource identifier and resubmit the request.',
  ],
  SessionLimitExceeded: [
    'The session establishment failed due to the number of simultaneous sessions exceeding the limit of the ' +
      'implementation.',
    'Critical',
    'Reduce the number of other sessions before trying to establish the session or increase the limit of ' +
      'simultaneous sessions, if supported.',
  ],
  StringValueTooLong: [
    "The string '%1' exceeds the length limit %2.",
    'Warning',
    'Resubmit the request with an appropriate string length.',
  ],
  Success: ['The request completed successfully.', 'OK', NOTHING],
  UnrecognizedRequestBody: [
    'The service detected a malformed request body that it was unable to interpret.',
    'Warning',
    'Correct the request body and resubmit the request if it failed.',
  ],
};

/** Messages of vendors' own registries, by whole ID: what they say as reported, resolutions left out. */
const VENDORS: Readonly<Record<string, readonly [string, 'OK' | 'Warning' | 'Critical', string]>> = {
  'IDRAC.2.8.PSU501': [
    'Unable to perform the requested action because the server is already in the state %1.',
    'Warning',
    NOTHING,
  ],
  'iLO.2.23.InvalidOperationForSystemState': [
    'The operation was not successful due to the current power state: %1.',
    'Warning',
    NOTHING,
  ],
  'iLO.2.23.ResetInProgress': ['A device or service reset is in progress.', 'Warning', NOTHING],
};

/** The whole ID of a message: vendors' have one, others are of the Base registry. */
function idOf(id: string): string {
  return id in VENDORS ? id : `Base.1.19.${id}`;
}

/** The messages of the Base registry that this BMC knows, as a registry lists them. */
export function baseRegistry(): JsonObject {
  return Object.fromEntries(
    Object.entries(BASE).map(([id, [text, severity, resolution]]) => {
      const count = new Set(text.match(/%\d/g)).size;
      const kinds = Array<string>(count).fill('string');
      return [
        id,
        {
          Description: text,
          Message: text,
          MessageSeverity: severity,
          NumberOfArgs: count,
          ParamTypes: kinds,
          Resolution: resolution,
          Severity: severity,
        },
      ];
    }),
  );
}

/** A message of the Base registry, or of a vendor's by its whole ID, with its arguments filled in. */
export function message(id: string, ...args: readonly string[]): Message {
  const [text, severity, resolution] = BASE[id] ?? VENDORS[id] ?? [id, 'Critical', NOTHING];
  return {
    '@odata.type': '#Message.v1_1_1.Message',
    Message: args.reduce((filled, arg, index) => filled.replace(`%${index + 1}`, () => arg), text),
    MessageArgs: args,
    MessageId: idOf(id),
    MessageSeverity: severity,
    Resolution: resolution,
  };
}

/** The `error` property of an answer: one message speaks for itself, several are a general error (DSP0266). */
export function errorOf(messages: readonly Message[]): JsonObject {
  const [only] = messages;
  const general = messages.length !== 1 || !only;
  return {
    '@Message.ExtendedInfo': messages,
    code: general ? 'Base.1.19.0.GeneralError' : (only['MessageId'] ?? ''),
    message: general
      ? 'A general error has occurred. See Resolution for information on how to resolve the error.'
      : (only['Message'] ?? ''),
  };
}
