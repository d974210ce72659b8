import { printSchema, SCHEMA_KINDS } from '../../../definitions/schemas/index.ts';

/** The files of a new fleet that stands at `prefix` in its repository, by path below the repository's root. */
export function fleetFiles(prefix: string): Readonly<Record<string, string>> {
  const inFleet = {
    'README.md': readme(prefix),
    'bmcron.yaml': SETTINGS,
    'machines/example.yaml': MACHINES,
    'windows/year-end.yaml': FREEZE,
    'jobs/nightly-powersaver.yaml': NIGHTLY,
    'jobs/workday-performance.yaml': WORKDAY,
    'jobs/rack-names.yaml': RACK_NAMES,
    ...Object.fromEntries(SCHEMA_KINDS.map((kind) => [`schemas/${kind}.schema.json`, printSchema(kind)])),
  };
  const placed = Object.entries(inFleet).map(([path, text]) => [prefix + path, text]);
  return {
    ...Object.fromEntries(placed),
    '.vscode/settings.json': editor(prefix),
    '.gitattributes': attributes(prefix),
  };
}

const SETTINGS = `# yaml-language-server: $schema=./schemas/settings.schema.json
# How the service works on this fleet. Every field has a default; what is here is one.
TimeZone: UTC # the zone of jobs that name none
WorkerPoolSize: 5 # jobs that run at once
MaxConnections: 50 # BMCs that are talked to at once
# How many machines a mistake can reach: what is left out is built in, "bmcron validate --explain-guards" prints it all.
Guards:
  - { Class: Thermal, MaxMachines: 100, Per: 1h } # fans, PID loops and power limits
# - { Class: Host, MaxMachines: 10, Per: 1h, MaxPerDomain: { Label: rack, Count: 1 } } # power and restarts
`;

const MACHINES = `# yaml-language-server: $schema=../schemas/machine.schema.json
# The inventory: a document for each BMC, in this file or in others below machines/.
ID: machine-1
Labels: { rack: r1 } # jobs select machines by these; "machines/**/_*.yaml" holds what a folder has in common
Name: An example, put your own BMC here
Endpoint: https://192.0.2.11
CredentialsRef: example # a name: the secret is a folder under --credentials-dir and never in this repository
# TLS: { Fingerprint: "sha256:..." } # for a self-signed certificate; "bmcron probe" helps
Managers: # what it has, so that a pull request can be checked without asking it; "bmcron probe --write" fills it in
  bmc: { Profiles: [Performance, Balanced, PowerSaver] }
---
ID: machine-2
Labels: { rack: r1 }
Endpoint: https://192.0.2.12
CredentialsRef: example
Managers:
  bmc: { Profiles: [Performance, Balanced, PowerSaver] }
`;

const FREEZE = `# yaml-language-server: $schema=../schemas/window.schema.json
# While a freeze is active nothing begins; what falls due is missed and told, or waits (OnBlocked: Wait at the job).
# Kind: Allow is the reverse: what it applies to begins only while one such window is active.
Name: Year end
Kind: Freeze
Suspend: true # checked with every commit, and without effect: take this line out when you mean it
# Applies: { MachineSelector: { MatchLabels: { site: ams } } } # absent: everything
From: "2026-12-18T18:00:00"
To: "2027-01-04T06:00:00"
TimeZone: Europe/Berlin
Manual: Deny # what a trigger may do
`;

const NIGHTLY = `# yaml-language-server: $schema=../schemas/job.schema.json
# Every night at 22:00: save power. The file's path makes the job's ID: nightly-powersaver.
Name: Nightly PowerSaver
Suspend: true # checked with every commit, and never due: take this line out when the machines are yours
Machines: [machine-1, machine-2]
Action: PatchProfile
Payload:
  - ManagerID: bmc
    Payload: { Profile: PowerSaver }
Schedule:
  Type: Continuous
  Time: "22:00:00"
  Period: { DaysOfWeek: [] } # every day
`;

