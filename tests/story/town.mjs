// town.mjs - the tax office of the story: the engine with the bundled flow, a mail server, a document store, its people.
//
// The form comes as an e-form server sends it (Standard Webhooks 1.0.0), documents and mails are read back from the servers
// themselves, and everything else goes through the engine's public surface: webhook, API, commands.
import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../peers/engine.mjs';
import { parseMail } from '../peers/mail.mjs';
import { until } from '../peers/process.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const flowFile = 'hundesteuer-anmeldung.yaml';

export const flowName = 'steueramt/hundesteuer-anmeldung';
export const reason = 'Chipnummer geprüft, Haltung im Stadtgebiet: „Größe“ & Rasse plausibel.';
export const people = {
  clerk: { name: 'k.möller', roles: ['sachbearbeitung-steuer'], password: 'apfel-im-september' },
  operator: { name: 'betrieb', roles: ['operator'], password: 'kastanie-im-oktober' },
};

/** What a citizen sends; the mail goes to a mailbox of peers/mail.mjs. */
export function formOf(name) {
  return {
    antragsteller: { name, anschrift: 'Lindenstraße 4, 12345 Müsterstadt', email: 'anna@example.test' },
    hund: { name: 'Bärbel <von & zu>', rasse: 'Großer Münsterländer', chip: '276098100000001', haltungSeit: '2026-05-01' },
  };
}

/** The bundled flow, as it is shipped. */
export function bundledFlow() {
  return readFileSync(path.join(root, 'workflows', flowFile), 'utf8');
}

/** Replaces, and fails when there was nothing to replace: the flow has changed, and the test has to follow. */
export function edit(text, from, to) {
  assert.ok(text.includes(from), `the bundled flow has no "${from}" any more`);
  return text.replaceAll(from, to);
}

/** Nothing is on its way inside of the mail server: what it has taken stands in the mailboxes. */
function isDelivered(mail) {
  const spool = path.join(mail.folder, 'spool/input');
  return !existsSync(spool) || readdirSync(spool).length === 0;
}

export class Town {
  #secret;
  #revive;
  #tokens = {};

  /** `revive(error)` is called when the engine does not answer; then the request is repeated. Without it: thrown. */
  constructor(engine, { mail, dav, secret, revive }) {
    this.engine = engine;
    this.mail = mail;
    this.dav = dav;
    this.#secret = secret;
    this.#revive = revive;
  }

  async makeTokens() {
    for (const [who, person] of Object.entries(people)) this.#tokens[who] = await this.engine.token(person.name);
  }

  async #send(address, options) {
    for (;;) {
      try {
        const response = await fetch(this.engine.url + address, options);
        return { status: response.status, body: JSON.parse((await response.text()) || 'null') };
      } catch (error) {
        if (!this.#revive) throw error;
        await this.#revive(error);
      }
    }
  }

