// send.mjs FOLDER NAME - what `./dev send` does: posts the sample of a bundled flow to the demo, signed as its webhook asks.
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [folder, name] = process.argv.slice(2);
const samples = { hundesteuer: 'hundesteuer-anmeldung', urlaubsantrag: 'urlaubsantrag', maengelmeldung: 'maengelmeldung' };

function fail(text) {
  console.error(`dev: ${text}`);
  process.exit(1);
}

/** Standard Webhooks 1.0.0: id, time and body under one HMAC. */
function standardWebhook(body, secret) {
  const id = `msg_${randomUUID()}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

const proofs = {
  hundesteuer: standardWebhook,
  urlaubsantrag: (body, secret) => ({ authorization: `Bearer ${secret}` }),
  maengelmeldung: (body, secret) => ({ 'x-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }),
};

if (!(name in samples)) fail(`which form? ${Object.keys(samples).join(', ')}`);
if (!existsSync(path.join(folder, 'ports.json'))) fail("nothing is served yet; './dev run' first, in another terminal");
const { engine } = JSON.parse(readFileSync(path.join(folder, 'ports.json'), 'utf8'));
const form = JSON.parse(readFileSync(`workflows/${samples[name]}.sample.json`, 'utf8'));
if (name === 'urlaubsantrag') form.antragsnummer = `U-${randomUUID().slice(0, 8)}`; // the same number again would be a repeat
const body = JSON.stringify(form);
const secret = readFileSync(path.join(folder, 'secrets', name), 'utf8').trim();
const headers = { 'content-type': 'application/json', ...proofs[name](body, secret) };
const url = `http://127.0.0.1:${engine}`;
let response;
try {
  response = await fetch(`${url}/hooks/${name}`, { method: 'POST', headers, body });
} catch {
  fail(`${url} does not answer; './dev run' first, in another terminal`);
}
const answer = await response.json();
console.log(`${response.status} ${JSON.stringify(answer)}`);
for (const run of answer.runs ?? []) console.log(`  ${url}/#/runs/${run}`);
process.exit(response.ok ? 0 : 1);
