// The numbered rules: what a fleet repository means and what the service promises. Problems, tests and comments cite
// them by number; docs/rules.md is printed from here (npm run docs). A number is never used again for something else.
// One list, however long: a rule is looked up by its number, and docs/rules.md is read from R01 to the last.

/** A rule, a sentence an item; the first one says it in short. */
type Rule = readonly [string, ...string[]];

type Rules = Readonly<Record<string, Rule>>;

const VALIDATION = {
  R01: [
    'All errors of all stages of all files come in one report.',
    'Each has file, line, column, path, stage and a message that says what is allowed.',
    'A path is `Payload[0].Payload.Profile`, for one; `$` is the document itself.',
    'A stage that cannot be judged because an earlier one failed (the payload of an unknown action) is silent.',
  ],
  R02: [
    'A manifest is judged in four stages, in this order: structure, payload, platform, schedule.',
    'Structure: required fields, types, unknown fields at every level, limits.',
    'Payload: its entries, IDs, whitelists, ranges, `Min ≤ Max`, duplicates.',
    'Platform: the machines exist, their `Type` supports the action, and they have what it names.',
    'What they have is what the inventory lists under `Managers`, where it lists anything.',
    'Schedule: `Type`, formats, `Period` and its logic.',
  ],
  R03: [
    'Unknown fields are refused.',
    'So are those of a job that the service owns.',
    'They are `ID`, `Status`, `CreatedTime`, `LastRunTime`, `NextRunTime` and `ExecutionCount`.',
    'A name is looked up among own properties only: a machine named `__proto__` is an unknown machine.',
  ],
  R04: [
    'Files are YAML 1.2, core schema.',
    'Keys are strings and unique; no merge keys; no unknown tags; at most 100 aliases, and no cycles.',
    'A file is UTF-8 (a BOM and CRLF are fine), at most 1 MiB, and no symbolic link: its target is never read.',
    'A root that is not a mapping is refused.',
    'A whole number beyond ±9007199254740991 is refused, never rounded.',
    '`22:00:00` and `2026-02-10` need no quotes.',
  ],
  R05: ['A file may hold several documents, separated by `---`.', 'Empty documents are skipped.'],
  R06: [
    '`Payload` may be an object or a list; inside it is always a list, and error paths are as written.',
    '`ManagerID` must not repeat where the action changes the manager itself.',
    'Else the pair of `ManagerID` and controller or zone ID must not repeat (a pair, not a joined string).',
  ],
  R07: [
    '`DaysOfWeek` is a list of exact English names, `DaysOfMonth` a string: a comma list of 1–31.',
    'In `DaysOfWeek` duplicates are harmless; empty or null means every day.',
    'In `DaysOfMonth` blanks around items, a leading zero and duplicates are harmless; null means every day.',
    '`""`, empty items, ranges and numbers are refused there (for an unquoted `15` the advice is to quote it).',
  ],
  R08: [
    '`Time` is exactly `([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d`.',
    'Dates are real dates, `YYYY-MM-DD`, and `StartDay ≤ EndDay`.',
  ],
  R09: [
    'A `Period` in which no date can ever match is refused.',
    'A `Period` that is over is valid: its `NextRunTime` is null.',
    'Whether a manifest is valid never depends on the clock.',
  ],
  R10: [
    'Two files or documents with one job ID or one machine ID are both reported, each naming the other.',
    'A job that is already in force goes on unchanged.',
  ],
  R48: [
    'A selector fits the machines whose labels are all that it asks for, as in Kubernetes.',
    'It has `MatchLabels`, and `MatchExpressions` with `In`, `NotIn`, `Exists` or `DoesNotExist`.',
    '`NotIn` fits a machine without the label, too.',
    'One that asks for no label (`MatchLabels`, `In` or `Exists`) is refused: it would fit nearly everything.',
    'A job has `Machines` or a `MachineSelector`, never both; it is valid when the selector fits 1 to 1000 machines.',
    'With `AllowEmpty` it may fit none.',
    'A machine that fits and cannot do what the job asks for is a problem that names it, never dropped.',
    'What a selector fits follows the inventory; a run reaches what fitted when it was claimed.',
  ],
  R49: [
    'A text in a payload may say `{Machine.ID}`, `{Machine.Name}` or `{Labels.KEY}`: each machine gets its own.',
    '`{{` is a brace; any other `{` is a problem.',
    'A machine without such a name or label is a problem, and what comes out must be valid on each machine.',
    'What each machine gets is frozen when the run is claimed.',
  ],
  R50: [
    'A file `machines/**/_*.yaml` holds `Defaults` for the machines of its own folder, not of those below.',
    'They fill what a machine leaves out, `Labels` key by key; each field is given once in a folder.',
    'While the defaults of a folder are refused its machines stay as they were.',
  ],
} as const satisfies Rules;

