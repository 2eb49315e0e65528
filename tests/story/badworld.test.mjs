// The story in a world that does not do what it should: each time the case ends as its flow says, the run says in a sentence what is
// wrong, and after the repair it comes to its good end, with nothing done twice.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startApache } from '../peers/dav.mjs';
import { startMail } from '../peers/mail.mjs';
import { until } from '../peers/process.mjs';
import { startSmtp } from '../peers/smtp.mjs';
import { startWeb } from '../peers/web.mjs';
import { startGate } from './gate.mjs';
import { bundledFlow, edit, formOf, openTown } from './town.mjs';

const storeTask = '/do/1/Akte anlegen/try/0/Im DMS ablegen';
const mailTask = '/do/3/Antwort geben/try/0/Bescheid senden';

/** The bundled flow with pauses of a test instead of an office. `attempts`: how often it tries again by itself. */
function hastyFlow({ attempts, mailTimeoutMs }) {
  let flow = edit(bundledFlow(), 'delay: PT10S', 'delay: { milliseconds: 20 }');
  flow = edit(flow, 'attempt: { count: 10 }', `attempt: { count: ${attempts} }`);
  if (!mailTimeoutMs) return flow;
  const call = '            call: mail.send\n';
  return edit(flow, call, `${call}            timeout: { after: { milliseconds: ${mailTimeoutMs} } }\n`);
}

let mail;
let dav;
let smtpGate;
let davGate;
let cases = 0;

before(async () => {
  [mail, dav] = await Promise.all([startMail(), startApache()]);
  smtpGate = await startGate(mail.ports.smtp);
  davGate = await startGate(dav.port);
});

after(async () => {
  await smtpGate?.stop();
  await davGate?.stop();
  await dav?.stop();
  await mail?.stop();
});

/** One case in a town of its own: `story` breaks things and repairs them, until the case can end well. */
async function inTown({ attempts = 2, mailTimeoutMs }, story) {
  const town = await openTown({
    mail,
    dav,
    flow: hastyFlow({ attempts, mailTimeoutMs }),
    smtp: { url: `smtp://127.0.0.1:${smtpGate.port}`, startTls: 'never' },
    davUrl: `http://127.0.0.1:${davGate.port}/`,
  });
  const form = formOf(`Jürgen Pech ${++cases}`);
  const mailsBefore = (await town.mails()).length;
  try {
    const { status, body } = await town.deliver(form);
    assert.equal(status, 202);
    const [run] = body.runs;
    await story(town, run, form);
    await town.runIs(run, 'completed');
    await town.endsWell(form, run, mailsBefore);
    await town.stop();
    await town.proves();
  } finally {
    smtpGate.leadTo(mail.ports.smtp);
    davGate.leadTo(dav.port);
    await town.engine.remove();
  }
}

async function retry(town, run) {
  const { status, body } = await town.ask('operator', 'POST', `runs/${run}/retry`, { reason: 'Der Server ist repariert.' });
  assert.equal(status, 200, JSON.stringify(body));
}

/** Waits until the run has failed at `task`; gives its error. */
async function failedAt(town, run, task) {
  const { error, tasks } = await town.runIs(run, 'faulted');
  assert.equal(error.instance, task);
  const failed = tasks.filter((one) => one.reference === task).at(-1);
  assert.equal(failed.status, 'faulted');
  assert.equal(failed.error.detail, error.detail);
  return error;
}

async function attempts(town, run) {
  return (await town.journal(run)).filter((record) => record.kind === 'task-retried').length;
}

const triedAgain = (town, run) => until('it tries again', async () => (await attempts(town, run)) > 0);

