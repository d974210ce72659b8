/** How a requirement compares the label of its Key: as in Kubernetes. */
export const SELECTOR_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
export type SelectorOperator = (typeof SELECTOR_OPERATORS)[number];

/** One thing that a selector asks of a machine's labels. */
export interface SelectorRequirement {
  readonly Key: string;
  readonly Operator: SelectorOperator;
  /** For In and NotIn. */
  readonly Values?: readonly string[];
}

/** Which machines are meant, by their labels: all that it asks for must hold. */
export interface MachineSelector {
  readonly MatchLabels?: { readonly [key: string]: string };
  readonly MatchExpressions?: readonly SelectorRequirement[];
}
