import { LABEL_KEY_PATTERN } from '../machine.ts';
import type { MachineSelector, SelectorRequirement } from '../machine-selector.ts';
import { show } from '../values/text.ts';

const KEY = LABEL_KEY_PATTERN.replace(/^\^|\$$/g, '');
const VALUE = '[^\\s,()=!][^,()]*?';
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALS = new RegExp(`^(${KEY})\\s*(==?|!=)\\s*(${VALUE})$`);
const AMONG = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
/** A comma that is in no list of values. */
const BETWEEN = /,(?![^()]*\))/;
const FORMS = 'rack=r7, role!=storage, role in (a,b), role notin (a,b), rack, !rack, separated by commas';

/** A selector as people type it for kubectl, `rack=r7,role!=storage,role in (a,b)`, or what is wrong with it. */
export function parseSelector(text: string): MachineSelector | { readonly fault: string } {
  const MatchExpressions: SelectorRequirement[] = [];
  for (const part of text.split(BETWEEN).map((each) => each.trim())) {
    const requirement = requirementOf(part);
    if (!requirement) return { fault: `${show(part)} is no requirement of a selector: ${FORMS}` };
    MatchExpressions.push(requirement);
  }
  return { MatchExpressions };
}

function requirementOf(text: string): SelectorRequirement | null {
  const [, not, key] = EXISTS.exec(text) ?? [];
  if (key !== undefined) return { Key: key, Operator: not === '!' ? 'DoesNotExist' : 'Exists' };
  const [, Key, sign, value = ''] = EQUALS.exec(text) ?? [];
  if (Key !== undefined) return { Key, Operator: sign === '!=' ? 'NotIn' : 'In', Values: [value.trim()] };
  const [, listed, word, values = ''] = AMONG.exec(text) ?? [];
  if (listed === undefined) return null;
  const Values = values.split(',').map((each) => each.trim());
  return Values.includes('') ? null : { Key: listed, Operator: word === 'in' ? 'In' : 'NotIn', Values };
}