const TIME = {
  R11: [
    "A job's zone is `Schedule.TimeZone`, else the service's `TimeZone`, else UTC; never the host's.",
    'It governs `Time`, `Day`, `StartDay`, `EndDay` and the days.',
    'Everything written is UTC, `YYYY-MM-DDTHH:MM:SSZ`, in whole seconds.',
  ],
  R12: [
    'The next run is strictly later than now.',
    'A job is due when `NextRunTime <= now`.',
    'After a run the next one is strictly after the later of now and the occurrence just run.',
  ],
  R13: [
    'A Once job runs today at `Time` if that is later than now, else tomorrow; then its `NextRunTime` is null.',
    'With `Day` it runs on that date; if that has passed when the job is accepted, the job is missed (R22).',
  ],
  R14: [
    'A Continuous job runs on the dates inside `StartDay..EndDay` that satisfy both `DaysOfWeek` and `DaysOfMonth`.',
    'Both ends are inclusive, and each is optional.',
    "Both filters narrow, as in Redfish's own Schedule: `Friday` and `13` is Friday the 13th.",
    'A date that a month lacks is skipped, never moved.',
  ],
  R15: [
    'When clocks go forward, a time inside the gap moves forward by the gap: 02:30 becomes 03:30.',
    'When they go back, a time that comes twice runs at the first.',
    'There is one run a local date; the next run is never computed as "24 hours later".',
  ],
  R16: [
    'A job starts in the second named, never early.',
    'The clock is read again at least once a minute, so a suspended host or a jump of the clock loses no run.',
    'If the clock goes back, nothing runs twice.',
  ],
} as const satisfies Rules;

const JOBS_AND_EDITS = {
  R17: [
    "A job's ID is its path under `jobs/` without extension, with `.` for `/`.",
    'In a file of several documents `.` and the slug of its `Name` are added.',
    'Job IDs match the pattern of machine IDs, `[A-Za-z0-9][A-Za-z0-9._-]*`, at a length of up to 128.',
  ],
  R18: [
    "`CreatedTime` is when the service accepted the job, whatever the commit's date.",
    'An added job is `Pending`.',
    'Changes of one commit take effect together.',
  ],
  R19: [
    'An edit of `Name`, `Suspend`, `Trigger`, `Confirm`, `AllowEmpty` or formatting moves nothing.',
    'Any other makes a new version; a selector counts as written, not by the machines that it fits.',
    'With it `NextRunTime` is computed again from now, a finished Once job is armed again, and counters stay.',
    'A run in progress keeps the version that it started with.',
    'A pushed schedule never fires retroactively.',
  ],
  R20: [
    'A file renamed in one commit with unchanged content keeps its state under the new ID.',
    'Deleting a job cancels future runs, lets a running one end and be logged, and removes its status; logs stay.',
    'A job that is deleted and added again is a new job.',
  ],
  R21: [
    'An invalid edit keeps the last good version of that job in force and shows the errors in the status file.',
    'The last good version is kept by its commit, so also across a restart with nothing but the repository.',
    'An invalid new file makes no job; other files are unaffected.',
    'A machine that is refused stays in force as it was, too, and jobs are judged by that.',
    'An invalid `bmcron.yaml` keeps the settings in force.',
    'At a first start, with none in force, it is refused by name and nothing runs.',
    'Jobs refused for an unknown machine are judged again when the inventory changes.',
    'A machine that leaves the inventory removes no accepted job: the machine fails in its runs.',
  ],
  R47: [
    'Jobs that vanish at once, at least three and more than half of those in force, stay until somebody confirms it.',
    'So do all jobs when a commit has no manifest at all.',
    'The problem names the commit; what else the commit says takes effect, and no machine leaves meanwhile.',
    'It is confirmed by `run --accept-removals COMMIT`, or by a commit that says `Bmcron-Accept-Removals: N`.',
    'N is at least the number of jobs that vanish.',
  ],
} as const satisfies Rules;

