// http.test.mjs - http.request, network.allow, and the common life of calls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { makeAuthority } from '../peers/authority.mjs';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';
import { startRaw, startWeb } from '../peers/web.mjs';
import { House } from './house.mjs';

const json = (response, value, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
};

function answer(request, response, body) {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  if (pathname === '/echo') json(response, { method: request.method, url: request.url, headers: request.headers, body: body.toString() });
  else if (pathname === '/status') json(response, { title: 'Nein', detail: searchParams.get('detail') ?? undefined }, Number(searchParams.get('code')));
  else if (pathname === '/to') response.writeHead(Number(searchParams.get('code') ?? 302), { location: searchParams.get('url') }).end();
  else if (pathname === '/round') response.writeHead(302, { location: '/round' }).end();
  else if (pathname === '/bytes') response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0x89, 0x50, 0xff, 0, 1]));
  else if (pathname === '/text') response.writeHead(200, { 'content-type': 'text/plain', 'x-a': ['1', '2'] }).end('Grüße');
  else if (pathname === '/broken') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
  else if (pathname === '/empty') response.writeHead(204).end();
  else if (pathname === '/large') response.writeHead(200).end(Buffer.alloc(9 * 1024 * 1024, 'x'));
  else if (pathname === '/basic') json(response, {}, request.headers.authorization === `Basic ${Buffer.from('anna:geheim:1').toString('base64')}` ? 200 : 401);
  else if (pathname === '/silent') return;
  else json(response, {}, 404);
}

