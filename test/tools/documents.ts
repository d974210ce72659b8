import { RULE_GROUPS, RULES, type RuleID } from '../../definitions/rules.ts';

/** What is generated: path below the root → how its text is made. `npm run docs` writes each, docs.test.ts compares. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/rules.md': printRules,
};

function printRules(): string {
  const ids = Object.keys(RULES) as RuleID[];
  const groups = RULE_GROUPS.map(({ title, first }, index) => {
    const next = RULE_GROUPS[index + 1]?.first;
    const rules = ids.slice(ids.indexOf(first), next && ids.indexOf(next));
    return `## ${title}\n\n${rules.map(printRule).join('\n')}`;
  });
  return `${RULES_HEAD}\n${groups.join('\n')}`;
}

const RULES_HEAD = `<!-- Generated from definitions/rules.ts by \`npm run docs\`; edit that file. -->
# The rules

What a fleet repository means and what the service (the running controller) promises, by number.
Messages, SARIF results, tests and comments cite these numbers; none is ever used again for another rule.
`;

/** The anchor is the number alone, so that a link stays when the words change. */
function printRule(id: RuleID): string {
  return `<a id="${id.toLowerCase()}"></a>**${id}** ${RULES[id].join(' ')}\n`;
}