const RUNS = {
  R22: [
    'After missed runs (the service was down or suspended, or the clock jumped) each due job runs once.',
    'They run in the order of `NextRunTime`.',
    'Of what writes one field of one machine only the last runs; of a run that overlaps in part, what is left of it.',
    'What is left out is recorded as `Superseded by` the job of the last.',
    'None runs after its `EndDay`, or later than its `StartingDeadline` allows.',
    'What is not run is recorded in the status as missed, with its time and reason.',
    'Times at which a job is suspended are neither missed nor made up for.',
  ],
  R23: [
    'An occurrence (a job and a nominal time) is claimed on durable storage before any BMC hears of it.',
    'A claimed occurrence never runs again.',
  ],
  R24: [
    'A run that a crash interrupted is not repeated, and counts once.',
    'Machines with a recorded result keep it; the others are logged as failed with `interrupted`.',
    'What a machine had read back by then is told, as not confirmed.',
    'The next read-back tells what a BMC was left in.',
  ],
  R25: [
    'At most `WorkerPoolSize` jobs work at once; one that only waits for values to settle has given its worker back.',
    'Due jobs wait, ordered by `NextRunTime`, then ID, and are never dropped.',
    'One that waits past its next occurrence runs once.',
    'One that is deleted or rescheduled while it waits does not run.',
    'The size can change at any time without harm to what runs; shrinking lets runs finish.',
  ],
  R26: [
    'The machines of a job run in parallel, at most `MaxConnections` are talked to over the whole service.',
    'On one machine there is one run at a time, while its values settle too: two jobs on one BMC take turns.',
    'A second look goes ahead of what is new, in order of time.',
    'A slow BMC delays nobody else.',
  ],
  R27: [
    'A failing machine does not stop the others.',
    'The managers of one machine are patched in payload order; all are tried, and each is recorded.',
  ],
  R28: [
    'A trigger (a new `Trigger` in the manifest, the command, the API) runs the job at once, whatever its schedule.',
    'It does so outside the Period and when suspended too.',
    'It leaves `NextRunTime` alone, for a pending Once job as well.',
    'A token runs once, ever: the status keeps the last one.',
    'Where the status cannot be read, the token counts as used.',
    'A job that arrives with a token runs at once.',
    'A trigger is refused while the job runs; one that coincides with a due run is that run.',
    'If no worker is free within 30 s, the answer is `worker pool exhausted`, and nothing changes.',
  ],
  R29: ['A run is validated again when it starts, against the inventory of that moment.'],
  R30: [
    'On SIGTERM no new run starts.',
    'Running ones may finish within `ShutdownTimeout`, are recorded and pushed, and the process exits with 0.',
    'Past that they are recorded as interrupted.',
  ],
} as const satisfies Rules;

const STATUS_AND_LOGS = {
  R31: [
    '`Status` is the outcome of the last run: `Completed`, or `Failed` if any machine failed.',
    'It is `Pending` before the first run, and `Running` during one.',
    '`NextRunTime` says whether more runs come, and `LastRunTime` is the start of the last one.',
    '`ExecutionCount` counts every run that started.',
  ],
  R32: [
    'A status file holds the job and its facts in a fixed order, and its bytes change only when facts do.',
    'First come `Id`, `Name`, `Machines`, `Action`, `Payload` and `Schedule`, as the manifest has them.',
    'With a `MachineSelector`, which stands after them, `Machines` are those of the last claim.',
    'Then `Status`, `CreatedTime`, `LastRunTime`, `NextRunTime` and `ExecutionCount`.',
    'Then `Suspended`, `Conditions`, `LastTrigger`, `LastRun`, `Missed`, `ObservedCommit` and `AppliedCommit`.',
    'A job with a `Rollout` has how far that has come, before the commits.',
    '`Conditions` are `Valid` and `Ready`, with a `Rollout` also `Progressing`, each with Type, Status, Reason, Message and LastTransitionTime.',
    '`LastRun` has RunID, Trigger, NominalTime, StartTime, EndTime, Succeeded, Failed and a line per failed machine.',
    'It has Skipped, and a line per skipped machine, where there is one.',
    'A RunID is `<job>@<nominal time>` or `<job>@<token>`; Trigger is `Schedule`, `CatchUp` or `Manual`.',
    '`Missed` has the last times and reasons.',
    'Lists are bounded.',
  ],
  R33: [
    'There is one log file for each machine of each run, and it is never overwritten.',
    'It is in `logs/YYYY/MM/DD/` (UTC), or with `Logs.Layout: segments` a line of a file that is new for each batch.',
    'Its name is `{jobID}_{machineID}_{action}_{YYYYMMDD_HHMMSS}_{success|failed}.json`, in UTC, IDs verbatim.',
    'A second one in the same second gets `_2` before `.json`.',
  ],
  R34: [
    'A log has the keys `JobID, MachineID, Action, Status, Timestamp, ExecutionTime, Result, Error`, in this order.',
    '`ExecutionTime` is `"1.234s"`.',
    '`Result` is an object for one payload entry and a list for several.',
    'In it are `ManagerID`, controller or zone ID, and for each field of the payload `Old<Field>` and `New<Field>`.',
    'These are the values as read from the BMC before and after.',
    '`Error` is null on success; after a crash it is `interrupted`.',
    'Else it says what failed, on which manager, and with the word `transient` or `permanent` whether it may pass.',
    'Where an ID or profile is missing it says what the BMC has instead.',
    'On failure `Result` is null, or what was done before it.',
  ],
  R35: ['A value that is already right is not sent: that is success, with Old equal to New.'],
  R36: ['Success means that the value was read back.', '`200 OK` alone is not success.'],
} as const satisfies Rules;

