import type { JsonObject } from '../../../definitions/values/json.ts';
import { type BoardResource, readOnly } from './resource.ts';

const ROOT = '/redfish/v1/';

/** Collections by the last part of their path: the type of their members, and what a BMC calls them. */
const COLLECTIONS: Readonly<Record<string, readonly [member: string, name: string]>> = {
  Accounts: ['ManagerAccount', 'Accounts Collection'],
  Cables: ['Cable', 'Cable Collection'],
  Certificates: ['Certificate', 'Certificates Collection'],
  Chassis: ['Chassis', 'Chassis Collection'],
  Controls: ['Control', 'Controls'],
  EthernetInterfaces: ['EthernetInterface', 'Ethernet Network Interface Collection'],
  Fabrics: ['Fabric', 'Fabric Collection'],
  FirmwareInventory: ['SoftwareInventory', 'Software Inventory Collection'],
  JsonSchemas: ['JsonSchemaFile', 'JsonSchemaFile Collection'],
  LogServices: ['LogService', 'Log Services Collection'],
  Managers: ['Manager', 'Manager Collection'],
  Memory: ['Memory', 'Memory Module Collection'],
  Processors: ['Processor', 'Processor Collection'],
  Registries: ['MessageRegistryFile', 'MessageRegistryFile Collection'],
  Roles: ['Role', 'Roles Collection'],
  Sensors: ['Sensor', 'Sensors'],
  SimpleStorage: ['SimpleStorage', 'Simple Storage Collection'],
  Storage: ['Storage', 'Storage Collection'],
  Subscriptions: ['EventDestination', 'Event Destination Collections'],
  Systems: ['ComputerSystem', 'Computer System Collection'],
  Tasks: ['Task', 'Task Collection'],
};

/** What bmcweb says of some of them beside their members. */
const MORE: Readonly<Record<string, Partial<BoardResource> & { readonly also?: JsonObject }>> = {
  Systems: { allow: 'GET, HEAD', schema: 'ComputerSystemCollection' },
  Registries: { also: { Description: 'Collection of MessageRegistryFiles' } },
};

/**
 * The collections that paths and links ask for: each with the resources right below it as members, empty where there
 * are none. Paths are below `/redfish/v1/`.
 */
export function collectionsFor(
  paths: readonly string[],
  linked: readonly string[],
): readonly (readonly [path: string, resource: BoardResource])[] {
  const above = paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const asked = new Set([...above, ...linked].filter((path) => nameOf(path) in COLLECTIONS && !paths.includes(path)));
  return [...asked].map((path) => {
    const members = paths.filter((each) => each.slice(0, each.lastIndexOf('/')) === path);
    return [path, collection(path, members)];
  });
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function collection(path: string, members: readonly string[]): BoardResource {
  const [type, name] = COLLECTIONS[nameOf(path)] ?? ['Resource', nameOf(path)];
  const { also, ...more } = MORE[path] ?? {};
  const body = {
    '@odata.id': ROOT + path,
    '@odata.type': `#${type}Collection.${type}Collection`,
    Members: members.map((each) => ({ '@odata.id': ROOT + each })),
    'Members@odata.count': members.length,
    Name: name,
    ...also,
  };
  return readOnly(body, more);
}
