import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { type Message, message } from '../bmc/messages.ts';
import type { Habits } from '../presets/habits.ts';
import type { FieldRule, FieldRules } from './field-rules.ts';
import type { MutableObject } from './resource.ts';

type ReadOnly = Habits['readOnly'];

/** The messages that a PATCH earns, property by property; none when it can be applied. */
export function complaintsAbout(body: MutableObject, patch: JsonObject, rules: FieldRules, habit: ReadOnly): Message[] {
  return Object.entries(patch).flatMap(([name, value]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule) return complaint(name, body[name], value, rule, habit);
    return [message(Object.hasOwn(body, name) ? habit : 'PropertyUnknown', name)];
  });
}

function complaint(
  name: string,
  now: MutableObject[string] | undefined,
  value: Json,
  rule: FieldRule,
  habit: ReadOnly,
) {
  const wrongType = [message('PropertyValueTypeError', JSON.stringify(value), name)];
  switch (rule.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrongType;
    case 'string':
      if (typeof value !== 'string') return wrongType;
      return value.length > rule.longest ? [message('StringValueTooLong', name, String(rule.longest))] : [];
    case 'number':
      if (value === null && rule.nullable) return [];
      if (typeof value !== 'number') return wrongType;
      return value < rule.least || value > rule.most
        ? [message('PropertyValueOutOfRange', JSON.stringify(value), name)]
        : [];
    case 'choice':
      if (typeof value !== 'string') return wrongType;
      return rule.values.includes(value) ? [] : [message('PropertyValueNotInList', JSON.stringify(value), name)];
    case 'strings':
      return Array.isArray(value) ? wrongTexts(name, texts(now), value, rule.most) : wrongType;
    case 'object':
      return isObject(value) ? complaintsAbout(object(now), value, rule.fields, habit) : wrongType;
    case 'objects':
      if (!Array.isArray(value)) return wrongType;
      return value.flatMap((each: Json, index) =>
        isObject(each) ? complaintsAbout(object(list(now)[index]), each, rule.fields, habit) : wrongType,
      );
  }
}

/** Beyond the end of the list nothing can be removed or kept (bmcweb). */
function wrongTexts(name: string, now: readonly string[], value: readonly Json[], most: number): Message[] {
  const wrong = value.flatMap((each, index) => {
    const shown = JSON.stringify(each);
    if (typeof each === 'string') return [];
    if (each === null) return index < now.length ? [] : [message('PropertyValueNotInList', 'null', name)];
    if (isObject(each) && Object.keys(each).length === 0) {
      return index < now.length ? [] : [message('PropertyValueOutOfRange', shown, name)];
    }
    return [message('PropertyValueTypeError', shown, name)];
  });
  return value.length > most && wrong.length === 0
    ? [message('PropertyValueOutOfRange', JSON.stringify(value), name)]
    : wrong;
}

/** How lists of texts are kept: as they are given, or never shorter than they were. */
export interface ListHabits {
  readonly padding?: Habits['padding'];
  readonly neverShorter: boolean;
}

/** Writes what was found right. */
export function applyFields(body: MutableObject, patch: JsonObject, rules: FieldRules, habits: ListHabits): void {
  for (const [name, value] of Object.entries(patch)) {
    const rule = rules[name];
    if (rule?.kind === 'object') applyFields(object(body[name]), value as JsonObject, rule.fields, habits);
    else if (rule?.kind === 'objects') {
      (value as readonly JsonObject[]).forEach((each, index) => {
        applyFields(object(list(body[name])[index]), each, rule.fields, habits);
      });
    } else if (rule?.kind === 'strings') body[name] = written(texts(body[name]), value as readonly Json[], habits);
    else body[name] = value;
  }
}

function written(now: readonly string[], value: readonly Json[], { padding, neverShorter }: ListHabits): Json {
  const kept = value.map((each, index) => (isObject(each) ? (now[index] ?? '') : each));
  const surplus = neverShorter ? now.slice(value.length) : [];
  const whole: Json[] = [...kept, ...surplus].filter((each) => each !== null && each !== '');
  while (padding && whole.length < padding.length) whole.push(padding.with);
  return whole;
}

function texts(value: MutableObject[string] | undefined): string[] {
  return list(value).filter((each): each is string => typeof each === 'string');
}

function list(value: MutableObject[string] | undefined): readonly (Json | MutableObject)[] {
  return Array.isArray(value) ? value : [];
}

function object(value: Json | MutableObject | MutableObject[] | undefined): MutableObject {
  return isObject(value) ? (value as MutableObject) : {};
}