const WRITING_BACK = {
  R37: [
    "Only the service's own paths are written: `*.status.yaml` beside job files, `logs/`, `.bmcron/`, `STATUS.md`.",
    "Nobody's commit is ever lost, no shared branch is ever force-pushed, no human's file is ever touched.",
    "A human's edit of the service's files is put right, and runs nothing.",
    'A `NextRunTime` in Git that the schedule does not yield is never taken.',
    "Another controller's facts are taken from its own commits alone.",
  ],
  R38: [
    'Commits are few: what ends within a short window goes out together, and without a change there is none.',
    'Own commits cause no work.',
    "The author is the service's identity.",
    'The subject names job, outcome and time when there is one run, or counts the runs; trailers carry the details.',
  ],
  R39: [
    'A remote that is down, is slow, refuses (403) or has moved (rewritten history) stops no run.',
    'Results are kept locally, the trouble is reported once, and they are pushed when the remote comes back.',
    'Nothing runs twice because of it.',
  ],
  R40: [
    'A log that cannot be written does not undo a run: the outcome stands.',
    'The failure is reported, and writing is tried again.',
  ],
  R41: [
    'A status file that cannot be read is reported and written anew.',
    'A Continuous job goes on from now.',
    'A Once job whose state is unknown does not run until it is edited or triggered.',
  ],
} as const satisfies Rules;

