// The main job, end to end: a signed form comes in, its document is filed, a person decides in the browser, a mail answers, and
// the journal proves all of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startApache } from '../peers/dav.mjs';
import { command } from '../peers/engine.mjs';
import { parseMail, startMail } from '../peers/mail.mjs';
import { launch, newPage, screenshot, signIn } from '../ui/browser.mjs';
import { formOf, openTown, people, reason } from './town.mjs';

const name = 'Ännchen O\'Größe-Müller';
const form = formOf(name);

let mail;
let dav;
let town;
let browser;
let page;
let run;

before(async () => {
  [mail, dav, browser] = await Promise.all([startMail(), startApache(), launch()]);
  town = await openTown({ mail, dav });
});

after(async () => {
  await browser?.close();
  await town?.engine.remove();
  await dav?.stop();
  await mail?.stop();
});

function query(database, sql) {
  return execFileSync('sqlite3', ['-readonly', database, sql], { encoding: 'utf8' }).trim();
}

describe('an e-form becomes a filed, decided and answered case', { timeout: 120000 }, () => {
  test('the signed form is accepted, and its repeat is known', async () => {
    const first = await town.deliver(form, { id: 'msg_story' });
    assert.equal(first.status, 202, JSON.stringify(first.body));
    assert.equal(first.body.runs.length, 1);
    [run] = first.body.runs;
    const repeat = await town.deliver(form, { id: 'msg_story' });
    assert.equal(repeat.status, 200);
    assert.deepEqual(repeat.body, first.body);
    assert.equal((await town.runs()).length, 1);
  });

  test('the document is in the store, with its folder and its content', async () => {
    await town.workOf(run);
    assert.deepEqual(town.documents(name), ['antrag.json']);
    const { type, content } = await town.readDocument(name);
    assert.match(type, /^application\/json/);
    assert.deepEqual(content, form);
  });

  test('a person signs in and finds the item in the inbox', async () => {
    page = await newPage(browser, town.engine.url);
    await signIn(page, people.clerk);
    await page.goto('/#/work');
    const row = page.locator('main tbody tr', { hasText: name });
    await row.waitFor();
    assert.equal(await page.locator('main tbody tr').count(), 1);
    await row.locator('a').click();
    await page.locator('.work__side').waitFor();
  });

  test('claims it and reads the case', async () => {
    await page.locator('.work__side .kern-btn--primary').click();
    await page.locator('.work__side form').waitFor();
    const shown = await page.locator('.work__case').innerText();
    for (const value of [name, form.antragsteller.anschrift, form.hund.name, form.hund.rasse, form.hund.chip]) {
      assert.ok(shown.includes(value), `the case shows "${value}": ${shown}`);
    }
    assert.match(await page.locator('.work__side').innerText(), /§ 4 Hundesteuersatzung/);
    await screenshot(page, 'story-case');
  });

  test('decides with a reason', async () => {
    await page.locator('input[type="radio"][value="genehmigen"]').check();
    await page.locator('.work__side textarea').fill(reason);
    await page.locator('.work__side form button[type="submit"]').click();
    await page.locator('dialog[open]').waitFor();
    assert.ok((await page.locator('dialog[open]').innerText()).includes(reason));
    await page.locator('dialog[open] button[type="submit"]').click();
    await page.locator('.work__side .kern-alert--success').waitFor();
    await screenshot(page, 'story-decided');
    assert.deepEqual(page.wrong, []);
  });

  test('the run is completed, with all its tasks', async () => {
    const done = await town.runIs(run, 'completed');
    assert.deepEqual(done.input, [form]);
    assert.deepEqual(done.tasks.map((task) => [task.name, task.status]), [
      ['Angaben prüfen', 'completed'], ['Akte anlegen', 'completed'], ['Im DMS ablegen', 'completed'],
      ['Antrag prüfen', 'completed'], ['Antwort geben', 'completed'], ['Bescheid senden', 'completed'],
    ]);
    assert.equal(done.error, null);
    assert.equal(done.inDoubt, null);
    assert.deepEqual(
      [done.output.entscheidung.outcome, done.output.entscheidung.by, done.output.entscheidung.reason],
      ['genehmigen', people.clerk.name, reason],
    );
    assert.equal(done.output.akte.id, `Hundesteuer/${name}/antrag.json`);
    assert.deepEqual({ antragsteller: done.output.antragsteller, hund: done.output.hund }, form);
  });

  test('the mail has arrived, one, and says what it must', async () => {
    const raw = await town.mails();
    assert.equal(raw.length, 1);
    const answer = parseMail(raw[0]);
    const { output } = await town.run(run);
    assert.deepEqual(answer.defects, []);
    assert.deepEqual(answer.headers.subject, ['Ihre Anmeldung zur Hundesteuer']);
    assert.deepEqual(answer.headers.from, ['Steueramt der Stadt Müsterstadt <steueramt@example.test>']);
    assert.deepEqual(answer.headers.to, ['anna@example.test']);
    assert.deepEqual(answer.headers['message-id'], [output.mail.messageId]);
    assert.deepEqual(answer.parts.map((part) => part.type), ['text/plain', 'text/html']);
    const [text, html] = answer.parts;
    assert.ok(text.text.includes(`Guten Tag ${name},`), text.text);
    assert.ok(text.text.includes(`wir haben ${form.hund.name} zur Hundesteuer angemeldet`), text.text);
    assert.match(text.text, /Rasse: +Großer Münsterländer/);
    assert.match(html.text, /Bärbel &lt;von &amp; zu&gt;/);
    assert.doesNotMatch(html.text, /<von/);
  });

  test('the journal names the person and the reason', async () => {
    const records = await town.journal(run);
    const completed = records.filter((record) => record.kind === 'work-completed');
    assert.equal(completed.length, 1);
    assert.match(completed[0].actor, new RegExp(`\\b${people.clerk.name}$`));
    assert.equal(completed[0].data.output.reason, reason);
    assert.equal(records[0].kind, 'run-started');
    assert.equal(records.at(-1).kind, 'run-completed');
    assert.ok(records.every((record, i) => record.position === i + 1));
  });
});

