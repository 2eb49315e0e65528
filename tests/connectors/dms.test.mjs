// dms.test.mjs - dms.store, dms.fetch and dms.find against Apache's mod_dav and rclone, and against servers that fail.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startApache, startRclone } from '../peers/dav.mjs';
import { startRaw, startWeb } from '../peers/web.mjs';
import { House } from './house.mjs';

const houseOf = (url, options) => new House({ dms: { repositories: { eakte: { webdav: { url, user: 'umlauf', password: 'geheim' } } } } }, options);

for (const start of [startApache, startRclone]) {
  describe(start === startApache ? 'Apache' : 'rclone', () => {
    let peer;
    let house;
    before(async () => {
      peer = await start();
      house = houseOf(peer.url);
    });
    after(async () => {
      house?.close();
      await peer?.stop();
    });
    const store = (input, options) => house.output('dms.store', { repository: 'eakte', ...input }, options);
    const fetch = (id) => house.output('dms.fetch', { repository: 'eakte', id });

    test('a document is filed in folders made for it, and can be read again', async () => {
      const content = { hund: 'Bello', gewicht: 31.5, 'größe': null };
      const filed = await store({ folder: 'Hundesteuer/Änne O\'Hara & Söhne', name: 'antrag #1 100%.json', content });
      assert.equal(filed.id, 'Hundesteuer/Änne O\'Hara & Söhne/antrag #1 100%.json');
      assert.ok(filed.url.startsWith(peer.url));
      assert.ok(typeof filed.version === 'string' && filed.version.length > 2);
      assert.deepEqual(peer.list().filter((name) => name.startsWith('Hunde')), [filed.id]);
      assert.deepEqual(JSON.parse(peer.content(filed.id)), content);
      const read = await fetch(filed.id);
      assert.deepEqual(read.content, content);
      assert.equal(read.version, filed.version);
      assert.match(read.contentType, /^application\/json/);
    });

    test('the same call again makes no second document', async () => {
      const input = { folder: 'wieder', name: 'a.json', content: { n: 1 } };
      const first = await store(input, { key: 'k1' });
      assert.deepEqual(await store(input, { key: 'k1', attempt: 2 }), first);
      assert.deepEqual(peer.list().filter((name) => name.startsWith('wieder/')), ['wieder/a.json']);
    });

    test('a document of somebody else with that name is left alone', async () => {
      await store({ folder: 'fremd', name: 'a.tar.gz', content: 'the first' }, { key: 'k1' });
      const second = await store({ folder: 'fremd', name: 'a.tar.gz', content: 'the second' }, { key: 'k2' });
      assert.equal(second.id, 'fremd/a.tar (2).gz');
      assert.deepEqual(await store({ folder: 'fremd', name: 'a.tar.gz', content: 'the second' }, { key: 'k2', attempt: 2 }), second);
      assert.deepEqual(peer.list().filter((name) => name.startsWith('fremd/')), ['fremd/a.tar (2).gz', 'fremd/a.tar.gz']);
      assert.equal(peer.content('fremd/a.tar.gz').toString(), 'the first');

      const why = await house.problem('dms.store', { repository: 'eakte', folder: 'fremd', name: 'a.tar.gz', content: 'third', ifExists: 'fail' }, { key: 'k3' });
      assert.equal(why.type, 'conflict');
      const replaced = await store({ folder: 'fremd', name: 'a.tar.gz', content: 'the third', ifExists: 'replace' }, { key: 'k3' });
      assert.equal(replaced.id, 'fremd/a.tar.gz');
      assert.equal(peer.content('fremd/a.tar.gz').toString(), 'the third');
    });

    test('two runs with the same content: one document each where the server keeps keys', async () => {
      await store({ folder: 'gleich', name: 'a.txt', content: 'same' }, { key: 'k1' });
      await store({ folder: 'gleich', name: 'a.txt', content: 'same' }, { key: 'k2' });
      const expected = peer.kind === 'apache' ? ['gleich/a (2).txt', 'gleich/a.txt'] : ['gleich/a.txt'];
      assert.deepEqual(peer.list().filter((name) => name.startsWith('gleich/')), expected);
    });

    test('many at once to one name: each has its own', async () => {
      const input = { repository: 'eakte', folder: 'viele', name: 'a.bin', base64: Buffer.alloc(70000, 7).toString('base64') };
      const ends = await house.calls('dms.store', { ...input, ifExists: 'number' }, { times: 6, key: 'viele' });
      assert.deepEqual(ends.filter((end) => end.problem), []);
      if (peer.kind === 'apache') assert.equal(new Set(ends.map((end) => end.output.id)).size, 6);
      assert.equal(peer.list().filter((name) => name.startsWith('viele/')).length, peer.kind === 'apache' ? 6 : 1);
    });

    test('what a broken try left is completed, not doubled', async () => {
      await store({ folder: 'halb', name: 'anderes.txt', content: 'makes the folder' });
      writeFileSync(path.join(peer.files, 'halb/a.txt'), 'half of a', { mode: 0o666 });
      const whole = await store({ folder: 'halb', name: 'a.txt', content: 'half of a letter' }, { key: 'k9', attempt: 2 });
      assert.equal(whole.id, 'halb/a.txt');
      assert.equal(peer.content('halb/a.txt').toString(), 'half of a letter');
      writeFileSync(path.join(peer.files, 'halb/b.txt'), 'half of b', { mode: 0o666 });
      const other = await store({ folder: 'halb', name: 'b.txt', content: 'half of b, in a first try' }, { key: 'k9' });
      assert.equal(other.id, 'halb/b (2).txt');
    });

    test('a folder in the place of the document is not written over', async () => {
      await store({ folder: 'ordner/innen', name: 'a.txt', content: 'x' });
      const filed = await store({ folder: 'ordner', name: 'innen', content: 'y' });
      assert.equal(filed.id, 'ordner/innen (2)');
    });

    test('bytes and texts come back as they were', async () => {
      const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7) % 256));
      const binary = await store({ name: 'bild.png', base64: bytes.toString('base64'), contentType: 'image/png' });
      assert.equal((await fetch(binary.id)).base64, bytes.toString('base64'));
      const text = await store({ name: 'brief.txt', content: 'Grüße\r\n.\n' });
      assert.equal((await fetch(text.id)).content, 'Grüße\r\n.\n');
      const empty = await store({ name: 'leer.txt', content: '' });
      assert.equal((await fetch(empty.id)).content, '');
    });

    test('documents are found by folder, name and beginning', async () => {
      for (const name of ['anlage 1.pdf', 'anlage 2.pdf', 'antrag.json']) await store({ folder: 'suche/hier', name, content: [name] });
      await store({ folder: 'suche/hier/tiefer', name: 'anlage 3.pdf', content: 'deeper' });
      const find = (more) => house.output('dms.find', { repository: 'eakte', folder: 'suche/hier', ...more });
      const names = async (more) => (await find(more)).map((found) => found.name).sort();
      assert.deepEqual(await names({}), ['anlage 1.pdf', 'anlage 2.pdf', 'antrag.json']);
      assert.deepEqual(await names({ prefix: 'anlage' }), ['anlage 1.pdf', 'anlage 2.pdf']);
      const [antrag] = await find({ name: 'antrag.json' });
      assert.equal(antrag.id, 'suche/hier/antrag.json');
      assert.equal(antrag.bytes, '["antrag.json"]'.length);
      assert.match(antrag.modified, /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.equal((await fetch(antrag.id)).version, antrag.version);
      assert.deepEqual(await house.output('dms.find', { repository: 'eakte', folder: 'nie/gemacht' }), []);
    });

    test('no path leads out of the repository', async () => {
      for (const folder of ['../draussen', 'a/../../b', 'a/./b', 'a//b', 'a\\..\\b', 'a\u0000b', 'a\nb'])
        assert.equal((await house.problem('dms.store', { repository: 'eakte', folder, name: 'x', content: 'x' })).type, 'input-invalid', folder);
      for (const name of ['..', '.', 'a/b', '/etc/passwd', 'a\tb', 'x'.repeat(229).replaceAll('x', 'ü')])
        assert.equal((await house.problem('dms.store', { repository: 'eakte', name, content: 'x' })).type, 'input-invalid', name);
      assert.equal((await house.problem('dms.fetch', { repository: 'eakte', id: '../apache.conf' })).type, 'input-invalid');
    });

    test('what is wrong is said', async () => {
      const missing = await house.problem('dms.fetch', { repository: 'eakte', id: 'nie/da.txt' });
      assert.deepEqual([missing.type, missing.status], ['call-refused', 404]);
      assert.match(missing.detail, /'nie\/da.txt' in 'eakte': there is no such document/);
      assert.match((await house.problem('dms.fetch', { repository: 'archiv', id: 'x' })).detail, /no repository 'archiv'/);
      const other = new House({ dms: { repositories: { eakte: { webdav: { url: peer.url, user: 'umlauf', password: 'falsch' } } } } });
      const refused = await other.problem('dms.store', { repository: 'eakte', name: 'a', content: 'x' });
      other.close();
      assert.deepEqual([refused.type, refused.status], ['call-refused', 401]);
    });
  });
}