const SAFETY = {
  R42: [
    'Secrets live outside the repository, and each is sent only to the addresses that are listed beside it.',
    '`CredentialsRef: rack1` names the folder `rack1/` under `--credentials-dir`.',
    'The folder holds the files `username` and `password`, as a Kubernetes basic-auth secret does.',
    'Or it names the variables `BMCRON_RACK1_USERNAME`, `BMCRON_RACK1_PASSWORD` and `BMCRON_RACK1_ENDPOINTS`.',
    'The file `endpoints` in that folder (or the variable) lists who may be sent this secret, a line or comma each.',
    'That is a host, a host:port pair or a CIDR; without the list the secret is not used.',
    'A machine whose `Endpoint` is not among them is refused: no edit of a manifest can send a password elsewhere.',
    'One with a secret and an `http:` Endpoint is refused too, unless it says `AllowPlaintext` or `TLS.Insecure`.',
  ],
  R43: ['No secret, token or Authorization header appears in a log, a status, a commit, an error or a terminal.'],
  R44: ['IDs and names are checked before they become file names, commit messages or terminal output.'],
  R45: [
    'With `--verify-commits FILE` (an SSH allowed-signers file) only commits signed by one of them take effect.',
    'Others are reported, and the last good commit stays in force: what takes effect contains it.',
    'The trailer `Bmcron-Seal: yes` of a signed commit vouches for its tree, not for the states below.',
    "The service signs its own commits with `--signing-key`; a controller's key is good for its own files alone.",
    'Without a journal only status files count whose last change a key of `--own-signers` signed.',
    'The others are derived anew: a Once job does not run, a token counts as used, and it is told.',
  ],
  R46: ["Redirects never leave the machine's origin, and credentials never do."],
  R57: [
    'An entry names a manager, or may name a system or chassis (`SystemID`, `ChassisID`).',
    'Left out, the only one is meant that has every field that is set; several are an error that names them.',
    'What it was is in the log, and it is found by links alone: no path is ever built.',
  ],
  R58: [
    'What a BMC accepts for its next reset is `Staged`: a success that is not yet an effect.',
    'The log has what waits under `Pending`; the next run reads whether it has become so.',
  ],
  R51: [
    'Each action is of a class (None, Access, Thermal, Manager or Host), and `Guards` of `bmcron.yaml` limits each class.',
    'A run that would reach more machines than the guard allows within `Per`, over all jobs, is refused as a whole.',
    'So is one that would reach more than its `Confirm`, or machines whose `Identity` is required and not known.',
    'A machine counts from the claim until `Per` after its part has ended; one to which nothing was sent does not.',
    'A part waits while its domain is full, and is skipped when it comes too soon or the machine must not restart.',
    'What was reached lately is in the journal; where that is not known, it is over the limit.',
    'A limit that is raised holds a minute after it was seen; a stricter one at once, in running runs too.',
    'Guards that are not written are built in. A trigger is judged like any run.',
  ],
  R52: [
    'When too many parts fail close together, of whatever jobs, the `Breaker` opens, and its classes begin nothing.',
    'The others go on. It stays open until a commit gives `Breaker.Resume` another value.',
  ],
  R53: [
    'A window of `windows/` is a `Freeze` or an `Allow`, once (`From`, `To`) or recurring (`Time`, `Until`, `Period`).',
    'It is about the actions, machines and jobs that all of its `Applies` fits.',
    'Its times are those of its zone; one that goes past midnight belongs to the day on which it begins.',
    'Around a clock change an `Allow` opens late and closes early, a `Freeze` begins early and ends late.',
    'A broken file leaves the last good window in force.',
    'While a new one is broken, actions of the classes Host, Manager and Access do not run.',
  ],
  R54: [
    'A run or a part begins while no `Freeze` that is about it is active.',
    'Where an `Allow` is about it, one of those must be active, too.',
    'A trigger passes windows only if all that are in its way say `Manual: Allow`; else it is refused.',
    'A run that began before goes on where the windows say `Overrun: Finish`; a part under way always ends.',
    'A freeze that is committed during a run lets no new part begin, whatever its `Overrun` says.',
    'What puts back a value after a failure is never stopped.',
  ],
  R55: [
    'While all machines of a due run are blocked it is missed, or with `OnBlocked: Wait` waits as its deadline allows.',
    'Where some are, the others run; a blocked part is skipped, or waits until the next run of its job.',
    'What is missed is told once for each time that a window closes, and is not made up for.',
    'What has waited runs once, in the order of its times, and starts are spread over a minute.',
    'A part that waits holds no machine, connection or worker, and begins no more once its job is edited or gone.',
    'A skipped part has no log file; the status counts and names it, with its reason.',
  ],
  R56: [
    'While the file of `run --hold FILE` exists nothing begins: what is due waits, triggers are refused.',
    'It is looked at when a run, and when each of its parts, is about to begin.',
  ],
  R59: [
    'An action of Redfish (a POST) is a State, which is read back, or an Event, which happens once.',
    'An Event is sent once for its claim, whatever is answered; when no answer comes a witness decides.',
    'A witness is what the BMC shows of it: the time of its last reset, its boot, its absence.',
    'A late run of an Event begins at most 15m late, unless its job has a `StartingDeadline`.',
    'Nothing is sent that the manifest does not ask for: no force without `Force`, no other reset without `Fallback`.',
    'While it waits for minutes a part holds its machine, and neither connection, session nor worker.',
  ],
  R60: ['What cannot be undone by the next run (`Nmi`) is for jobs whose `Schedule.Type` is `Once`.'],
  R61: [
    'What was read of a machine is on durable storage before its BMC hears of a change.',
    'After a crash in between the next start reads it again, and only reads.',
    'The log tells of each field Old and New, and whether it is as it was set, as it was before, or neither.',
    'A BMC that does not answer then is not waited for longer than 30 s; its log tells Old alone.',
  ],
  R62: [
    'A machine whose label `site` has a value that `Sites` names is reached by the workers of that site alone.',
    'Its part begins once, over all workers and controllers: the start is claimed before the BMC is asked anything.',
    'A controller says how a part ended only when its worker has said so, or can change nothing for it any more.',
    'A part that no worker takes within `StartWithin` is Unreachable. No secret goes through the engine.',
  ],
  R63: [
    'With a `Rollout` what is new, a digest of `Action` and `Payload`, reaches the machines of a job in `Waves`.',
    'It starts at the first wave, a new job and another effect alike, and with `Scope: EveryRun` each run does.',
    'A wave is of `Machines`, a `MachineSelector` or, the last one and only it, of `Rest: true`.',
    'A machine is in the first that it fits; a wave without machines is passed over, but the first must have some.',
    'A wave passes when all of it have ended and no more than `MaxFailures` have failed; after the last it is promoted.',
    'With `Soak` it is left alone first, for as long; a value that went back by then counts as failed.',
    'With `Advance: NextRun` a wave comes with each run; with `InRun`, as a Once job has it, one after the other.',
    'Who waits for a wave gets the promoted version meanwhile, if there is one and its action is a State.',
    'What is promoted runs on all at once, as many as `MaxConcurrent` of the last wave allows.',
    'A machine that joins gets it after the others, one at a time.',
    'Percents are of all machines at the claim and are rounded down, a `MaxConcurrent` to 1 at least.',
  ],
  R64: [
    'A rollout halts when a wave exceeds its `MaxFailures`, or all of them the `FailureBudget`, or nothing is proved.',
    'Who is not reached counts by `FailureBudget.Unreachable` alone, without it as failed.',
    'From then on no part of what is new begins: those under way end, the others are skipped as `RolloutHalted`.',
    'While it is halted runs set the promoted version on all machines, or with `OnHalt: Hold` are missed.',
    'It goes on, with the wave that halted, when a commit gives `Rollout.Resume` another value; a new effect begins anew.',
    'A run of the promoted version that exceeds the budget skips its rest; the third in a row halts.',
  ],
  R65: [
    'Effect, promoted version, wave, soak and halt are in the status, and survive a crash, a move and a new clone.',
    'After a crash in a wave parts that had begun are interrupted, the others skipped, and the same wave comes next.',
    'The promoted version is read at its commit, which must be one of the history of the tip.',
    'A job that is edited to another effect, suspended or deleted begins no further part of a run that goes on.',
  ],
  R66: [
    'With `OnFailure: Revert` what a part has set is put back as it was read before, when a field of that part fails.',
    'The last entry and the last field go first. It is tried once: what fails of it is `RestoreFailed`, for a person.',
    'A field that is neither as it was set nor as it was before stays (`Conflict`): somebody else was here since.',
    'Windows, guards and the hold file do not stop it; what a crash or a stop left owed the next start does first.',
    'What cannot be put back is named (`NotRevertible`): a field that had no value, where the standard has no way.',
    'An action that restarts or switches a host or manager cannot have it.',
  ],
  R67: [
    'A field with an `OnlyIf` is set only where the BMC has that value, or has what is wanted already.',
    'Else it stays, and the part fails with `Conflict`. With `Pending` what `OnlyIf` says may wait for a reset there.',
    '`bmcron revert` writes such a job from the logs of a run, on a branch of its own: it changes no BMC by itself.',
    'A field that a later run has written, or that cannot be taken back, is left out and named.',
  ],
  R68: [
    'Of controllers that share an engine and have `--standby` one leads, by a lease there: it alone begins and writes.',
    'It ends once no renewal was acknowledged for 2.5 s; another takes over when the lease has not moved for 3 s.',
    'A run is claimed at the engine for all of them. Who takes over sees each part to its end, and begins none twice.',
    'What a controller did by itself when it was killed is interrupted; parts at sites go on.',
    'An engine that has forgotten what it had is told: nothing that was open begins again, what was due is missed.',
  ],
} as const satisfies Rules;

/** The rules below the headings of docs/rules.md. A new one takes the next free number, whatever its group. */
export const RULE_GROUPS = {
  Validation: VALIDATION,
  Time: TIME,
  'Jobs and edits': JOBS_AND_EDITS,
  Runs: RUNS,
  'Status and logs': STATUS_AND_LOGS,
  'Writing back': WRITING_BACK,
  Safety: SAFETY,
} as const;

/** What each rule says. */
export const RULES = {
  ...VALIDATION,
  ...TIME,
  ...JOBS_AND_EDITS,
  ...RUNS,
  ...STATUS_AND_LOGS,
  ...WRITING_BACK,
  ...SAFETY,
} as const;

/** `R01`: the number of a rule. */
export type RuleID = keyof typeof RULES;
