// reference.mjs - the reference of the operations, as docs/connectors.md carries it.
//
//   node tests/flows/reference.mjs        writes it anew into docs/connectors.md
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from '../peers/engine.mjs';
import { root } from './guide.mjs';

export const file = path.join(root, 'docs/connectors.md');
export const mark = '<!-- reference: made by tests/flows/reference.mjs from `umlauf connectors` -->\n';

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function shape(schema) {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const types = [schema.type ?? []].flat();
  const alternatives = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((one) => one.type ?? []);
  return [...new Set([...types, ...alternatives])].join(' or ') || 'anything';
}

function* rows(schema, under = '') {
  const required = schema.required ?? [];
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const fallback = member.default === undefined ? '' : `; else \`${JSON.stringify(member.default)}\``;
    yield `| \`${under}${name}\` | ${cell(shape(member))} | ${required.includes(name) ? 'yes' : ''} | ${cell(member.description ?? '')}${fallback} |`;
    for (const part of [member, ...(member.oneOf ?? [])]) {
      if (part.properties) yield* rows(part, `${under}${name}.`);
      if (part.items?.properties) yield* rows(part.items, `${under}${name}[].`);
      if (part.additionalProperties?.properties) yield* rows(part.additionalProperties, `${under}${name}.NAME.`);
    }
  }
}

function table(title, schema) {
  const lines = [...rows(schema)];
  const items = schema.items?.properties ? [...rows(schema.items)] : [];
  if (lines.length > 0) return [`**${title}**`, '', '| name | what | must | meaning |', '|---|---|---|---|', ...lines, ''];
  if (items.length > 0) return [`**${title}**: a list, of each`, '', '| name | what | must | meaning |', '|---|---|---|---|', ...items, ''];
  return [`**${title}**: ${schema.description ?? 'nothing'}.`, ''];
}

function* operation(one) {
  yield* [`#### ${one.name}`, '', `${one.help}.`, '', `*${one.helpGerman}.*`, '', `Traits: ${one.traits.map((trait) => `\`${trait}\``).join(', ')}`, ''];
  yield* table('Takes', one.input);
  yield* table('Gives', one.output);
  yield* ['```yaml', one.sample.trimEnd(), '```', ''];
}

function* connector(one) {
  yield* [`### ${one.name}`, '', `${one.help}.`, ''];
  if (Object.keys(one.settings.properties ?? {}).length > 0) yield* table(`Settings, \`connectors.${one.name}\``, one.settings);
  for (const each of one.operations) yield* operation(each);
}

/** The reference as Markdown, from the program. */
export async function reference() {
  const { code, stdout, stderr } = await command(['connectors', '--format', 'json']);
  if (code !== 0) throw new Error(stderr);
  const lines = JSON.parse(stdout).flatMap((one) => [...connector(one)]);
  return `${lines.join('\n').trimEnd()}\n`;
}

/** docs/connectors.md up to the reference, with the mark. */
export function before() {
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf(mark);
  if (at < 0) throw new Error('docs/connectors.md has no place for the reference');
  return text.slice(0, at + mark.length);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, `${before()}\n${await reference()}`);