describe('the journal proves itself', { timeout: 120000 }, () => {
  let records;

  test('beside the running engine, and after it', async () => {
    await town.proves();
    await town.stop();
    records = await town.proves();
    const counted = query(path.join(town.engine.data, 'umlauf.db'), 'select count(*) from record');
    assert.equal(records, Number(counted));
  });

  /** Changes one byte of `bytes`, where it stands in a copy of the database; gives what verify says. */
  async function verifyWithout(label, bytes, offset) {
    const copy = path.join(town.engine.folder, `copy-${label}`);
    cpSync(town.engine.data, copy, { recursive: true });
    const file = path.join(copy, 'umlauf.db');
    const database = readFileSync(file);
    const at = database.indexOf(bytes);
    assert.ok(at >= 0, `${label} stands in the file`);
    database[at + offset] ^= 1;
    writeFileSync(file, database);
    const { code, stdout, stderr } = await command(['audit', 'verify', '--data', copy]);
    return { code, said: stdout + stderr };
  }

  test('one byte of a record: the record is named', async () => {
    const database = path.join(town.engine.data, 'umlauf.db');
    for (const number of [1, Math.ceil(records / 2), records]) {
      for (const column of ['body', 'hash']) {
        const bytes = Buffer.from(query(database, `select hex(${column}) from record where number = ${number}`), 'hex');
        const { code, said } = await verifyWithout(`${column}-${number}`, bytes, bytes.length >> 1);
        assert.equal(code, 1, said);
        assert.match(said, new RegExp(`record ${number}\\b`), said);
      }
    }
  });

  test('one byte of the reason: its record is named', async () => {
    const database = path.join(town.engine.data, 'umlauf.db');
    const number = query(database, `select min(number) from payload where instr(data, 'Chipnummer') > 0`);
    const { code, said } = await verifyWithout('reason', Buffer.from('Chipnummer'), 0);
    assert.equal(code, 1, said);
    assert.match(said, /record \d+\b/);
    assert.ok(Number(number) > 0);
  });
});
