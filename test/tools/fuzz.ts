// The long form of the property tests: npm run fuzz [seed]; and the fuzzers: npm run fuzz -- http|git|openapi [seed]
// [seconds]. Ends with what was tried; the seed repeats a failure.
import { checkCalendar } from '../calendar/properties.ts';
import { fuzzGitOutput } from '../fuzz/git-output.ts';
import { fuzzHTTP } from '../fuzz/http.ts';
import { fuzzOpenAPI } from '../fuzz/schemathesis.ts';
import { checkManifests } from '../manifest/properties.ts';
import { checkPrinting } from '../yaml/properties.ts';

const CALENDAR_TRIALS = 100_000;
const MANIFESTS = 50_000;
const PRINTED = 20_000;
const SECONDS = 60;
const FUZZERS = { http: fuzzHTTP, git: fuzzGitOutput, openapi: fuzzOpenAPI };

const [first = '', ...rest] = process.argv.slice(2);
const isFuzzer = Object.hasOwn(FUZZERS, first);
const [seedText, secondsText] = isFuzzer ? rest : [first];
const seed = Number(seedText || Date.now() % 2 ** 31);
if (!Number.isSafeInteger(seed)) throw new Error(`${seedText} is no seed: npm run fuzz -- [http|git|openapi] [seed]`);
console.log(`seed ${seed}`);
if (isFuzzer) {
  const found = await FUZZERS[first as keyof typeof FUZZERS]({ seed, seconds: Number(secondsText ?? SECONDS) });
  process.exitCode = found ? 0 : 1;
} else checkProperties();

function checkProperties(): void {
  checkCalendar(CALENDAR_TRIALS, seed);
  console.log(`${CALENDAR_TRIALS} next runs agree with the oracle`);
  const { accepted } = checkManifests(MANIFESTS, seed);
  console.log(`${MANIFESTS} manifests read without harm, ${accepted} documents accepted`);
  checkPrinting(PRINTED, seed);
  console.log(`${PRINTED} values printed and read back`);
}
