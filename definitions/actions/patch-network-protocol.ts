import type { JsonObject } from '../values/json.ts';
import { defineAction } from './action.ts';

const ENABLED: JsonObject = { type: 'boolean', description: 'Whether the service runs.', examples: [false] };

function protocol(description: string, more: Readonly<Record<string, JsonObject>> = {}): JsonObject {
  const example = { ProtocolEnabled: false };
  return {
    type: 'object',
    properties: { ProtocolEnabled: ENABLED, ...more },
    minProperties: 1,
    additionalProperties: false,
    description,
    examples: [more['NTPServers'] ? { ProtocolEnabled: true, NTPServers: ['ntp1.example', 'ntp2.example'] } : example],
  };
}

const NTP_SERVERS: JsonObject = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9._:-]+$' },
  maxItems: 4,
  description: 'Names or addresses of time servers, in order.',
  examples: [['ntp1.example', 'ntp2.example']],
};

/**
 * Sets which network services a manager runs, and its time servers. HTTPS and ports are left alone: who changes them
 * cuts off the branch that the service sits on. In this order: what could cut people off comes last.
 */
export const patchNetworkProtocol = defineAction({
  name: 'PatchNetworkProtocol',
  description: 'Sets the time servers of a manager, and which network services it runs.',
  root: 'Managers',
  link: 'NetworkProtocol',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'Access',
  payload: {
    NTP: protocol('The network time protocol.', { NTPServers: NTP_SERVERS }),
    SNMP: protocol('The simple network management protocol.'),
    SSDP: protocol('The simple service discovery protocol.'),
    KVMIP: protocol('The remote console.'),
    VirtualMedia: protocol('Virtual media.'),
    HTTP: protocol('Plain HTTP; HTTPS is left alone.'),
    Telnet: protocol('Telnet.'),
    IPMI: protocol('IPMI over LAN.'),
    SSH: protocol('The secure shell of the manager.'),
  },
  fieldByField: true,
  restartMs: 600_000,
  spokenOver: { HTTP: 'http:' },
  advice: [
    {
      vendor: /^(HPE|Hewlett|Hpe)/,
      field: 'NTP',
      text: "its time servers are the OEM property StaticNTPServers of the manager's DateTime, which is not written",
    },
    {
      vendor: /^Dell/,
      field: 'NTP',
      text: 'its time servers are attributes of the manager (NTPConfigGroup.1.NTP1), which are not written',
    },
  ],
  paddedLists: ['NTPServers'],
  unset: { NTPServers: [] },
  inventory: null,
  at: () => [],
});