describe('http.request', () => {
  let peer;
  let house;
  before(async () => {
    peer = await startWeb(answer);
    house = new House({});
  });
  after(async () => {
    house?.close();
    await peer?.stop();
  });
  const ask = (path, more = {}) => house.output('http.request', { method: 'get', endpoint: peer.url + path, ...more });
  const fail = (path, more = {}, options = {}) => house.problem('http.request', { method: 'get', endpoint: peer.url + path, ...more }, options);

  test('a request as it was meant', async () => {
    const seen = await ask('/echo?a=1', { endpoint: { uri: `${peer.url}/echo/../echo?a=1&n=ä b` }, method: 'pAtCh', query: { q: 'x&y=ü', n: 3, b: true, l: ['1', '2'], gone: null }, headers: { 'X-Fall': '42', 'X-Zahl': 7 }, body: { 'größe': [1, null] } });
    assert.equal(seen.method, 'PATCH');
    assert.equal(seen.url, '/echo?a=1&n=%C3%A4%20b&q=x%26y%3D%C3%BC&n=3&b=true&l=1&l=2');
    assert.equal(seen.headers['x-fall'], '42');
    assert.equal(seen.headers['x-zahl'], '7');
    assert.equal(seen.headers['content-type'], 'application/json');
    assert.equal(seen.headers['idempotency-key'], 'flow/run/task');
    assert.match(seen.headers['user-agent'], /^umlauf\//);
    assert.deepEqual(JSON.parse(seen.body), { 'größe': [1, null] });
  });

  test('bodies: text, form, JSON by another name, none', async () => {
    const post = (more) => ask('/echo', { method: 'POST', ...more });
    assert.deepEqual([(await post({ body: 'Grüße' })).body, (await post({ body: 'x' })).headers['content-type']], ['Grüße', 'text/plain; charset=utf-8']);
    const form = await post({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: { a: 'x y', b: ['1', '2'] } });
    assert.equal(form.body, 'a=x%20y&b=1&b=2');
    assert.equal((await post({ headers: { 'Content-Type': 'application/ld+json' }, body: [1] })).body, '[1]');
    const none = await post({});
    assert.deepEqual([none.body, none.headers['content-length'], none.headers['content-type']], ['', '0', undefined]);
    assert.match((await fail('/echo', { method: 'POST', headers: { 'content-type': 'text/csv' }, body: [1] })).detail, /cannot be sent as 'text\/csv'/);
  });

  test('outputs: content, raw, response', async () => {
    assert.equal(await ask('/text'), 'Grüße');
    assert.equal(await ask('/empty'), null);
    assert.equal(await ask('/bytes'), Buffer.from([0x89, 0x50, 0xff, 0, 1]).toString('base64'));
    assert.equal(await ask('/text', { output: 'raw' }), Buffer.from('Grüße').toString('base64'));
    const whole = await ask('/text', { output: 'response', headers: { Authorization: 'Bearer secret' } });
    assert.equal(whole.statusCode, 200);
    assert.equal(whole.content, 'Grüße');
    assert.equal(whole.headers['x-a'], '1, 2');
    assert.deepEqual(whole.request, { method: 'GET', uri: `${peer.url}/text`, headers: { Authorization: '***', 'Idempotency-Key': 'flow/run/task' } });
    assert.equal(await ask('/text', { method: 'HEAD' }), null);
    assert.equal((await fail('/broken')).type, 'call-broken');
  });

  test('a status that is an error keeps its number and its reason', async () => {
    for (const code of [400, 401, 404, 409, 429, 500, 503, 302]) {
      const why = await fail(`/status?code=${code}&detail=so%20nicht`);
      assert.deepEqual([why.type, why.status], ['call-refused', code]);
      assert.match(why.detail, /so nicht$/);
    }
    assert.equal((await house.output('http.request', { method: 'get', endpoint: `${peer.url}/status?code=304`, redirect: true, output: 'response' })).statusCode, 304);
  });

  test('redirects are followed when asked, and change the method as they should', async () => {
    const to = (code) => `/to?code=${code}&url=${encodeURIComponent('/echo')}`;
    assert.equal((await fail(to(302))).status, 302);
    const follow = (code, method) => ask(to(code), { redirect: true, method, body: method === 'GET' ? undefined : { a: 1 } });
    assert.equal((await follow(302, 'GET')).method, 'GET');
    assert.deepEqual([(await follow(303, 'PUT')).method, (await follow(302, 'POST')).body], ['GET', '']);
    const kept = await follow(307, 'POST');
    assert.deepEqual([kept.method, kept.body], ['POST', '{"a":1}']);
    const why = await fail('/round', { redirect: true });
    assert.equal(why.type, 'call-broken');
    assert.match(why.detail, /more than 10 redirects/);
  });

  test('who we are stays with the first host', async () => {
    const other = await startWeb(answer);
    const more = { redirect: true, headers: { Authorization: 'Bearer secret', Cookie: 'a=b', 'X-Other': 'stays' } };
    const seen = await ask(`/to?url=${encodeURIComponent(`${other.url}/echo`)}`, more);
    assert.deepEqual([seen.headers.authorization, seen.headers.cookie, seen.headers['x-other']], [undefined, undefined, 'stays']);
    const same = await ask(`/to?url=${encodeURIComponent(`${peer.url}/echo`)}`, more);
    assert.equal(same.headers.authorization, 'Bearer secret');
    const basic = { uri: `${peer.url}/to?url=${encodeURIComponent(`${other.url}/echo`)}`, authentication: { basic: { username: 'a', password: 'b' } } };
    assert.equal((await house.output('http.request', { method: 'get', endpoint: basic, redirect: true })).headers.authorization, undefined);
    await other.stop();
  });

  test('authentication', async () => {
    const by = (authentication, path = '/echo') => ({ endpoint: { uri: peer.url + path, authentication } });
    assert.deepEqual(await ask('', by({ basic: { username: 'anna', password: 'geheim:1' } }, '/basic')), {});
    assert.equal((await ask('', by({ bearer: { token: 't0k' } }))).headers.authorization, 'Bearer t0k');
    assert.equal((await fail('', by({ bearer: { token: 't\r\nX: y' } }))).type, 'input-invalid');
    assert.match((await fail('', { ...by({ bearer: { token: 't' } }), headers: { authorization: 'x' } })).detail, /both given/);
  });

  test('nothing in a header or address becomes another header', async () => {
    for (const headers of [{ 'X-A': 'b\r\nX-C: d' }, { 'X-A': 'b\n' }, { 'X A': 'b' }, { 'X-A:': 'b' }, { '': 'b' }, { 'X-A': 'b\u0000' }, { Host: 'other' }, { 'Content-Length': '5' }, { 'Transfer-Encoding': 'chunked' }])
      assert.equal((await fail('/echo', { headers })).type, 'input-invalid', JSON.stringify(headers));
    for (const method of ['GET /x HTTP/1.1\r\nX: y', 'G T', ''])
      assert.equal((await fail('/echo', { method })).type, 'input-invalid', method);
    for (const endpoint of ['ftp://127.0.0.1/', 'file:///etc/passwd', '//127.0.0.1/', `http://user:password@127.0.0.1:${peer.port}/echo`, `${peer.url}/a\r\nX: y`, 'http://', 'gopher://127.0.0.1:25/'])
      assert.equal((await house.problem('http.request', { method: 'get', endpoint })).type, 'input-invalid', endpoint);
  });

  test('limits: size, time, cancel', async () => {
    const large = await fail('/large');
    assert.equal(large.type, 'too-large');
    assert.match(large.detail, /8388608 bytes/);
    assert.equal((await fail('/silent', {}, { timeoutMs: 100 })).type, 'call-timed-out');
    assert.equal((await fail('/silent', {}, { cancelAfterMs: 30 })).type, 'call-timed-out');
  });

  test('answers that break off', async () => {
    for (const bytes of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'what is this', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', `HTTP/1.1 200 OK\r\n${`X-A: ${'y'.repeat(1000)}\r\n`.repeat(100)}\r\n`]) {
      const raw = await startRaw(bytes);
      const why = await house.problem('http.request', { method: 'post', endpoint: raw.url });
      assert.match(why.type, bytes.length > 1000 ? /^too-large$/ : /^call-broken$/, bytes.slice(0, 40));
      await raw.stop();
    }
  });

  test('many at once', async () => {
    const ends = await house.calls('http.request', { method: 'get', endpoint: `${peer.url}/echo` }, { times: 40 });
    assert.equal(new Set(ends.map((end) => end.output.headers['idempotency-key'])).size, 40);
  });
});

describe('network.allow', () => {
  let peer;
  before(async () => { peer = await startWeb(answer); });
  after(async () => { await peer?.stop(); });

  async function call(allow, endpoint, { hosts, ...more } = {}) {
    const house = new House({}, { allow, hosts });
    const end = await house.call('http.request', { method: 'get', endpoint, ...more });
    house.close();
    return end.problem ? end.problem.type : 'reached';
  }

  test('only what is named is reached', async () => {
    const url = `${peer.url}/echo`;
    assert.equal(await call([`127.0.0.1:${peer.port}`], url), 'reached');
    assert.equal(await call(['127.0.0.0/8:*'], url), 'reached');
    assert.equal(await call([], url), 'call-not-allowed');
    assert.equal(await call(['127.0.0.1:1'], url), 'call-not-allowed');
    assert.equal(await call(['10.0.0.0/8:*', '[::1]:*'], url), 'call-not-allowed');
    assert.equal(await call(['*:*'], url), 'call-not-allowed');
  });

  test('other spellings of an address lead nowhere else', async () => {
    for (const host of ['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '127.0.0.1.', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '0.0.0.0', '0'])
      assert.match(await call(['10.0.0.0/8:*', '*.example.test:*'], `http://${host}:${peer.port}/echo`), /call-not-allowed|input-invalid/, host);
  });

  test('a name is allowed by its name or by its address', async () => {
    const hosts = [['dms.stadt.test', peer.port, '127.0.0.1']];
    const url = `http://dms.stadt.test:${peer.port}/echo`;
    assert.equal(await call([`127.0.0.1:${peer.port}`], url, { hosts }), 'reached');
    assert.equal(await call([`10.0.0.1:${peer.port}`], url, { hosts }), 'call-not-allowed');
    assert.equal(await call([`localhost:${peer.port}`], `http://localhost:${peer.port}/echo`), 'reached');
  });

  test('an allowed name that suddenly leads into this machine is not followed', async () => {
    const hosts = [['dms.stadt.test', peer.port, '127.0.0.1']];
    const url = `http://dms.stadt.test:${peer.port}/echo`;
    for (const entry of [`dms.stadt.test:${peer.port}`, '*.stadt.test:*', '*:*'])
      assert.equal(await call([entry], url, { hosts }), 'call-not-allowed', entry);
    assert.equal(await call([`*.stadt.test:*`, '127.0.0.1:*'], url, { hosts }), 'reached');
  });

  test('a redirect to where nothing is allowed', async () => {
    const inside = await startWeb(answer);
    const to = (target) => call([`127.0.0.1:${peer.port}`], `${peer.url}/to?url=${encodeURIComponent(target)}`, { redirect: true });
    assert.equal(await to(`${inside.url}/echo`), 'call-not-allowed');
    assert.equal(await to('http://169.254.169.254/latest/meta-data'), 'call-not-allowed');
    assert.equal(await to(`http://localhost:${inside.port}/echo`), 'call-not-allowed');
    assert.match(await to('file:///etc/passwd'), /call-broken|call-not-allowed|input-invalid|reached/);
    assert.equal(inside.requests.length, 0);
    await inside.stop();
  });

  test('entries that cannot be read are named', async () => {
    for (const entry of ['', 'host', '10.0.0.0/33:*', 'host:99999', 'host:0', '::1:80', '[::1]', 'a b:80', ':80', '-:x']) {
      const house = new House({}, { allow: ['127.0.0.1:*', entry] });
      const why = await house.problem('template.echo', { say: 1 });
      assert.equal(why.type, 'config-invalid', entry);
      assert.match(why.detail, /^network\.allow\[1\]/, entry);
      house.close();
    }
  });
});

describe('https', () => {
  test('trust is by authority and name', async () => {
    const folder = temporaryFolder('tls');
    const authority = makeAuthority(folder, ['DNS:localhost']);
    const peer = await startWeb(answer, { tls: { cert: readFileSync(authority.certificate), key: readFileSync(authority.key) } });
    const ask = async (settings, host) => {
      const house = new House({ http: settings }, { allow: ['127.0.0.1:*'] });
      const end = await house.call('http.request', { method: 'get', endpoint: `https://${host}:${peer.port}/text` });
      house.close();
      return end;
    };
    assert.equal((await ask({ caFile: authority.ca }, 'localhost')).output, 'Grüße');
    for (const end of [await ask({}, 'localhost'), await ask({ caFile: authority.ca }, '127.0.0.1')]) {
      assert.equal(end.problem?.type, 'call-unreachable');
      assert.match(end.problem.detail, /certificate/);
    }
    assert.equal((await ask({ caFile: '/nicht/da.pem' }, 'localhost')).problem.type, 'config-invalid');
    const house = new House({ http: { caFile: authority.ca } });
    const downgrade = await house.problem('http.request', { method: 'get', redirect: true, endpoint: `https://localhost:${peer.port}/to?url=${encodeURIComponent('http://127.0.0.1:1/')}` });
    assert.equal(downgrade.type, 'call-not-allowed');
    assert.match(downgrade.detail, /out of TLS/);
    house.close();
    await peer.stop();
    removeFolder(folder);
  });
});

describe('all connectors', () => {
  test('the template gives back what it gets', async () => {
    const house = new House({ template: { greeting: 'Guten Tag' } });
    assert.deepEqual(await house.output('template.echo', { say: ['ä', null] }, { key: 'k' }), { echo: ['ä', null], greeting: 'Guten Tag', key: 'k' });
    assert.match((await house.problem('template.echo', { saj: 1 })).detail, /'say' is missing/);
    assert.equal((await house.problem('mail.sent', {})).type, 'not-found');
    assert.equal((await house.problem('human.decide', { title: 't' })).type, 'method-not-allowed');
    house.close();
  });

  test('settings of the wrong shape, and of no connector', async () => {
    for (const [settings, words] of [[{ templat: {} }, /no connector 'templat'; did you mean 'template'/], [{ template: { greetin: 1 } }, /connectors\.template: .*greetin/], [{ template: { greeting: 'a\nb' } }, /one line/], [[], /an object is asked for/]]) {
      const house = new House(settings);
      const why = await house.problem('template.echo', { say: 1 });
      assert.equal(why.type, 'config-invalid');
      assert.match(why.detail, words);
      house.close();
    }
  });
});