const WORKDAY = `# yaml-language-server: $schema=../schemas/job.schema.json
# On weekdays at 07:30 in Berlin, whatever the clocks do: full power.
Name: Workday Performance
Suspend: true
Machines: [machine-1, machine-2]
Action: PatchProfile
Payload:
  - ManagerID: bmc
    Payload: { Profile: Performance }
Schedule:
  Type: Continuous
  Time: "07:30:00"
  TimeZone: Europe/Berlin
  StartingDeadline: 4h # later than 11:30 it is not worth doing
  Period: { DaysOfWeek: [Monday, Tuesday, Wednesday, Thursday, Friday] }
`;

const RACK_NAMES = `# yaml-language-server: $schema=../schemas/job.schema.json
# On the 1st of each month: every machine of the rack says where it stands. Who joins the rack is taken by the next run.
Name: Names of rack 1
Suspend: true
MachineSelector:
  MatchLabels: { rack: r1 }
  # MatchExpressions: [{ Key: role, Operator: NotIn, Values: [storage] }] # In, NotIn, Exists, DoesNotExist
Action: PatchManager
Payload:
  - ManagerID: bmc
    Payload: { ServiceIdentification: "{Labels.rack} {Machine.ID}" } # each machine gets its own
Schedule:
  Type: Continuous
  Time: "09:00:00"
  Period: { DaysOfMonth: "1" }
`;

/** Schemas by file, for editors with yaml-language-server. */
function editor(prefix: string): string {
  const files = (folder: string) => ['yaml', 'yml', 'json'].map((extension) => `${prefix}${folder}/**/*.${extension}`);
  const schemas = {
    [`./${prefix}schemas/job.schema.json`]: [...files('jobs'), '!**/*.status.yaml'],
    [`./${prefix}schemas/machine.schema.json`]: [...files('machines'), '!**/_*.*'],
    [`./${prefix}schemas/defaults.schema.json`]: files('machines').map((glob) => glob.replace('*.', '_*.')),
    [`./${prefix}schemas/window.schema.json`]: files('windows'),
    [`./${prefix}schemas/settings.schema.json`]: [`${prefix}bmcron.yaml`],
    [`./${prefix}schemas/status.schema.json`]: [`${prefix}jobs/**/*.status.yaml`],
  };
  return `${JSON.stringify({ 'yaml.schemas': schemas, 'yaml.validate': true, 'yaml.completion': true }, null, 2)}\n`;
}

/** What the service writes is folded in the diffs of a pull request. */
function attributes(prefix: string): string {
  return ['jobs/**/*.status.yaml', 'logs/**', 'STATUS.md', '.bmcron/**', 'schemas/**']
    .map((pattern) => `${prefix}${pattern} linguist-generated\n`)
    .join('');
}

function readme(prefix: string): string {
  const path = prefix ? ` --path ${prefix.slice(0, -1)}` : '';
  return `# Our fleet

What is done to our BMCs, and when: [bmcron](https://www.npmjs.com/package/bmcron) carries out the jobs in this
repository and writes back what became of them.

| where | what | written by |
|---|---|---|
| \`bmcron.yaml\` | settings of the service | people |
| \`machines/\` | the inventory: a document for each BMC | people |
| \`jobs/\` | the jobs: what is done to which machines, and when | people |
| \`windows/\` | windows and freezes: when something may begin, or must not | people |
| \`jobs/**/*.status.yaml\` | how each job stands | bmcron |
| \`logs/\` | a file for each machine of each run | bmcron |
| \`STATUS.md\` | the fleet at a glance | bmcron |
| \`schemas/\` | what editors check and complete by; \`bmcron schema job\` prints a newer one | people |

## Changing something

1. Edit on a branch. An editor with yaml-language-server (VS Code: "YAML" by Red Hat) completes fields and marks
   mistakes.
2. \`bmcron validate${path}\` says what is wrong, \`bmcron plan${path}\` what merging would change, \`bmcron next${path}\` what runs when.
3. Open a pull request: CI does both and puts the plan into a comment.
4. Merge. The service takes it up within seconds; \`STATUS.md\` and \`bmcron status${path}\` tell how it went.

A job at once, whatever its schedule: \`bmcron trigger${path} nightly-powersaver\`.

Passwords have no place here: \`CredentialsRef\` names a folder with the files \`username\`, \`password\` and \`endpoints\`
under the service's \`--credentials-dir\`.
`;
}