describe('servers that fail', () => {
  /** A server that answers PUT (and what `also` names) with `status` and knows no documents. */
  async function refusing(status, operation = 'dms.store', also = {}) {
    const peer = await startWeb((request, response) => {
      const usual = { HEAD: 404, MKCOL: 201, PROPFIND: 405, ...also }[request.method];
      response.writeHead(usual ?? status).end();
    });
    const house = houseOf(peer.url);
    const input = operation === 'dms.store' ? { name: 'a.txt', folder: 'x/y', content: 'x' } : { id: 'x/a.txt' };
    const why = await house.problem(operation, { repository: 'eakte', ...input });
    house.close();
    await peer.stop();
    return { ...why, requests: peer.requests };
  }

  for (const [status, words] of [[401, /user or password/], [403, /not allowed/], [409, /folder above it/], [423, /locked/], [507, /no space/], [503, /fault/]]) {
    test(`status ${status}`, async () => {
      const why = await refusing(status);
      assert.deepEqual([why.type, why.status], ['call-refused', status]);
      assert.match(why.detail, words);
      const puts = why.requests.filter((request) => request.method === 'PUT');
      assert.equal(puts.length, status === 409 ? 2 : 1);
      assert.ok(puts.every((request) => request.headers['if-none-match'] === '*'));
    });
  }

  test('a folder that cannot be made', async () => {
    const why = await refusing(409, 'dms.store', { MKCOL: 403 });
    assert.match(why.detail, /'x' in 'eakte': it is not allowed/);
  });

  test('a server that says by turns that the document is there and is not', async () => {
    const why = await refusing(412, 'dms.store', { GET: 404 });
    assert.equal(why.type, 'call-broken');
  });

  test('the answer breaks off in its middle', async () => {
    const peer = await startRaw('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nonly this');
    const house = houseOf(peer.url);
    const why = await house.problem('dms.fetch', { repository: 'eakte', id: 'a.txt' });
    assert.equal(why.type, 'call-broken');
    house.close();
    await peer.stop();
  });

  test('the list is no list', async () => {
    for (const body of ['<html>', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:"/>', '']) {
      const peer = await startWeb((request, response) => response.writeHead(207).end(body));
      const house = houseOf(peer.url);
      const why = await house.problem('dms.find', { repository: 'eakte', folder: 'a' });
      assert.equal(why.type, 'call-broken', body);
      house.close();
      await peer.stop();
    }
  });

  test('the first answer was lost: the second try finds its document', async () => {
    let kept = null;
    const peer = await startWeb((request, response, body) => {
      // On a kept connection the PUT would be sent again within the first try.
      response.setHeader('connection', 'close');
      if (request.method === 'PUT' && kept === null) {
        kept = body;
        response.destroy();
      } else if (request.method === 'HEAD') {
        response.writeHead(kept ? 200 : 404).end();
      } else if (request.method === 'GET') {
        response.writeHead(200, { etag: '"1"' }).end(kept);
      } else if (request.method === 'PUT') {
        response.writeHead(412).end();
      } else {
        response.writeHead(405).end();
      }
    });
    const house = houseOf(peer.url);
    const input = { repository: 'eakte', name: 'a.txt', content: 'a letter' };
    const first = await house.problem('dms.store', input);
    assert.equal(first.type, 'call-broken');
    const second = await house.output('dms.store', input, { attempt: 2 });
    assert.deepEqual([second.id, second.version], ['a.txt', '"1"']);
    assert.equal(peer.requests.filter((request) => request.method === 'PUT').length, 1);
    house.close();
    await peer.stop();
  });

  test('nobody is there, or nobody answers', async () => {
    const nobody = houseOf('http://127.0.0.1:1/');
    assert.equal((await nobody.problem('dms.store', { repository: 'eakte', name: 'a', content: 'x' })).type, 'call-unreachable');
    nobody.close();
    const silent = await startWeb(() => {});
    const house = houseOf(silent.url, { timeoutMs: 150 });
    assert.equal((await house.problem('dms.store', { repository: 'eakte', name: 'a', content: 'x' })).type, 'call-timed-out');
    const cancelled = houseOf(silent.url, { cancelAfterMs: 50 });
    const ends = await cancelled.calls('dms.store', { repository: 'eakte', name: 'a', content: 'x' }, { times: 3 });
    assert.deepEqual(ends.map((end) => end.problem.type), ['call-timed-out', 'call-timed-out', 'call-timed-out']);
    house.close();
    cancelled.close();
    await silent.stop();
  });

  test('the configuration is looked at', async () => {
    const refuse = async (repositories) => {
      const house = new House({ dms: { repositories } });
      const why = await house.problem('dms.find', {});
      house.close();
      return why.detail;
    };
    assert.match(await refuse({ archiv: { cmis: { url: 'http://127.0.0.1/browser' } } }), /repositories\.archiv: CMIS is not spoken/);
    assert.match(await refuse({ eakte: {} }), /'webdav' is missing/);
    assert.match(await refuse({ eakte: { webdav: { url: 'ftp://x' } } }), /url/);
    assert.match(await refuse({ eakte: { webdav: { url: 'http://x/', user: 'a' } } }), /password/);
  });
});
