// client.mjs - asking the API as somebody, and checking every good answer against the API's own description.
import assert from 'node:assert/strict';
import http from 'node:http';
import { until } from '../peers/process.mjs';

/** What was answered, for checkAnswers(): { method, path, status, type, body }. */
const answers = [];

/** One request on a connection of its own: { status, headers, body }, the body read as its type says. */
export function ask(engine, method, target, { headers = {}, body, address } = {}) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const given = typeof body === 'object' && !Buffer.isBuffer(body) ? { 'content-type': 'application/json' } : {};
    const request = http.request(`${engine.url}${target}`, { method, agent: false, localAddress: address, headers: { ...given, ...headers } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const type = (response.headers['content-type'] ?? '').split(';')[0];
        const text = Buffer.concat(parts).toString();
        const answer = { status: response.statusCode, headers: response.headers, body: /json$/.test(type) && text !== '' ? JSON.parse(text) : text };
        answers.push({ method, path: target.split('?')[0], type, ...answer });
        resolve(answer);
      });
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

/** Who asks with a token. `get('/flows')` is GET /api/v1/flows. */
export class Client {
  constructor(engine, token) {
    this.engine = engine;
    this.headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  ask(method, target, body, headers = {}) {
    const path = target.startsWith('/api') || target.startsWith('/metrics') ? target : `/api/v1${target}`;
    return ask(this.engine, method, path, { headers: { ...this.headers, ...headers }, body });
  }

  get(target) {
    return this.ask('GET', target);
  }

  post(target, body = {}) {
    return this.ask('POST', target, body);
  }

  /** The body of an answer that has to be 2xx. */
  async ok(method, target, body) {
    const answer = await this.ask(method, target, body);
    assert.equal(Math.floor(answer.status / 100), 2, `${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  run(id) {
    return this.ok('GET', `/runs/${id}`);
  }

  /** Starts a run and gives it as it is then. */
  start(flow, input = null) {
    return this.ok('POST', `/flows/${flow}/runs`, JSON.stringify(input) === 'null' ? '' : input);
  }

  /** Waits until the run is in one of these states; gives it. */
  until(id, ...statuses) {
    return until(`run ${id} is ${statuses.join(' or ')}`, async () => {
      const run = await this.run(id);
      return statuses.includes(run.status) ? run : null;
    });
  }

  /** Waits for the work item of a run that is in one of these states. */
  work(run, state = 'open') {
    return until(`work of ${run}`, async () => (await this.ok('GET', `/work?run=${run}&state=${state}`)).items[0]);
  }
}

export async function client(engine, name) {
  return new Client(engine, await engine.token(name));
}

export function deliver(engine, hook, body, headers = {}) {
  return ask(engine, 'POST', `/hooks/${hook}`, { body, headers });
}

/** It was refused as RFC 9457 wants it. */
export function assertProblem(answer, status, slug, detail) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.equal(answer.body.type, `https://umlauf.eu/problems/${slug}`);
  assert.equal(answer.body.status, status);
  assert.ok(answer.body.title.length > 0);
  if (detail instanceof RegExp) assert.match(answer.body.detail, detail);
  else if (detail !== undefined) assert.equal(answer.body.detail, detail);
}

// -- the description -----------------------------------------------------------------------------------------

function typeOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

/** As much of JSON Schema as the description uses; throws where the value does not fit. */
export function fits(schema, value, root, at = '$') {
  const known = ['type', 'required', 'properties', 'items', 'enum', 'allOf', '$ref', 'format', 'description', 'additionalProperties'];
  for (const key of Object.keys(schema)) assert.ok(known.includes(key), `the description uses "${key}"`);
  if (schema.$ref) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    assert.ok(root.components.schemas[name], `there is no schema ${schema.$ref}`);
    fits(root.components.schemas[name], value, root, at);
  }
  for (const part of schema.allOf ?? []) fits(part, value, root, at);
  if (schema.type) {
    const types = [schema.type].flat();
    assert.ok(types.includes(typeOf(value)) || (types.includes('number') && typeOf(value) === 'integer'), `${at} is ${typeOf(value)}, not ${types}`);
  }
  if (schema.enum) assert.ok(schema.enum.includes(value), `${at} is ${JSON.stringify(value)}, not one of ${schema.enum}`);
  if (schema.format === 'date-time') assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, at);
  if (schema.format === 'uuid') assert.match(value, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/, at);
  if (typeOf(value) === 'object') {
    for (const name of schema.required ?? []) assert.ok(name in value, `${at} has no "${name}"`);
    for (const [name, part] of Object.entries(schema.properties ?? {})) if (name in value) fits(part, value[name], root, `${at}.${name}`);
  }
  if (typeOf(value) === 'array' && schema.items) value.forEach((item, i) => fits(schema.items, item, root, `${at}[${i}]`));
}

function isDecodable(path) {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

function isPath(pattern, path) {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((word, i) => word.startsWith('{') || word === given[i]);
}

/** Every answer so far is one that the description announces, in the shape that it announces. Gives how many there were. */
export function checkAnswers(description) {
  let count = 0;
  for (const { method, path, status, type, body } of answers) {
    const pattern = Object.keys(description.paths).find((one) => isPath(one, path));
    const operation = description.paths[pattern]?.[method.toLowerCase()];
    if (!operation || !isDecodable(path) || [414, 421].includes(status)) continue; // the server's own refusals
    const about = `${method} ${pattern} -> ${status}`;
    assert.ok(operation.responses[status], `${about} is not announced: ${JSON.stringify(body).slice(0, 300)}`);
    const content = operation.responses[status].content;
    if (status === 204) continue;
    assert.ok(content?.[type], `${about} is ${type}, not ${Object.keys(content ?? {})}`);
    if (/json$/.test(type)) fits(content[type].schema, body, description, about);
    count++;
  }
  return count;
}
