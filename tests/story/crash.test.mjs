// The story with kill -9 at every commit in turn. Each time the case must end as if nothing had happened: one document, one
// decision, one mail, the run completed, a chain that verifies.
//
// kill_at_sync.c ends the engine at the N-th commit of its life, just after it stands, or just before, and then what had not
// been synced is lost. The world around goes on as it would: the e-form server repeats a delivery that was not
// answered, the clerk tries again, and the operator, asked about a mail in doubt, looks into the mailbox before saying what to do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startApache } from '../peers/dav.mjs';
import { parseMail, startMail } from '../peers/mail.mjs';
import { until } from '../peers/process.mjs';
import { formOf, openTown, reason } from './town.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Far more commits than a case has: then the counting is broken. */
const COMMITS_MOST = 60;

let mail;
let dav;
let town;
let kill; // what is set in the engine's environment while it is to be killed
let ends = []; // of the lives to come: { when, at }
const env = {};
const seen = { noAnswer: 0, doubts: { skip: 0, repeat: 0 }, kills: 0 };

function compile(folder) {
  const library = path.join(folder, 'kill_at_sync.so');
  const options = ['-std=gnu17', '-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-fPIC'];
  execFileSync('cc', [...options, '-o', library, path.join(here, 'kill_at_sync.c'), '-ldl', '-lpthread']);
  return {
    LD_PRELOAD: library,
    UMLAUF_SYNCS: path.join(folder, 'syncs'),
    // A library before the sanitizer's own is what it warns of; ours has no part in memory.
    ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':'),
  };
}

/** Whoever gets no answer waits until the engine is there again. */
async function revive(error) {
  if (town.engine.pid !== null && (await Promise.race([town.engine.ended(), fetch(`${town.engine.url}/healthz`).catch(() => null)]))?.ok) {
    throw error;
  }
  const { code, signal } = await town.engine.ended();
  assert.deepEqual([code, signal], [null, 'SIGKILL'], town.engine.stderr());
  seen.noAnswer++;
  await liveAgain();
}

/** The next life; it too may end while it starts. */
async function live() {
  for (const name of Object.keys(kill)) delete env[name];
  if (ends.length > 0) {
    const { when, at } = ends.shift();
    Object.assign(env, kill, { UMLAUF_KILL: when, UMLAUF_KILL_AT: String(at) });
  }
  try {
    await town.engine.launch();
  } catch (error) {
    assert.match(error.message, /the engine ended \(SIGKILL\)/);
    await liveAgain();
  }
}

async function liveAgain() {
  assert.ok('UMLAUF_KILL_AT' in env, `killed by nobody:\n${town.engine.stderr()}`);
  seen.kills++;
  await live();
}

async function claim(item) {
  const { status, body } = await town.ask('clerk', 'POST', `work/${item.id}/claim`, {});
  assert.equal(status, 200, JSON.stringify(body));
}

/** 409 is the answer to a decision that stands already, though nobody heard so. */
async function complete(item) {
  const { status, body } = await town.ask('clerk', 'POST', `work/${item.id}/complete`, { outcome: 'genehmigen', reason });
  assert.ok(status === 200 || (status === 409 && /already/.test(body.detail)), `${status} ${JSON.stringify(body)}`);
}

/** As an operator does it: is the mail there? Then it is not sent again. */
async function resolve(run, mailsBefore) {
  const [doubt] = run.inDoubt;
  assert.equal(doubt.operation, 'mail.send');
  assert.equal(doubt.request.to, 'anna@example.test');
  const sent = (await town.mails()).slice(mailsBefore);
  const body = { frame: doubt.frame, reason: 'Im Postfach nachgesehen.' };
  if (sent.length > 0) {
    seen.doubts.skip++;
    Object.assign(body, { resolution: 'skip', output: { messageId: parseMail(sent[0]).headers['message-id'][0] } });
  } else {
    seen.doubts.repeat++;
    body.resolution = 'repeat';
  }
  const { status, body: answer } = await town.ask('operator', 'POST', `runs/${run.id}/resolve`, body);
  assert.ok(status === 200 || (status === 409 && /not in doubt/.test(answer.detail)), `${status} ${JSON.stringify(answer)}`);
}