describe('the mail server', { timeout: 120000 }, () => {
  test('is down: tried again, then given up with the reason; sent after the repair', async () => {
    await inTown({}, async (town, run) => {
      await smtpGate.shut();
      await town.decide(run);
      const error = await failedAt(town, run, mailTask);
      assert.equal(error.status, 500);
      assert.match(error.detail, new RegExp(`^no connection to '127.0.0.1:${smtpGate.port}': `));
      assert.equal(await attempts(town, run), 2);
      await smtpGate.open();
      await retry(town, run);
    });
  });

  test('says nothing: the timeout of the flow ends the waiting; not tried again by itself', async () => {
    const silent = await startSmtp({ greeting: null });
    await inTown({ mailTimeoutMs: 1500 }, async (town, run) => {
      smtpGate.leadTo(silent.port);
      await town.decide(run);
      const error = await failedAt(town, run, mailTask);
      assert.equal(error.status, 408);
      assert.match(error.detail, /took longer than its timeout allows|did not answer within/);
      assert.equal(await attempts(town, run), 0);
      smtpGate.leadTo(mail.ports.smtp);
      await retry(town, run);
    });
    await silent.stop();
  });

  test('refuses the recipient: said in its words, and not tried again', async () => {
    const strict = await startSmtp({ RCPT: '550 5.1.1 no such person here' });
    await inTown({}, async (town, run) => {
      smtpGate.leadTo(strict.port);
      await town.decide(run);
      const error = await failedAt(town, run, mailTask);
      assert.equal(error.status, 550);
      assert.match(error.detail, /^'127\.0\.0\.1' says: .*no such person here$/);
      assert.equal(await attempts(town, run), 0);
      assert.equal(strict.mails.length, 0);
      smtpGate.leadTo(mail.ports.smtp);
      await retry(town, run);
    });
    await strict.stop();
  });

  test('puts off (greylisting): the flow tries again by itself', async () => {
    const wary = await startSmtp({ RCPT: '451 4.7.1 greylisted, come back later' });
    await inTown({ attempts: 10 }, async (town, run) => {
      smtpGate.leadTo(wary.port);
      await town.decide(run);
      await triedAgain(town, run);
      smtpGate.leadTo(mail.ports.smtp);
    });
    await wary.stop();
  });

  test('takes the mail and hangs up: never sent again by itself', async () => {
    const gone = await startSmtp({ data: 'close' });
    await inTown({}, async (town, run) => {
      smtpGate.leadTo(gone.port);
      await town.decide(run);
      const error = await failedAt(town, run, mailTask);
      assert.match(error.detail, /took the whole mail but did not confirm it, so it may be delivered/);
      assert.equal(await attempts(town, run), 0);
      assert.equal(gone.mails.length, 1);
      smtpGate.leadTo(mail.ports.smtp);
      await retry(town, run); // the operator has looked: it was lost
    });
    await gone.stop();
  });
});

describe('the document store', { timeout: 120000 }, () => {
  /** What is answered to each method; what is missing gets `otherwise`. */
  const answering = (statuses, otherwise) =>
    startWeb((request, response) => response.writeHead(statuses[request.method] ?? otherwise).end());

  const refusals = [
    ['does not know us (401)', {}, 401, /^'Hundesteuer\/.*' in 'eakte': the user or password is not accepted \(status 401\)$/, 0],
    ['cannot make the folder (409)', { HEAD: 404 }, 409, /^'Hundesteuer.*' in 'eakte': a folder above it is missing and cannot be made \(status 409\)$/, 0],
    ['is full (507)', { HEAD: 404 }, 507, /^'Hundesteuer\/.*' in 'eakte': the server has no space left \(status 507\)$/, 2],
  ];
  for (const [what, statuses, status, words, tries] of refusals) {
    test(`${what}: ${tries > 0 ? 'tried again, then given up' : 'given up at once'}; filed after the repair`, async () => {
      const bad = await answering(statuses, status);
      davGate.leadTo(bad.port);
      await inTown({}, async (town, run, form) => {
        const error = await failedAt(town, run, storeTask);
        assert.equal(error.status, status);
        assert.match(error.detail, words);
        assert.equal(await attempts(town, run), tries);
        assert.deepEqual(town.documents(form.antragsteller.name), []);
        davGate.leadTo(dav.port);
        await retry(town, run);
        await town.decide(run);
      });
      await bad.stop();
    });
  }

  for (const [what, breakOff] of [
    ['breaks off in the middle of the document', () => davGate.breakRequest('PUT')],
    ['takes the document and breaks off its answer', () => davGate.breakAnswer('PUT')],
  ]) {
    test(`${what}: the flow tries again by itself, and there is one document`, async () => {
      davGate.leadTo(dav.port);
      breakOff();
      await inTown({ attempts: 10 }, async (town, run) => {
        await triedAgain(town, run);
        davGate.leadTo(dav.port);
        await town.decide(run);
        const retried = (await town.journal(run)).find((record) => record.kind === 'task-retried');
        assert.match(retried.data.error.detail, /^the exchange with '127\.0\.0\.1:\d+' broke off: /);
      });
    });
  }
});

describe('the folder of flows', { timeout: 120000 }, () => {
  test('has lost the flow when the engine starts again: the case goes on as it began', async () => {
    await inTown({}, async (town, run) => {
      await town.workOf(run);
      await town.stop();
      rmSync(path.join(town.engine.folder, 'workflows'), { recursive: true });
      mkdirSync(path.join(town.engine.folder, 'workflows'));
      await town.engine.launch();
      assert.deepEqual((await town.get('operator', 'flows')).items, []);
      await town.decide(run);
    });
  });
});
