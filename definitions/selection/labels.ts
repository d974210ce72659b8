import type { MachineLabels } from '../machine.ts';
import { type MachineSelector, SELECTOR_OPERATORS, type SelectorRequirement } from '../machine-selector.ts';
import { isObject, type Json, own } from '../values/json.ts';

const NO_LABELS: MachineLabels = {};

/** Whether a selector fits a machine of these labels; `NotIn` fits one without the label, as in Kubernetes (S02). */
export function matches(
  { MatchLabels, MatchExpressions }: MachineSelector,
  labels: MachineLabels = NO_LABELS,
): boolean {
  for (const key in MatchLabels) if (labelOf(labels, key) !== MatchLabels[key]) return false;
  if (MatchExpressions === undefined) return true;
  for (const requirement of MatchExpressions) if (!meets(requirement, labelOf(labels, requirement.Key))) return false;
  return true;
}

/** The value of a label; undefined without it. Never follows a prototype. */
export function labelOf(labels: MachineLabels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function meets({ Operator, Values = [] }: SelectorRequirement, value: string | undefined): boolean {
  switch (Operator) {
    case 'In':
      return value !== undefined && Values.includes(value);
    case 'NotIn':
      return value === undefined || !Values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** What is wrong with a selector, and where in it. */
export interface SelectorFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the schema of a selector cannot say (S01); tolerates any value, of which the schema says the rest. */
export function selectorFaults(selector: Json): readonly SelectorFault[] {
  if (!isObject(selector)) return [];
  const expressions = own(selector, 'MatchExpressions');
  const requirements = Array.isArray(expressions) ? expressions : [];
  const found = requirements.flatMap((each, index) =>
    requirementFaults(each).map(({ path, message }) => ({ path: ['MatchExpressions', index, ...path], message })),
  );
  if (found.length > 0 || requirements.some((each) => !isKnown(each)) || asksForSomething(selector, requirements))
    return found;
  const advice = 'give MatchLabels, or MatchExpressions with In or Exists';
  return [{ path: [], message: `a selector that asks for no label would fit every machine without it: ${advice}` }];
}

function isKnown(requirement: Json): boolean {
  return SELECTOR_OPERATORS.some((operator) => operator === own(requirement, 'Operator'));
}

function asksForSomething(selector: Json, requirements: readonly Json[]): boolean {
  const labels = own(selector, 'MatchLabels');
  const isPositive = (each: Json) => ['In', 'Exists'].includes(String(own(each, 'Operator')));
  return (isObject(labels) && Object.keys(labels).length > 0) || requirements.some(isPositive);
}

function requirementFaults(requirement: Json): readonly SelectorFault[] {
  const operator = own(requirement, 'Operator');
  const values = own(requirement, 'Values');
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues && (values === undefined || (Array.isArray(values) && values.length === 0)))
    return [{ path: ['Values'], message: `${operator} needs Values: at least one` }];
  if (!wantsValues && isKnown(requirement) && values !== undefined)
    return [{ path: ['Values'], message: `${operator} takes no Values: it asks for the label alone` }];
  return [];
}
