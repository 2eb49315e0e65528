// What the tables of the connectors become: pages, JSON, schemas.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { command } from '../peers/engine.mjs';

test('connectors are listed and shown', async () => {
  const list = await command(['connectors']);
  assert.equal(list.code, 0);
  for (const name of ['mail.send', 'dms.store', 'human.decide', 'http.request']) assert.match(list.stdout, new RegExp(`^  ${name.replace('.', '\\.')} +\\S`, 'm'));
  const mail = await command(['connectors', 'mail']);
  assert.match(mail.stdout, /^mail - /);
  assert.match(mail.stdout, /unsafe-twice: /);
  assert.match(mail.stdout, /\n {4}subject +string, optional: /);
  assert.match(mail.stdout, /Sample:\n {4}- Bescheid senden:/);
  const store = await command(['connectors', 'dms.store']);
  assert.match(store.stdout, /^dms\.store - /);
  const all = JSON.parse((await command(['connectors', '--format', 'json'])).stdout);
  assert.ok(all.find(({ name }) => name === 'mail').operations[0].input.properties.to);
  assert.equal(JSON.parse((await command(['connectors', 'dms.store', '--format', 'json'])).stdout).name, 'dms.store');
  const none = await command(['connectors', 'dms.stor']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /did you mean 'dms\.store'/);
});

test('the schema of the configuration', async () => {
  const { code, stdout } = await command(['schema', '--config']);
  assert.equal(code, 0);
  const schema = JSON.parse(stdout);
  assert.deepEqual(Object.keys(schema.properties).sort(), ['connectors', 'data', 'hosts', 'listen', 'network', 'proxies', 'webhooks', 'workflows']);
  assert.ok(schema.properties.connectors.properties.mail.properties.smtp.properties.url);
  assert.ok(schema.properties.webhooks.additionalProperties.properties.verify);
  for (const property of Object.values(schema.properties)) assert.ok(property.description.length > 10);
});

test('the schema of flows', async () => {
  const schema = JSON.parse((await command(['schema'])).stdout);
  const call = schema.$defs.task.oneOf.at(-1);
  const mail = call.allOf.find((rule) => rule.if.properties.call.const === 'mail.send');
  assert.ok(mail.then.properties.with.properties.to);
  assert.equal(JSON.stringify(schema).split('"$ref"').length > 20, true);
});

test('the bundled flows are without errors', async () => {
  const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../workflows');
  const flows = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  assert.ok(flows.length >= 3);
  for (const name of flows) assert.ok(readFileSync(path.join(folder, name), 'utf8').length > 100);
  const { code, stdout } = await command(['validate', ...flows.filter((name) => name !== 'umlauf.yaml').map((name) => path.join(folder, name))]);
  assert.equal(stdout, '');
  assert.equal(code, 0);
});
