// The long form of the property tests: npm run fuzz [seed]. Ends with what was tried; the seed repeats a failure.
import { checkCalendar } from '../calendar/properties.ts';
import { checkManifests } from '../manifest/properties.ts';
import { checkPrinting } from '../yaml/properties.ts';

const CALENDAR_TRIALS = 100_000;
const MANIFESTS = 50_000;
const PRINTED = 20_000;

const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
checkCalendar(CALENDAR_TRIALS, seed);
console.log(`${CALENDAR_TRIALS} next runs agree with the oracle`);
const { accepted } = checkManifests(MANIFESTS, seed);
console.log(`${MANIFESTS} manifests read without harm, ${accepted} documents accepted`);
checkPrinting(PRINTED, seed);
console.log(`${PRINTED} values printed and read back`);
