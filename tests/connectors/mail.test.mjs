// mail.test.mjs - mail.send through Exim into Dovecot, read back by IMAP; and mail servers that fail.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startMail } from '../peers/mail.mjs';
import { startSmtp } from '../peers/smtp.mjs';
import { House } from './house.mjs';

const from = 'Stadt Bücherstadt <stadt@example.test>';

describe('Exim and Dovecot', () => {
  let peer;
  let house;
  let count = 0;
  before(async () => {
    peer = await startMail();
    house = new House({ mail: { smtp: { url: peer.url, from, caFile: peer.authority.ca }, templates: 'briefe' } });
    mkdirSync(path.join(house.folder, 'briefe'));
    const letter = (name, text) => writeFileSync(path.join(house.folder, 'briefe', name), text);
    letter('bescheid.subject', 'Bescheid für {{ name }}\n');
    letter('bescheid.txt', 'Guten Tag {{ name }},\n{{#hunde}}\n* {{ rufname }} ({{ name }})\n{{/hunde}}\n{{^hunde}}\nkeine Hunde\n{{/hunde}}\n');
    letter('bescheid.html', '<p title="{{ name }}">Guten Tag {{ name }}</p><ul>{{#hunde}}<li>{{ rufname }}</li>{{/hunde}}</ul>');
  });
  after(async () => {
    house?.close();
    await peer?.stop();
  });

  /** Sends to anna, waits for it and gives the mail. */
  async function send(input, options) {
    const { messageId } = await house.output('mail.send', { to: 'anna@example.test', ...input }, { key: `k${count}`, ...options });
    const mails = await peer.wait('anna', ++count);
    const mail = mails.find((one) => one.headers['message-id'][0] === messageId);
    assert.ok(mail, `a mail ${messageId}`);
    assert.deepEqual(mail.defects, []);
    const lines = mail.raw.split('\r\n');
    const long = lines.filter((line) => line.length > 78 && !/^(Received|DKIM|\t|Return-path|Envelope)/i.test(line));
    assert.deepEqual(long, []);
    return mail;
  }
  const header = (mail, name) => {
    assert.equal(mail.headers[name]?.length, 1, name);
    return mail.headers[name][0];
  };

  test('a text mail in every alphabet', async () => {
    const text = 'Grüße aus Łódź, Αθήνα und 東京.\n.\n..\n.zwei\nFrom hier\n' + 'ä'.repeat(3000) + '\n' + 'lang '.repeat(400) + '\nEnde  \n';
    const mail = await send({ subject: 'Ihre Anmeldung: Änderung der Hundesteuer für „Bello“ ab dem 1. Januar, bitte prüfen – 東京', text });
    assert.equal(header(mail, 'subject'), 'Ihre Anmeldung: Änderung der Hundesteuer für „Bello“ ab dem 1. Januar, bitte prüfen – 東京');
    assert.equal(header(mail, 'from'), from);
    assert.equal(header(mail, 'to'), 'anna@example.test');
    assert.equal(header(mail, 'auto-submitted'), 'auto-generated');
    assert.equal(header(mail, 'mime-version'), '1.0');
    assert.match(header(mail, 'message-id'), /^<[0-9a-f]{32}@example\.test>$/);
    assert.ok(Math.abs(Date.now() - Date.parse(header(mail, 'date'))) < 60000);
    assert.equal(mail.parts.length, 1);
    assert.equal(mail.parts[0].text.replaceAll('\r\n', '\n'), text);
  });

  test('text, HTML and attachments', async () => {
    const bytes = Buffer.from(Array.from({ length: 100000 }, (_, i) => (i * 31) % 256));
    const mail = await send({
      subject: 'Anlagen', text: 'Text', html: '<p>Grüße</p>',
      attachments: [
        { name: 'bescheid.pdf', contentType: 'application/pdf', base64: bytes.toString('base64') },
        { name: 'Übersicht über alle Hunde in der Straße "Am Rain" und 東京; geprüft.json', content: { hund: 'Bello' } },
        { name: 'leer.txt', content: '' },
      ],
    });
    assert.equal(mail.type, 'multipart/mixed');
    assert.deepEqual(mail.parts.map((part) => part.type), ['text/plain', 'text/html', 'application/pdf', 'application/json', 'text/plain']);
    assert.equal(mail.parts[1].text.trim(), '<p>Grüße</p>');
    assert.equal(mail.parts[2].base64, bytes.toString('base64'));
    assert.equal(mail.parts[2].filename, 'bescheid.pdf');
    assert.equal(mail.parts[3].filename, 'Übersicht über alle Hunde in der Straße "Am Rain" und 東京; geprüft.json');
    assert.equal(Buffer.from(mail.parts[3].base64, 'base64').toString(), '{"hund":"Bello"}');
    assert.deepEqual([mail.parts[4].filename, mail.parts[4].base64], ['leer.txt', '']);
  });

  test('everyone gets it, and nobody sees the blind copies', async () => {
    const mail = await send({
      to: ['"Müller, Anna" <anna@example.test>', 'anna@example.test'], cc: 'Bert <bert@bücher.test>', bcc: ['chris@example.test'],
      replyTo: 'amt@example.test', subject: 'An alle', text: 'x',
    });
    assert.equal((await peer.wait('bert')).length, 1);
    assert.equal((await peer.wait('chris')).length, 1);
    assert.equal(header(mail, 'cc'), 'Bert <bert@xn--bcher-kva.test>');
    assert.equal(header(mail, 'reply-to'), 'amt@example.test');
    assert.equal(header(mail, 'to'), '"Müller, Anna" <anna@example.test>, anna@example.test');
    const blind = (await peer.wait('chris'))[0];
    assert.equal(blind.headers.bcc, undefined);
    assert.doesNotMatch(blind.raw.replace(/^(Envelope-to|Received|\t).*$/gim, ''), /chris/);
  });

  test('every try of a call has the same Message-ID', async () => {
    const before = (await peer.read('bert')).length;
    const first = await house.output('mail.send', { to: 'bert@example.test', subject: 's', text: 't' }, { key: 'same' });
    const second = await house.output('mail.send', { to: 'bert@example.test', subject: 's', text: 't' }, { key: 'same', attempt: 2 });
    const other = await house.output('mail.send', { to: 'bert@example.test', subject: 's', text: 't' }, { key: 'other' });
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
    await peer.wait('bert', before + 3);
  });

  test('a letter from a template, and data that would like to be more than data', async () => {
    const evil = 'Eve\r\nBcc: chris@example.test\r\n\r\n<script>alert(1)</script>" onmouseover="x';
    const mail = await send({ template: 'bescheid', data: { name: evil, hunde: [{ rufname: '<b>Bello</b>' }, { rufname: 'Rex & Co' }] } });
    assert.equal(header(mail, 'subject'), 'Bescheid für Eve Bcc: chris@example.test <script>alert(1)</script>" onmouseover="x');
    assert.equal(mail.headers.bcc, undefined);
    const [text, html] = mail.parts;
    assert.match(text.text, /^\* <b>Bello<\/b> \(Eve/m);
    assert.doesNotMatch(text.text, /keine Hunde/);
    assert.doesNotMatch(html.text, /<script|<b>|" onmouseover/);
    assert.match(html.text, /<li>&lt;b&gt;Bello&lt;\/b&gt;<\/li><li>Rex &amp; Co<\/li>/);
    assert.match(html.text, /title="Eve/);
  });

  test('a letter that is not there, and data that lacks something', async () => {
    const problem = (input) => house.problem('mail.send', { to: 'anna@example.test', ...input });
    assert.equal((await problem({ template: 'nichts', data: {} })).type, 'not-found');
    assert.equal((await problem({ template: '../briefe/bescheid', data: {} })).type, 'input-invalid');
    const lacking = await problem({ template: 'bescheid', data: { name: 'Anna' } });
    assert.equal(lacking.type, 'input-invalid');
    assert.match(lacking.detail, /^bescheid\.txt:2: 'hunde' is not in the data/);
    writeFileSync(path.join(house.folder, 'briefe/kaputt.txt'), 'a\nb {{ name');
    const broken = await problem({ template: 'kaputt', data: {} });
    assert.equal(broken.type, 'config-invalid');
    assert.match(broken.detail, /kaputt\.txt:2: \{\{ is not closed/);
    writeFileSync(path.join(house.folder, 'briefe/kaputt.txt'), 'heil');
  });

  test('nothing in an address, subject or name becomes a header', async () => {
    const wrong = ['a@example.test\r\nBcc: chris@example.test', 'a@example.test, b@example.test', 'a b@example.test', 'a@b@example.test', '<a@example.test', 'a@example.test>', 'aa@', '@example.test',
      'a..b@example.test', 'ä@example.test', 'a@exa mple.test', 'a@-example.test', 'a@[127.0.0.1]', 'x\n<a@example.test>', 'a@example..test', 'a\u0000@example.test'];
    for (const to of wrong) {
      const why = await house.problem('mail.send', { to, subject: 's', text: 't' });
      assert.equal(why.type, 'input-invalid', to);
      assert.match(why.detail, /^to: the address '/, to);
    }
    const mail = await send({ to: '"Anna <x@y>" <anna@example.test>'.replace('<x@y>', '(x)'), subject: 'Eins\r\nBcc: chris@example.test\r\n\r\nBody', text: 't' });
    assert.equal(header(mail, 'subject'), 'Eins Bcc: chris@example.test Body');
    assert.equal(mail.headers.bcc, undefined);
    for (const attachment of [{ name: 'a\r\nX: y', content: '' }, { name: '../a', content: '' }, { name: 'a', content: '', contentType: 'text/plain\r\nX: y' }, { name: 'a', content: '', contentType: 'text/plain\n' }, { name: 'a', content: '', contentType: 'multipart/mixed' }, { name: 'a', base64: '***' }]) {
      const why = await house.problem('mail.send', { to: 'anna@example.test', subject: 's', text: 't', attachments: [attachment] });
      assert.equal(why.type, 'input-invalid', JSON.stringify(attachment));
      assert.match(why.detail, /attachments/);
    }
  });

  test('STARTTLS with a password, TLS from the start, and who is not trusted', async () => {
    const smtp = { url: `smtp://127.0.0.1:${peer.ports.smtp}`, from, caFile: peer.authority.ca, startTls: 'required', user: 'umlauf', password: 'geheim' };
    const mail = { to: 'bert@example.test', subject: 'TLS', text: 't' };
    const before = (await peer.read('bert')).length;
    const tries = async (settings) => {
      const one = new House({ mail: { smtp: { ...smtp, ...settings } } });
      const end = await one.call('mail.send', mail, { key: JSON.stringify(settings) });
      one.close();
      return end;
    };
    assert.equal((await tries({})).problem, undefined);
    assert.equal((await tries({ url: `smtps://127.0.0.1:${peer.ports.smtps}`, startTls: undefined })).problem, undefined);
    const arrived = await peer.wait('bert', before + 2);
    for (const one of arrived.slice(before)) assert.match(one.headers.received.join(' '), /with esmtpsa/);
    const password = (await tries({ password: 'falsch' })).problem;
    assert.deepEqual([password.type, password.status], ['call-refused', 535]);
    const stranger = (await tries({ caFile: undefined })).problem;
    assert.equal(stranger.type, 'call-unreachable');
    assert.match(stranger.detail, /certificate/);
  });

  test('an unknown recipient, and one that is put off', async () => {
    const unknown = await house.problem('mail.send', { to: ['anna@example.test', 'niemand@example.test'], subject: 's', text: 't' });
    assert.deepEqual([unknown.type, unknown.status], ['call-refused', 550]);
    assert.match(unknown.detail, /no such person here/);
    const later = await house.problem('mail.send', { to: 'later@example.test', subject: 's', text: 't' });
    assert.deepEqual([later.type, later.status], ['call-unreachable', 451]);
    assert.match(later.detail, /put off, come back later/);
    assert.equal((await peer.read('anna')).length, count);
  });

  test('what cannot be sent is said', async () => {
    const problem = (input) => house.problem('mail.send', input);
    assert.match((await problem({ to: 'anna@example.test', subject: 's' })).detail, /says nothing/);
    assert.match((await problem({ to: 'anna@example.test', text: 't' })).detail, /no subject/);
    assert.match((await problem({ to: 'anna@example.test', subject: 's', text: 't', template: 'bescheid' })).detail, /takes the place/);
    assert.match((await problem({ subject: 's', text: 't' })).detail, /'to' is missing/);
    const big = { name: 'a', content: 'x'.repeat(9 * 1024 * 1024) };
    assert.equal((await problem({ to: 'anna@example.test', subject: 's', text: 't', attachments: [big, big, big] })).type, 'too-large');
    const empty = new House({});
    assert.match((await empty.problem('mail.send', { to: 'anna@example.test', subject: 's', text: 't' })).detail, /smtp is not configured/);
    empty.close();
  });

  test('the configuration is looked at', async () => {
    const refuse = async (mail, prepare = () => {}) => {
      const one = new House({ mail });
      prepare(one);
      const why = await one.problem('template.echo', { say: 1 });
      one.close();
      assert.equal(why.type, 'config-invalid');
      return why.detail;
    };
    const smtp = { url: 'smtp://mail.example.test', from: 'a@example.test' };
    assert.match(await refuse({ smtp: { ...smtp, from: 'nobody' } }), /smtp\.from: the address 'nobody' has no @/);
    assert.match(await refuse({ smtp: { ...smtp, url: 'http://x' } }), /smtp\/url/);
    assert.match(await refuse({ smtp: { ...smtp, user: 'a', password: 'b', startTls: 'auto' } }), /could be read on the way/);
    assert.match(await refuse({ smtp, templates: 'nicht/da' }), /templates: '.*nicht\/da' cannot be opened/);
    assert.match(await refuse({ smtp, templates: '.' }, (one) => writeFileSync(path.join(one.folder, 'a.html'), '<p>\n<a href={{ x }}>')), /a\.html:2: inside a tag/);
  });
});

describe('mail servers that fail', () => {
  async function problem(replies, options, settings = {}) {
    const peer = await startSmtp(replies);
    const house = new House({ mail: { smtp: { url: peer.url, from: 'a@example.test', ...settings } } });
    const why = await house.problem('mail.send', { to: 'b@example.test', subject: 's', text: 't' }, options);
    house.close();
    await peer.stop();
    return { ...why, mails: peer.mails };
  }

  test('down', async () => {
    const house = new House({ mail: { smtp: { url: 'smtp://127.0.0.1:1', from: 'a@example.test' } } });
    const why = await house.problem('mail.send', { to: 'b@example.test', subject: 's', text: 't' });
    assert.equal(why.type, 'call-unreachable');
    house.close();
  });

  test('slow: at the greeting, at a recipient, after the mail', async () => {
    for (const replies of [{ greeting: null }, { RCPT: null }, { data: null }])
      assert.equal((await problem(replies, { timeoutMs: 200 })).type, 'call-timed-out', JSON.stringify(replies));
  });

  test('cancelled', async () => {
    assert.equal((await problem({ RCPT: null }, { cancelAfterMs: 50 })).type, 'call-timed-out');
  });

  test('refuses for good: in its words and with its code', async () => {
    for (const [replies, code, words] of [
      [{ greeting: '554 we are closed' }, 554, /we are closed/],
      [{ MAIL: '550 not from you' }, 550, /not from you/],
      [{ RCPT: '550-5.1.1 first line\r\n550 5.1.1 second line' }, 550, /first line.*second line/],
      [{ DATA: '554 no data today' }, 554, /no data today/],
      [{ data: '552 too much' }, 552, /too much/],
    ]) {
      const why = await problem(replies);
      assert.deepEqual([why.type, why.status], ['call-refused', code], JSON.stringify(replies));
      assert.match(why.detail, words);
    }
  });

  test('refuses for now: worth another try', async () => {
    for (const [replies, code] of [[{ greeting: '421 too busy' }, 421], [{ RCPT: '451 greylisted' }, 451], [{ data: '452 no room' }, 452]]) {
      const why = await problem(replies);
      assert.deepEqual([why.type, why.status], ['call-unreachable', code], JSON.stringify(replies));
    }
  });

  test('hangs up: before the mail, and after it, when it may be delivered', async () => {
    assert.equal((await problem({ RCPT: 'close' })).type, 'call-broken');
    const why = await problem({ data: 'close' });
    assert.equal(why.type, 'call-broken');
    assert.match(why.detail, /may be delivered/);
    assert.equal(why.mails.length, 1);
  });

  test('does not offer STARTTLS where it is required', async () => {
    const why = await problem({}, {}, { startTls: 'required' });
    assert.equal(why.type, 'call-unreachable');
    assert.match(why.detail, /does not offer STARTTLS/);
    assert.equal(why.mails.length, 0);
  });

  test('is not within network.allow', async () => {
    const house = new House({ mail: { smtp: { url: 'smtp://127.0.0.1:2525', from: 'a@example.test' } } }, { allow: ['127.0.0.1:25'] });
    assert.equal((await house.problem('mail.send', { to: 'b@example.test', subject: 's', text: 't' })).type, 'call-not-allowed');
    house.close();
  });
});