  /** As an e-form server delivers it; a repeat has the same `id`. */
  deliver(form, { id = `msg_${randomUUID()}` } = {}) {
    const body = JSON.stringify(form);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', this.#secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return this.#send('/hooks/hundesteuer', {
      method: 'POST',
      headers: {
        'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}`,
      },
      body,
    });
  }

  ask(who, method, address, body) {
    return this.#send(`/api/v1/${address}`, {
      method,
      headers: { authorization: `Bearer ${this.#tokens[who]}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async get(who, address) {
    const { status, body } = await this.ask(who, 'GET', address);
    assert.equal(status, 200, `GET ${address}: ${JSON.stringify(body)}`);
    return body;
  }

  run(id) {
    return this.get('operator', `runs/${id}`);
  }

  async runs() {
    return (await this.get('operator', `runs?flow=${flowName}`)).items;
  }

  /** Waits until the run is as `fits` says; gives it. What it was instead is told. */
  async runWhen(id, what, fits) {
    let run;
    try {
      return await until(what, async () => {
        run = await this.run(id);
        return fits(run) ? run : null;
      });
    } catch (error) {
      error.message += `: ${JSON.stringify(run, null, 1)}\n${this.engine.stderr()}`;
      throw error;
    }
  }

  runIs(id, status) {
    return this.runWhen(id, `run ${id} is ${status}`, (run) => run.status === status);
  }

  async journal(run) {
    return (await this.get('operator', `runs/${run}/journal?limit=200`)).items;
  }

  /** The one work item of a run, as soon as it is offered. */
  workOf(id) {
    return until(`work of run ${id}`, async () => {
      const { items } = await this.get('operator', `work?run=${id}&state=open,taken,done,withdrawn`);
      assert.ok(items.length < 2, 'a case has one work item');
      return items[0];
    });
  }

  /** What the clerk does, by the API. */
  async decide(id) {
    const item = await this.workOf(id);
    const claim = await this.ask('clerk', 'POST', `work/${item.id}/claim`, {});
    assert.equal(claim.status, 200, JSON.stringify(claim.body));
    const complete = await this.ask('clerk', 'POST', `work/${item.id}/complete`, { outcome: 'genehmigen', reason });
    assert.equal(complete.status, 200, JSON.stringify(complete.body));
  }

  /** Names of what lies in the folder of a person. */
  documents(name) {
    const folder = `Hundesteuer/${name}/`;
    return this.dav.list().filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length));
  }

  /** The document as any WebDAV client gets it. */
  async readDocument(name) {
    const url = this.dav.url + ['Hundesteuer', name, 'antrag.json'].map(encodeURIComponent).join('/');
    const authorization = `Basic ${Buffer.from('umlauf:geheim').toString('base64')}`;
    const response = await fetch(url, { headers: { authorization } });
    assert.equal(response.status, 200, url);
    return { type: response.headers.get('content-type'), content: await response.json() };
  }

  /** Raw, oldest first, when the server has nothing under way. */
  async mails() {
    await until('the mails are delivered', () => isDelivered(this.mail));
    return this.mail.read('anna');
  }

  /** A case that went well, whatever happened on the way: one run, one document, one decision, and one mail since `mailsBefore`. */
  async endsWell(form, run, mailsBefore) {
    const { name } = form.antragsteller;
    const done = await this.run(run);
    assert.equal(done.status, 'completed', JSON.stringify(done.error));
    const last = Object.fromEntries(done.tasks.map((task) => [task.reference, task.status])); // tries that failed stand before
    assert.deepEqual(Object.values(last), Array(6).fill('completed'), JSON.stringify(last));
    assert.deepEqual((await this.runs()).map((one) => one.id), [run], 'one run');

    assert.deepEqual(this.documents(name), ['antrag.json'], 'one document');
    assert.deepEqual((await this.readDocument(name)).content, form);

    const records = await this.journal(run);
    assert.equal(records.filter((record) => record.kind === 'work-completed').length, 1, 'one decision');
    assert.deepEqual([done.output.entscheidung.by, done.output.entscheidung.reason], [people.clerk.name, reason]);

    const mails = (await this.mails()).slice(mailsBefore).map(parseMail);
    assert.equal(mails.length, 1, 'one mail');
    assert.deepEqual(mails[0].headers['message-id'], [done.output.mail.messageId]);
    assert.ok(mails[0].parts[0].text.includes(`Guten Tag ${name},`));
  }

  /** In good order, or thrown with how it ended (`code`, `signal`). */
  async stop() {
    const { code, signal } = await this.engine.stop();
    if (code !== 0) throw Object.assign(new Error(`it ended with ${signal ?? code}:\n${this.engine.stderr()}`), { code, signal });
    assert.doesNotMatch(this.engine.stderr(), /runtime error:|ERROR: \w+Sanitizer/);
  }

  /** What anybody can check afterwards, without the engine. */
  async proves() {
    const verified = await this.engine.command(['audit', 'verify']);
    assert.equal(verified.code, 0, verified.stderr + verified.stdout);
    assert.match(verified.stdout, /^ok: \d+ records$/m);
    const rebuilt = await this.engine.command(['audit', 'rebuild']);
    assert.equal(rebuilt.code, 0, rebuilt.stderr + rebuilt.stdout);
    return Number(/^ok: (\d+) records$/m.exec(verified.stdout)[1]);
  }
}

/** STARTTLS with a certificate that is checked, and a password. */
function safely(mail) {
  return { url: mail.url, startTls: 'required', caFile: mail.authority.ca, user: 'umlauf', password: 'file:secrets/smtp' };
}

/**
 * An engine for the story. `flow`: the text of the flow, usually the bundled one; `smtp`, `davUrl`: when something stands
 * between the engine and the servers; `env`: read at each launch.
 */
export async function openTown({ mail, dav, flow = bundledFlow(), smtp, davUrl = dav.url, env = {}, launch = true, revive }) {
  const secret = randomBytes(32);
  const engine = await start({
    config: {
      webhooks: { hundesteuer: { event: 'form.hundesteuer', verify: { standardWebhooks: { secret: 'file:secrets/hundesteuer' } } } },
      connectors: {
        mail: {
          smtp: { from: 'Steueramt der Stadt Müsterstadt <steueramt@example.test>', ...(smtp ?? safely(mail)) },
          templates: path.join(root, 'workflows/templates'),
        },
        dms: { repositories: { eakte: { webdav: { url: davUrl, user: 'umlauf', password: 'file:secrets/dav' } } } },
      },
      network: { allow: ['127.0.0.1:*'] },
    },
    flows: { [flowFile]: flow },
    files: { 'secrets/hundesteuer': `whsec_${secret.toString('base64')}`, 'secrets/dav': 'geheim', 'secrets/smtp': 'geheim' },
    users: Object.values(people),
    env,
    launch: false,
  });
  const town = new Town(engine, { mail, dav, secret, revive });
  await town.makeTokens();
  if (launch) await engine.launch();
  return town;
}