/** The whole case, from the form to the answer; whatever happens to the engine meanwhile. */
async function carryOut(form, id, mailsBefore) {
  const { status, body } = await town.deliver(form, { id });
  assert.ok(status === 202 || status === 200, `${status} ${JSON.stringify(body)}`);
  assert.equal(body.runs.length, 1);
  const [run] = body.runs;
  const item = await town.workOf(run);
  await claim(item);
  await complete(item);
  for (;;) {
    const now = await town.runWhen(run, 'it ends or asks', (is) => is.inDoubt !== null || ['completed', 'faulted'].includes(is.status));
    if (now.inDoubt === null) return run;
    await resolve(now, mailsBefore);
  }
}

/** In good order: then it signs its last records, one more commit that it may not survive. */
async function stop() {
  for (;;) {
    try {
      return await town.stop();
    } catch (error) {
      if (error.signal !== 'SIGKILL') throw error;
      await liveAgain();
    }
  }
}

/** A case on fresh data, with these ends of the engine's lives; gives how often it was killed and how many commits its last life made. */
async function caseKilled(...planned) {
  const name = planned.map(({ when, at }) => `${when} ${at}`).join(', ');
  const form = formOf(`Öztürk ${name}`);
  const mailsBefore = (await town.mails()).length;
  const killsBefore = seen.kills;
  await town.engine.kill(); // what a case that failed has left
  rmSync(town.engine.data, { recursive: true });
  cpSync(`${town.engine.data}.fresh`, town.engine.data, { recursive: true });
  ends = planned;
  try {
    await live();
    const run = await carryOut(form, `msg ${name}`, mailsBefore);
    await town.endsWell(form, run, mailsBefore);
    await stop();
    await town.proves();
  } catch (error) {
    throw new Error(`killed just ${name}: ${error.message}`, { cause: error });
  }
  return { kills: seen.kills - killsBefore, commits: Number(readFileSync(kill.UMLAUF_SYNCS, 'utf8')) };
}

before(async () => {
  [mail, dav] = await Promise.all([startMail(), startApache()]);
  town = await openTown({ mail, dav, env, launch: false, revive });
  kill = { ...compile(town.engine.folder), UMLAUF_KILL: '', UMLAUF_KILL_AT: '' };
  cpSync(town.engine.data, `${town.engine.data}.fresh`, { recursive: true });
});

after(async () => {
  await town?.engine.remove();
  await dav?.stop();
  await mail?.stop();
});

describe('kill -9 at every commit', { timeout: 240000 }, () => {
  let commits;

  for (const when of ['after', 'before']) {
    test(`just ${when} it`, async (t) => {
      for (let at = 1; ; at++) {
        assert.ok(at <= COMMITS_MOST, 'there is no end to the commits');
        const end = await caseKilled({ when, at });
        if (end.kills > 0) continue;
        commits = at - 1;
        t.diagnostic(`${commits} commits`);
        assert.ok(commits > 6, `a case has more commits than ${commits}`);
        assert.equal(end.commits, commits, 'none was left out');
        return;
      }
    });
  }

  test('and again at the first commit of the next life, which is about what the first left', async () => {
    for (let at = 1; at <= commits; at++) {
      assert.equal((await caseKilled({ when: 'before', at }, { when: 'after', at: 1 })).kills, 2);
    }
  });

  test('the kills came where it hurts', () => {
    assert.ok(seen.noAnswer > 0, 'requests were left without an answer');
    assert.ok(seen.doubts.skip > 0, 'a mail was sent, and the record of it lost');
    assert.ok(seen.doubts.repeat > 0, 'a mail was recorded as begun, and not sent');
  });
});
